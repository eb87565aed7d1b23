// A bucket against the ledger of the state file that delivered to it: what was delivered is there, as it was delivered,
// and nothing is there that was not.
#pragma once

#include "check/finding.hpp"
#include "check/gap_check.hpp"
#include "check/listing.hpp"
#include "check/object_check.hpp"
#include "db/sqlite.hpp"
#include "store/ledger.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::check {

struct ledger_object {
  std::int64_t events = 0;
  std::int64_t text_bytes = 0;
  std::int64_t bytes = 0;
  std::uint32_t text_crc32 = 0;
  bool is_delivered = false;  // false: planned; it may be there or not
  base::sha256_digest sha256{};
};

struct ledger_hour {
  bool is_delivered = false;
  model::marker_kind marker = model::marker_kind::manifest;
};

// What the ledger says of one place: about 250 bytes an object.
struct ledger_view {
  using hour_key = std::pair<model::project_id, model::hour>;

  std::map<std::string, ledger_object, std::less<>> objects;  // by key
  std::map<hour_key, ledger_hour> hours;
};

result<ledger_view> read_ledger(db::database& state, const store::place& in);

// Told of every object and marker that is in the bucket; at the end says what is not.
class ledger_check {
public:
  // `prefix`: of all keys of the place; "" or "analytics/exports".
  ledger_check(const ledger_view& ledger, std::string_view prefix) : ledger_(ledger), prefix_(prefix) {}

  void take_object(const object_facts& found, tally& findings);
  // `body`: nullopt if it could not be read.
  void take_marker(const model::object_name& name, const std::optional<std::string>& body, tally& findings);
  result<void> report_missing(const finding_sink& sink) const;

  // Of one project: a marker is wanted of none of them.
  unmarked_hours unmarked_of(model::project_id project) const;

  // Hours that are planned, or planned again, and wait.
  std::int64_t undelivered_hours() const;

private:
  const ledger_view& ledger_;
  const std::string prefix_;
  std::set<std::string, std::less<>> seen_;
  std::set<ledger_view::hour_key> marked_;
};

}  // namespace spillway::check
