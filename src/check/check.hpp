// Is a bucket right? Works on any bucket that has Amplitude's names: every object is read once, as a stream, in the
// order of projects and hours. What is looked at stands with each part: key_check, object_check, record_check,
// merge_check, marker_check, gap_check, ledger_check.
#pragma once

#include "bucket/bucket.hpp"
#include "check/finding.hpp"
#include "check/gap_check.hpp"
#include "check/ledger_check.hpp"

#include <cstdint>
#include <stop_token>
#include <string>

namespace spillway::check {

enum class duplicates { find, skip };

struct settings {
  std::string prefix;  // of all keys; "" or "analytics/exports"
  gap_rule gaps = gap_rule::bounded;
  check::duplicates duplicates = check::duplicates::find;  // finding them holds a week of events (duplicate_window.hpp)
  std::stop_token stop;
};

struct check_report {
  std::uint64_t objects = 0;  // all that are in the bucket, with those of other names
  std::uint64_t bytes = 0;    // of these
  std::int64_t records = 0;   // lines of events and merges
  std::int64_t hours = 0;     // of a project, with data or a marker
  std::int64_t findings = 0;  // without notes
  std::int64_t notes = 0;
  std::int64_t undelivered_hours = 0;  // that the ledger has planned: nothing is wrong with them; 0 without a ledger
  bool is_right() const { return findings == 0; }
};

// `ledger` may be null. Findings come as they are made, those of one object together; a failure is one of the bucket or
// of `sink`, or errc::interrupted.
result<check_report> check_bucket(bucket::bucket& from, const settings& wanted, const ledger_view* ledger,
                                  const finding_sink& sink);

}  // namespace spillway::check
