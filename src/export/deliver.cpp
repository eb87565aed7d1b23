#include "export/deliver.hpp"

#include "export/object_body.hpp"
#include "model/manifest.hpp"
#include "model/object_key.hpp"

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

class job_delivery {
public:
  job_delivery(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted,
               const bucket::retry_world& world)
      : to_(to), reader_(reader), plan_(plan), wanted_(wanted), world_(world) {}

  result<delivery> run() {
    for (const store::object_row& object : plan_.objects) {
      if (object.delivered_at) {
        continue;
      }
      auto receipt = put_object(object);
      if (!receipt) {
        return base::while_doing(fmt::format("putting {} to {}", object.key, to_.name()), receipt.error());
      }
      done_.objects.push_back({object.id, receipt->etag});
      done_.bytes += object.bytes;
      done_.events += object.events;
    }
    SPILLWAY_TRY(put_marker());
    return std::move(done_);
  }

private:
  // The ledger was written before: whatever is there under the key is either this object, put by a run that was cut off,
  // or somebody else's.
  result<bucket::receipt> put_object(const store::object_row& object) {
    bucket::put_options options = wanted_.put;
    options.sha256 = object.sha256;
    options.condition = bucket::put_options::when::absent;
    auto made = put(object, options);
    if (!made && made.error().code == errc::conflict) {
      SPILLWAY_TRY_ASSIGN(const auto there, find_same(object));
      if (there) {
        return *there;
      }
      if (wanted_.foreign == foreign_objects::refuse) {
        return failure{errc::conflict, "", "another object is there, which the ledger does not know",
                       "check the bucket (spillway check), then run again with --replace-foreign or another destination"};
      }
      // A marker that is there says that the objects which it names are there.
      SPILLWAY_TRY(bucket::with_retries<void>(world_, [&] { return to_.remove(marker_key()); }));
      options.condition = bucket::put_options::when::always;
      made = put(object, options);
    }
    if (!made) {
      return made;
    }
    SPILLWAY_TRY_ASSIGN(const auto there, find_same(object, made->etag));
    if (!there) {
      return failure{errc::corrupt, "", "what the bucket holds after the put is not what was sent",
                     "run the command again; if it stays, check the disk or the server"};
    }
    return made;
  }

  result<bucket::receipt> put(const store::object_row& object, const bucket::put_options& options) {
    object_body body(reader_, {plan_.job.project, plan_.job.hour}, object);
    return bucket::with_retries<bucket::receipt>(world_, [&] { return to_.put(object.key, body, options); });
  }

  // What the bucket holds under the key, if that is this object; nullopt: nothing, or something else. `put_etag` is that
  // of a put which has just been done; empty: none was.
  result<std::optional<bucket::receipt>> find_same(const store::object_row& object, std::string_view put_etag = {}) {
    using head_result = std::optional<bucket::object_info>;
    SPILLWAY_TRY_ASSIGN(const head_result there,
                        bucket::with_retries<head_result>(world_, [&] { return to_.head(object.key); }));
    if (!there || there->bytes != static_cast<std::uint64_t>(object.bytes)) {
      return std::nullopt;
    }
    // Without a recorded checksum (a file that was changed by hand, or put by others; parts of a multipart upload) the
    // bytes themselves are hashed, unless the ETag says that they are those of the put: it was checked as it came.
    base::sha256_digest found{};
    if (there->sha256) {
      found = *there->sha256;
    } else if (!put_etag.empty() && there->etag == put_etag) {
      found = object.sha256;
    } else {
      SPILLWAY_TRY_ASSIGN(found, hash_of(object.key));
    }
    return found == object.sha256 ? std::optional(bucket::receipt{there->etag, there->bytes}) : std::nullopt;
  }

  result<base::sha256_digest> hash_of(const std::string& key) {
    return bucket::with_retries<base::sha256_digest>(world_, [&]() -> result<base::sha256_digest> {
      base::sha256 hash;
      SPILLWAY_TRY(to_.get(key, {}, [&hash](std::string_view piece) -> result<void> {
        hash.update(piece);
        return {};
      }));
      return hash.finish();
    });
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
    options.content_type = plan_.job.marker == store::marker_kind::manifest ? "application/json" : "application/octet-stream";
    options.sha256 = base::sha256_of(text);
    const auto made = bucket::with_retries<bucket::receipt>(world_, [&] {
      bucket::memory_body body(text);
      return to_.put(key, body, options);
    });
    if (!made) {
      return base::while_doing(fmt::format("putting {} to {}", key, to_.name()), made.error());
    }
    return {};
  }

  bucket::bucket& to_;
  db::database& reader_;
  const job_plan& plan_;
  const settings& wanted_;
  const bucket::retry_world& world_;
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

result<delivery> deliver(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted,
                         const bucket::retry_world& world) {
  return job_delivery(to, reader, plan, wanted, world).run();
}

}  // namespace spillway::exporting
