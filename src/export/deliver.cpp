#include "export/deliver.hpp"

#include "export/object_body.hpp"
#include "model/manifest.hpp"
#include "model/object_key.hpp"

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

class job_delivery {
public:
  job_delivery(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted)
      : to_(to), reader_(reader), plan_(plan), wanted_(wanted) {}

  result<delivery> run() {
    for (const store::object_row& object : plan_.objects) {
      if (object.delivered_at) {
        continue;
      }
      auto receipt = put_object(object);
      if (!receipt) {
        return receipt.error();
      }
      done_.objects.push_back({object.id, receipt->etag});
      done_.bytes += object.bytes;
      done_.events += object.events;
    }
    SPILLWAY_TRY(put_marker());
    return std::move(done_);
  }

private:
  // The ledger was written before: whatever is there under the key is either this object, put by a run that was cut
  // off, or somebody else's.
  result<bucket::receipt> put_object(const store::object_row& object) {
    bucket::put_options options = wanted_.put;
    options.sha256 = object.sha256;
    options.part_sha256s = object.part_sha256s;
    options.condition = bucket::put_options::when::absent;
    auto made = put(object, options);
    if (!made && made.error().code == errc::conflict) {
      SPILLWAY_TRY_ASSIGN(const found there, look(object));
      if (there.what == found::kind::same) {
        return there.receipt;
      }
      if (there.what == found::kind::nothing) {
        return failure{errc::unavailable, "putting " + object.key,
                       "the bucket says that something is there, and nothing is", "run the command again"};
      }
      if (wanted_.foreign == foreign_objects::refuse) {
        return failure{
            errc::conflict, "putting " + object.key, "another object is there, which the ledger does not know",
            "check the bucket (spillway check), then run again with --replace-foreign or another destination"};
      }
      // A marker that is there says that the objects which it names are there.
      SPILLWAY_TRY(to_.remove(marker_key()));
      options.condition = bucket::put_options::when::always;
      made = put(object, options);
    }
    if (!made) {
      return made;
    }
    SPILLWAY_TRY_ASSIGN(const found there, look(object, made->etag));
    if (there.is_unencrypted) {
      return failure{errc::invalid, "putting " + object.key, "it is stored without the encryption that was asked for",
                     "this server passes --sse over: leave it out, or deliver elsewhere"};
    }
    if (there.what != found::kind::same) {
      return failure{errc::corrupt, "putting " + object.key, "what the bucket holds after it is not what was sent",
                     "run the command again; if it stays, check the disk or the server"};
    }
    return made;
  }

  result<bucket::receipt> put(const store::object_row& object, const bucket::put_options& options) {
    object_body body(reader_, {plan_.job.project, plan_.job.hour}, object);
    return to_.put(object.key, body, options);
  }

  // What the bucket holds under an object's key.
  struct found {
    enum class kind { nothing, same, other } what = kind::nothing;
    bucket::receipt receipt;      // of `same`
    bool is_unencrypted = false;  // and should not be
  };

  // `put_etag` is that of a put which has just been done; empty: none was.
  result<found> look(const store::object_row& object, std::string_view put_etag = {}) {
    SPILLWAY_TRY_ASSIGN(const auto there, to_.head(object.key));
    if (!there) {
      return found{};
    }
    if (there->bytes != static_cast<std::uint64_t>(object.bytes)) {
      return found{found::kind::other, {}, false};
    }
    SPILLWAY_TRY_ASSIGN(const bool is_same, has_hash_of(object, *there, put_etag));
    const bool is_unencrypted =
        wanted_.put.encryption != bucket::encryption::bucket_default && there->encryption == bucket::encryption::none;
    return found{is_same ? found::kind::same : found::kind::other, {there->etag, there->bytes}, is_unencrypted};
  }

  result<bool> has_hash_of(const store::object_row& object, const bucket::object_info& there,
                           std::string_view put_etag) {
    if (there.sha256) {
      return *there.sha256 == object.sha256;
    }
    if (there.sha256_of_parts && !object.part_sha256s.empty()) {
      return *there.sha256_of_parts == base::sha256_of_digests(object.part_sha256s);
    }
    // Without a recorded checksum (a file that was changed by hand, or put by others) the bytes themselves are hashed,
    // unless the ETag says that they are those of the put: it was checked as it came.
    if (!put_etag.empty() && there.etag == put_etag) {
      return true;
    }
    base::sha256 hash;
    SPILLWAY_TRY(to_.get(object.key, {}, [&hash](std::string_view piece) -> result<void> {
      hash.update(piece);
      return {};
    }));
    return hash.finish() == object.sha256;
  }

  std::string marker_key() const {
    return model::to_key({model::object_kind::marker, plan_.job.project, plan_.job.hour, 0}, wanted_.prefix);
  }

  result<void> put_marker() {
    if (plan_.job.marker == store::marker_kind::off) {
      return {};
    }
    const std::string key = marker_key();
    const std::string text = marker_body(plan_);
    bucket::put_options options = wanted_.put;
    options.content_type =
        plan_.job.marker == store::marker_kind::manifest ? "application/json" : "application/octet-stream";
    options.sha256 = base::sha256_of(text);
    bucket::memory_body body(text);
    SPILLWAY_TRY(to_.put(key, body, options));
    return {};
  }

  bucket::bucket& to_;
  db::database& reader_;
  const job_plan& plan_;
  const settings& wanted_;
  delivery done_;
};

}  // namespace

std::string marker_body(const job_plan& plan) {
  if (plan.job.marker != store::marker_kind::manifest) {
    return {};
  }
  model::manifest made{plan.job.project, plan.job.hour, {}};
  for (const store::object_row& each : plan.objects) {
    made.objects.push_back(
        {each.key, each.events, each.text_bytes, each.text_crc32, each.bytes, base::sha256_hex(each.sha256)});
  }
  return model::to_json(made);
}

result<delivery> deliver(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted) {
  auto made = job_delivery(to, reader, plan, wanted).run();
  return made ? std::move(made) : base::while_doing("delivering to " + to.name(), std::move(made).error());
}

}  // namespace spillway::exporting
