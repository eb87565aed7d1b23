// What tells one state of a file from another without reading it.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spillway::fs {

struct file_identity {
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // mtime, nanoseconds since 1970
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

enum class entry_kind { file, directory, link, other };

struct entry_state {
  entry_kind kind = entry_kind::other;
  file_identity identity;
};

// The state of an open file.
result<entry_state> state_of(int file);

// The state of `name` in an open directory; a symbolic link is not followed. nullopt: nothing is there.
result<std::optional<entry_state>> state_of(int directory, const std::string& name);

}  // namespace spillway::fs
