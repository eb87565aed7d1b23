// A command line cut into words as AWS's own tools cut one: by Python's shlex, which knows quotes and backslashes, and
// replaces nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bucket {

// {"sh", "-c", "a $b"} of: sh -c 'a $b'. nullopt: a quote that does not end, or a backslash at the end.
std::optional<std::vector<std::string>> shell_words(std::string_view line);

}  // namespace spillway::bucket
