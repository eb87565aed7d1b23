// The SMTP settings of `--smtp-file FILE`.
#pragma once

#include "notify/smtp_settings.hpp"

#include <filesystem>

namespace spillway::notify {

// Reads the URL in the first line of a file, which only its owner may read. errc::usage: others may read or write it,
// or its first line is no such URL. errc::not_found, errc::io, errc::too_large. No failure holds what is in the file.
result<smtp_settings> read_smtp_file(const std::filesystem::path& path);

}  // namespace spillway::notify
