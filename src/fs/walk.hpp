// The regular files below a directory, in byte order of their relative paths ('/' between segments): the order in which
// S3 lists keys, and the same on every machine. Symbolic links, devices and pipes are left out, also as directories.
#pragma once

#include "base/result.hpp"
#include "fs/file_identity.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::fs {

struct found_file {
  std::string path;  // "2020/01/events.jsonl"
  file_identity identity;
};

// Asked about every path before anything else is spent on it; a directory's ends in '/' ("2020/01/"), and "no" leaves
// out all below it.
using path_filter = std::function<bool(std::string_view path)>;

enum class walk_step { go_on, stop };
using file_visitor = std::function<result<walk_step>(const found_file& file)>;

// Shows the files that `wanted` takes to `visit`. Ends with the first failure of `visit`, or when it says stop. What is
// removed meanwhile is left out. errc::too_large: a path of 4,096 bytes or more.
result<void> walk(int root, const path_filter& wanted, const file_visitor& visit);

using path_sink = std::function<void(std::string_view path)>;

// All of them at once, below a directory that the operator named (a symbolic link to it is followed). `left_out` is
// told of links, devices and pipes that `wanted` would take; empty: nobody is.
result<std::vector<found_file>> files_below(const std::filesystem::path& root, const path_filter& wanted,
                                            const path_sink& left_out = {});

}  // namespace spillway::fs
