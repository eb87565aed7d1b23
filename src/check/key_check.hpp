// What the key of an object says, and what it was probably meant to say if it says nothing.
//
//   1/1_2020-01-25_9#1.json.gz       right
//   1/1_2020-01-25_09#1.json.gz      a padded hour
//   1/1_2020-01-25_9%231.json.gz     '#' as it stands in an address
//   2/1_2020-01-25_9#1.json.gz       the folder of another project
//   spillway-organization.json       the organization's claim on the bucket, at its root alone (model/claim.hpp)
//   183047/183047_2020-01-25_9.json.gz   right: merges of an organization whose export was set up before organizations
//                                        had a scope of their own; the scope is the number in the name
#pragma once

#include "model/object_key.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::check {

struct key_reading {
  std::optional<model::object_name> name;  // none: not one of the three kinds, also not nearly
  bool is_claim = false;                   // then there is no name
  std::int64_t scope = 0;                  // of merges: what their records must say; negative but for the old names
  std::string trouble;                     // why the key is not as it should be; empty if it is
  std::string should_be;                   // the key it should be; set if `trouble` is
};

key_reading read_key(std::string_view key);

}  // namespace spillway::check
