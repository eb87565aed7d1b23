// The object that says whose bucket it is: one organization delivers to a bucket, and no other. It lies at the bucket's
// root, whatever prefixes its connections have. Its body, one line:
//
//     {"version":1,"organization":36958,"name":"Example","claimed_at":"2023-08-25T12:00:00Z",
//      "installation":"2023-08-25T11:58:03.120345"}
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/project.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::model {

// No key of events, merges or a marker, with or without a prefix: these end in ".json.gz" or "_complete".
inline constexpr std::string_view claim_key = "spillway-organization.json";
inline constexpr std::size_t claim_bytes_max = std::size_t{16} << 10;  // ours are below 2 KiB

struct claim {
  organization owner;
  base::instant claimed_at;    // whole seconds
  std::string installation{};  // whose state file has put it, by store::installation_of(); empty: not said
};

// Ends in '\n'. What is not printable in the name is written as base::printable shows it; at most 200 bytes of it.
std::string to_json(const claim& value);

// errc::invalid: not a claim, or of a later version; the cause says what it lacks. Further members are passed over.
result<claim> parse_claim(std::string_view text);

}  // namespace spillway::model
