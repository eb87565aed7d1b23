// What is in a bucket, from its listing alone: folders, and in each its objects in the order of hours. A listing is in
// byte order, in which hour 10 of a day stands before hour 9; so names are gathered first: 32 bytes an object.
#pragma once

#include "bucket/bucket.hpp"
#include "check/finding.hpp"
#include "model/object_key.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::check {

struct listing_entry {
  std::int64_t hour = 0;    // model::hour::number
  std::uint64_t bytes = 0;  // as listed
  int partition = 0;
  model::object_kind kind = model::object_kind::events;
};

// The objects of one project, or the merges of one organization.
struct listing_folder {
  std::string path;                      // "analytics/1", "-189524"
  std::int64_t owner = 0;                // positive
  std::int64_t scope = 0;                // what merges in it must say
  std::vector<listing_entry> entries;    // by hour; in an hour objects by partition, then the marker

  std::string key_of(const listing_entry& entry) const;
  model::object_name name_of(const listing_entry& entry) const;
};

struct listing {
  std::map<std::string, listing_folder> folders;    // by path
  std::uint64_t objects = 0;                        // all that were listed
  std::uint64_t bytes = 0;
};

// Lists everything below `prefix` ("" or "analytics"). Names that are not right are reported, and left out.
result<listing> list_bucket(bucket::bucket& from, std::string_view prefix, const finding_sink& sink);

// Calls `each` for every object below `prefix`.
result<void> for_each_object(bucket::bucket& from, std::string_view prefix, const bucket::object_visitor& each);

}  // namespace spillway::check
