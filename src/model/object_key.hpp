// The grammar of object keys, both ways. Source: the specification's "Raw event file and data format", "'Complete'
// files" and "Merged Amplitude IDs file"; the folder before the name as in Amplitude's GCS page and in real buckets.
//
//   events  analytics/187520/187520_2020-01-25_17#1.json.gz  {prefix/}{project}/{project}_{yyyy-MM-dd}_{H}#{n}.json.gz
//   marker  analytics/187520/187520_2020-01-25_17_complete   {prefix/}{project}/{project}_{yyyy-MM-dd}_{H}_complete
//   merges  analytics/-189524/-189524_2020-01-25_17.json.gz  {prefix/}-{org}/-{org}_{yyyy-MM-dd}_{H}.json.gz
//
// H has no leading zero. '#' is literal in the key ("%23" on the wire).
#pragma once

#include "model/hour.hpp"
#include "model/project.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::model {

enum class object_kind { events, marker, merges };

// What a key says. `partition` is only of events; `owner` is the project, of merges the organization (positive).
struct object_name {
  object_kind kind = object_kind::events;
  std::int64_t owner = 0;
  model::hour hour;
  int partition = 0;
  friend bool operator==(const object_name&, const object_name&) = default;
};

// The key below `prefix` ("" or "analytics/exports", without slashes at its ends).
std::string to_key(const object_name& name, std::string_view prefix);
std::string marker_key(project_id project, model::hour hour, std::string_view prefix);

// Reads a key of any prefix; nullopt if it is none of the three kinds. The folder must repeat the owner, except that a
// bare file name is taken too.
std::optional<object_name> parse_key(std::string_view key);

}  // namespace spillway::model
