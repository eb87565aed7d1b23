#include "export/deliver.hpp"

#include "export/object_body.hpp"
#include "model/manifest.hpp"
#include "model/object_key.hpp"

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

class job_delivery {
public:
  job_delivery(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted, const retry_world& world)
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
      SPILLWAY_TRY_ASSIGN(const auto there, head(object.key));
      if (there && is_same(*there, object)) {
        return bucket::receipt{there->etag, there->bytes};
      }
      if (wanted_.foreign == foreign_objects::refuse) {
        return failure{errc::conflict, "", "another object is there, which the ledger does not know",
                       "check the bucket (spillway check), then run again with --replace-foreign or another destination"};
      }
      options.condition = bucket::put_options::when::always;
      made = put(object, options);
    }
    if (!made) {
      return made;
    }
    SPILLWAY_TRY_ASSIGN(const auto there, head(object.key));
    if (!there || !is_same(*there, object)) {
      return failure{errc::corrupt, "", "what the bucket holds after the put is not what was sent",
                     "run the command again; if it stays, check the disk or the server"};
    }
    return made;
  }

  result<bucket::receipt> put(const store::object_row& object, const bucket::put_options& options) {
    object_body body(reader_, {plan_.job.project, plan_.job.hour}, object);
    return with_retries<bucket::receipt>(world_, [&] { return to_.put(object.key, body, options); });
  }

  result<std::optional<bucket::object_info>> head(const std::string& key) {
    return with_retries<std::optional<bucket::object_info>>(world_, [&] { return to_.head(key); });
  }

  // Without a recorded checksum (a file that was changed by hand, or put by others) the bytes themselves are hashed.
  bool is_same(const bucket::object_info& there, const store::object_row& object) {
    if (there.bytes != static_cast<std::uint64_t>(object.bytes)) {
      return false;
    }
    if (there.sha256) {
      return *there.sha256 == object.sha256;
    }
    base::sha256 hash;
    const auto read = to_.get(object.key, {}, [&hash](std::string_view piece) -> result<void> {
      hash.update(piece);
      return {};
    });
    return read && hash.finish() == object.sha256;
  }

  result<void> put_marker() {
    if (plan_.job.marker == store::marker_kind::off) {
      return {};
    }
    const std::string key = model::to_key({model::object_kind::marker, plan_.job.project, plan_.job.hour, 0}, wanted_.prefix);
    const std::string text = marker_body(plan_);
    bucket::put_options options = wanted_.put;
    options.content_type = plan_.job.marker == store::marker_kind::manifest ? "application/json" : "application/octet-stream";
    options.sha256 = base::sha256_of(text);
    const auto made = with_retries<bucket::receipt>(world_, [&] {
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
  const retry_world& world_;
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
                         const retry_world& world) {
  return job_delivery(to, reader, plan, wanted, world).run();
}

}  // namespace spillway::exporting
