// Organizations and projects, and what is fixed for a project once it has an event.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::model {

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
std::string_view to_string(record_form form);
std::optional<record_form> parse_record_form(std::string_view text);
constexpr int first_partition(record_form form) { return form == record_form::documented ? 1 : 0; }

// The engine that compresses a project's segments: 0 is ISA-L level 1 ("fast"), 1 to 9 are zlib's levels.
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
std::string_view to_string(project_kind kind);
std::optional<project_kind> parse_project_kind(std::string_view text);

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
