#include "check/ledger_check.hpp"

#include "base/bytes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::check {
namespace {

// What of an object is not as the ledger says; empty if all is.
std::string difference(const ledger_object& said, const object_facts& found) {
  if (said.bytes != static_cast<std::int64_t>(found.bytes)) {
    return fmt::format("{} bytes were delivered, {} are there", said.bytes, found.bytes);
  }
  if (said.sha256 != found.sha256) {
    return fmt::format("the sha256 {} was delivered, {} is there", base::sha256_hex(said.sha256),
                       base::sha256_hex(found.sha256));
  }
  if (!found.is_readable) {
    return {};
  }
  if (said.events != found.lines) {
    return fmt::format("the ledger counts {} events, {} are there", said.events, found.lines);
  }
  if (said.text_bytes != static_cast<std::int64_t>(found.text_bytes) || said.text_crc32 != found.text_crc32) {
    return fmt::format("the ledger says {} bytes of text with the CRC-32 {}, there are {} with {}", said.text_bytes,
                       base::to_hex(said.text_crc32), found.text_bytes, base::to_hex(found.text_crc32));
  }
  return {};
}

}  // namespace

result<ledger_view> read_ledger(db::database& state, const store::place& in) {
  ledger_view ledger;
  SPILLWAY_TRY_ASSIGN(const std::vector<store::object_row> objects, store::list_objects_of(state, in));
  for (const store::object_row& row : objects) {
    const ledger_object said{row.events, row.text_bytes, row.bytes, row.text_crc32, row.delivered_at.has_value(),
                             row.sha256};
    const auto [known, is_new] = ledger.objects.try_emplace(row.key, said);
    // The file of an hour's merges is put for each connection of the organization; the one that knows most is there.
    const auto rank = [](const ledger_object& of) { return std::pair(of.is_delivered, of.events); };
    if (!is_new && rank(known->second) < rank(said)) {
      known->second = said;
    }
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<store::job_row> jobs, store::list_jobs(state));
  for (const store::job_row& row : jobs) {
    if (row.place == in && row.kind == store::job_kind::events) {
      ledger.hours[{row.project, row.hour}] = {row.state == store::job_state::delivered, row.marker};
    }
  }
  return ledger;
}

void ledger_check::take_object(const object_facts& found, tally& findings) {
  if (found.presence == presence::gone) {
    return;
  }
  const auto said = ledger_.objects.find(found.key);
  if (said == ledger_.objects.end()) {
    findings.add(finding_kind::foreign, {}, 0, "the ledger does not name it");
    return;
  }
  seen_.insert(found.key);
  if (found.presence == presence::unread) {
    return;
  }
  // Of a planned object that is not delivered, an earlier attempt may have left something else.
  if (said->second.is_delivered) {
    if (const std::string what = difference(said->second, found); !what.empty()) {
      findings.add(finding_kind::ledger, {}, 0, what);
    }
  }
}

void ledger_check::take_marker(const model::object_name& name, const std::optional<std::string>& body,
                               tally& findings) {
  const ledger_view::hour_key hour{name.owner, name.hour};
  marked_.insert(hour);
  const auto said = ledger_.hours.find(hour);
  if (said == ledger_.hours.end()) {
    findings.add(finding_kind::foreign, {}, 0, "the ledger has no such hour");
    return;
  }
  if (!body || !said->second.is_delivered) {
    return;
  }
  if (said->second.marker == model::marker_kind::manifest && body->empty()) {
    findings.add(finding_kind::ledger, {}, 0, "a manifest was delivered, and it is empty");
  } else if (said->second.marker == model::marker_kind::empty && !body->empty()) {
    findings.add(finding_kind::ledger, {}, 0, fmt::format("it was delivered empty, and has {} bytes", body->size()));
  }
}

result<void> ledger_check::report_missing(const finding_sink& sink) const {
  for (const auto& [key, said] : ledger_.objects) {
    if (said.is_delivered && !seen_.contains(key)) {
      SPILLWAY_TRY(sink({finding_kind::ledger, key, 0, "it was delivered, and is not there", 1}));
    }
  }
  for (const auto& [hour, said] : ledger_.hours) {
    if (said.is_delivered && said.marker != model::marker_kind::off && !marked_.contains(hour)) {
      const std::string key = model::marker_key(hour.first, hour.second, prefix_);
      SPILLWAY_TRY(sink({finding_kind::ledger, key, 0, "the hour was delivered, and its marker is not there", 1}));
    }
  }
  return {};
}

unmarked_hours ledger_check::unmarked_of(model::project_id project) const {
  unmarked_hours unmarked;
  for (auto at = ledger_.hours.lower_bound({project, model::hour_range().first});
       at != ledger_.hours.end() && at->first.first == project; ++at) {
    if (at->second.marker == model::marker_kind::off) {
      unmarked.insert(at->first.second);
    }
  }
  return unmarked;
}

std::int64_t ledger_check::undelivered_hours() const {
  return std::ranges::count_if(ledger_.hours, [](const auto& each) { return !each.second.is_delivered; });
}

}  // namespace spillway::check
