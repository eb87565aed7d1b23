// Organizations and projects, and what is fixed for a project once it has an event.
#pragma once

#include "base/names.hpp"
#include "base/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::model {

using base::to_string;

// Positive; Amplitude's are 6 to 9 digits. At most 2^53 - 1, so that every JSON reader keeps it.
using project_id = std::int64_t;
using organization_id = std::int64_t;
inline constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

// How an event is written.
enum class record_form {
  documented,  // the specification's JSON object schema: 48 keys, its order, "2015-08-10T12:00:00.000000", first
               // partition 1
  observed,    // what real buckets hold: 55 keys, ASCII order, "2015-08-10 12:00:00.000000", first partition 0
};
constexpr std::array<std::string_view, 2> names_of(record_form) { return {"documented", "observed"}; }
constexpr int first_partition(record_form form) { return form == record_form::documented ? 1 : 0; }

// The engine that compresses a project's segments: 0 is our own ("fast", codec/line_matcher.hpp), 1 to 9 are zlib's levels.
struct compression {
  int level = 0;
  friend bool operator==(const compression&, const compression&) = default;
};
std::string to_string(compression which);
std::optional<compression> parse_compression(std::string_view text);

struct organization {
  organization_id id = 0;
  std::string name;
  std::vector<std::string> administrators{};  // mail addresses
};

enum class project_kind {
  source,
  portfolio,  // gathers other projects, and can be no source of an export
};
constexpr std::array<std::string_view, 2> names_of(project_kind) { return {"source", "portfolio"}; }

struct project {
  project_id id = 0;
  organization_id organization = 0;
  record_form form = record_form::documented;
  compression engine;
  std::int64_t events = 0;  // stored ones; form and engine are fixed once this is not 0
  std::string name{};
  project_kind kind = project_kind::source;
};

}  // namespace spillway::model
