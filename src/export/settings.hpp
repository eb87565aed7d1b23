// What a delivery is told: where to, which hours, and how objects and markers look.
#pragma once

#include "bucket/bucket.hpp"
#include "model/project.hpp"
#include "store/ledger.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace spillway::exporting {

// Compressed bytes of an object, unless said otherwise: readers that load a whole file still can.
inline constexpr std::int64_t object_bytes_max_default = std::int64_t{256} << 20;

// Late events of a delivered hour are gathered, so that they make at most one partition in this time.
inline constexpr auto late_partition_interval = std::chrono::hours{1};

enum class open_hours { leave, close };
enum class gaps { bounded, all };
enum class foreign_objects { refuse, replace };
enum class part_hashes { leave, record };  // record: objects will go to S3, large ones in parts

struct settings {
  store::place place;  // as the ledger names it
  std::string prefix;       // of all keys; "" or "analytics/exports"
  std::optional<model::project_id> only_project;
  store::marker_kind marker = store::marker_kind::manifest;
  std::int64_t object_bytes_max = object_bytes_max_default;
  std::chrono::seconds settling{0};  // after its end, until an hour counts as closed
  open_hours open = open_hours::leave;
  gaps fill = gaps::bounded;
  foreign_objects foreign = foreign_objects::refuse;
  part_hashes parts = part_hashes::leave;
  bucket::put_options put;  // encryption of every object and marker
  std::size_t threads = 1;
};

}  // namespace spillway::exporting
