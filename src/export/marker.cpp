#include "export/marker.hpp"

#include "model/manifest.hpp"
#include "model/object_key.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

// The first bytes of what is under the marker's key; nullopt: nothing is.
result<std::optional<std::string>> read_marker(bucket::bucket& in, const std::string& key, std::size_t bytes_max) {
  std::string there;
  const auto read = in.get(key, {0, bytes_max}, [&there](std::string_view piece) -> result<void> {
    there += piece;
    return {};
  });
  if (!read && read.error().code == errc::not_found) {
    return std::optional<std::string>();
  }
  return read ? result<std::optional<std::string>>(std::move(there)) : read.error();
}

// The first object that a marker lists and the ledger does not know. What is no manifest lists nothing.
std::optional<std::string> find_unknown(std::string_view marker, const job_plan& plan) {
  const auto listed = model::parse_manifest(marker);
  if (!listed) {
    return std::nullopt;
  }
  for (const model::manifest_object& each : listed->objects) {
    if (!is_named(plan, each.key)) {
      return each.key;
    }
  }
  return std::nullopt;
}

// What was delivered of the hour before has put the marker that is there.
bool was_delivered(const job_plan& plan) {
  return std::ranges::any_of(plan.objects, [](const store::object_row& each) { return each.delivered_at.has_value(); });
}

}  // namespace

std::string marker_key(const job_plan& plan, const settings& wanted) {
  return model::marker_key(plan.job.project, plan.job.hour, wanted.prefix);
}

std::string marker_body(const job_plan& plan) {
  if (plan.job.marker != model::marker_kind::manifest) {
    return {};
  }
  model::manifest made{plan.job.project, plan.job.hour, {}};
  for (const store::object_row& each : plan.objects) {
    made.objects.push_back(
        {each.key, each.events, each.text_bytes, each.text_crc32, each.bytes, base::sha256_hex(each.sha256)});
  }
  return model::to_json(made);
}

result<bool> is_marker_right(bucket::bucket& in, const job_plan& plan, const settings& wanted) {
  if (plan.job.marker == model::marker_kind::off) {
    return true;
  }
  const std::string body = marker_body(plan);
  SPILLWAY_TRY_ASSIGN(const auto there, read_marker(in, marker_key(plan, wanted), body.size() + 1));
  return there == body;
}

result<bool> lists_unknown(bucket::bucket& in, const job_plan& plan, const settings& wanted) {
  if (was_delivered(plan)) {
    return false;
  }
  SPILLWAY_TRY_ASSIGN(const auto there, read_marker(in, marker_key(plan, wanted), model::marker_bytes_max));
  return find_unknown(there.value_or(""), plan).has_value();
}

result<void> put_marker(bucket::bucket& to, const job_plan& plan, const settings& wanted) {
  const std::string key = marker_key(plan, wanted);
  const std::string text = marker_body(plan);
  bucket::put_options options = wanted.put;
  options.content_type =
      plan.job.marker == model::marker_kind::manifest ? "application/json" : "application/octet-stream";
  options.sha256 = base::sha256_of(text);
  bucket::memory_body body(text);
  if (wanted.foreign == model::foreign_objects::refuse && !was_delivered(plan)) {
    options.condition = bucket::put_options::when::absent;
    const auto made = to.put(key, body, options);
    if (made || made.error().code != errc::conflict) {
      return made ? result<void>() : made.error();
    }
    SPILLWAY_TRY_ASSIGN(const auto there, read_marker(to, key, model::marker_bytes_max));
    if (there == text && options.encryption == bucket::encryption::bucket_default) {
      return {};  // put by a run that was cut off, or by ourselves, and the answer was lost
    }
    if (const auto unknown = find_unknown(there.value_or(""), plan)) {
      return foreign_failure(
          plan, wanted, key,
          fmt::format("the marker that is there lists {}, which the ledger does not know", *unknown));
    }
    options.condition = bucket::put_options::when::always;
  }
  SPILLWAY_TRY(to.put(key, body, options));
  return {};
}

failure foreign_failure(const job_plan& plan, const settings& wanted, const std::string& key, std::string cause) {
  const std::string day = model::to_date(plan.job.hour);
  std::string hint =
      wanted.kind == model::connection_kind::scheduled
          ? fmt::format(
                "look at it (spillway check), and move it away or have it replaced: spillway backfill {} --from "
                "{} --to {} --replace-foreign",
                plan.job.connection_id, day, day)
          : "check the bucket (spillway check), then run again with --replace-foreign or another destination";
  return {errc::conflict, "putting " + key, std::move(cause), std::move(hint)};
}

}  // namespace spillway::exporting
