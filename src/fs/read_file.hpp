// Small files read whole, with a limit: settings, requests, metadata.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace spillway::fs {

// All bytes of a file that the operator named; symbolic links are followed. errc::not_found: no such file.
// errc::too_large: it has more than `bytes_max`.
result<std::string> read_file(const std::filesystem::path& path, std::uint64_t bytes_max);

// The same of the regular file `name` in an open directory; a symbolic link is not followed, and anything but a regular
// file is errc::not_found.
result<std::string> read_file(int directory, const std::string& name, std::uint64_t bytes_max);

}  // namespace spillway::fs
