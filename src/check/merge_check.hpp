// The lines of merges objects. Source: the specification's "Merged Amplitude IDs file". One record:
//
//   {"scope":-189524,"merge_time":1579971600000,"merge_server_time":1579971603000,"amplitude_id":9,
//    "merged_amplitude_id":8}      (here on two lines)
#pragma once

#include "check/finding.hpp"
#include "model/hour.hpp"
#include "record/json.hpp"

#include <array>
#include <cstdint>
#include <set>
#include <string_view>

namespace spillway::check {

// Reusable; not thread-safe.
class merge_check {
public:
  // Begins an object: `scope` and the hour of merge_server_time (epoch milliseconds) are what its records must say.
  void open(std::int64_t scope, model::hour hour);

  void check(std::int64_t line, std::string_view text, tally& findings);

private:
  // 40 bytes a merge of the object at hand.
  using numbers = std::array<std::int64_t, 5>;

  std::int64_t scope_ = 0;
  model::hour hour_;
  std::set<numbers> seen_;
  record::json_parser parser_;
};

}  // namespace spillway::check
