// The SMTP settings of `--smtp-file FILE`, or of the environment.
#pragma once

#include "notify/smtp_settings.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace spillway::notify {

// Reads the URL in the first line of a file, which only its owner may read. errc::usage: others may read or write it,
// its first line is no such URL, or the file of its `ca` can't be read. errc::not_found, errc::io, errc::too_large.
// No failure holds what is in the file.
result<smtp_settings> read_smtp_file(const std::filesystem::path& path);

// The file goes before `url`, which is what SPILLWAY_SMTP_URL holds. nullopt: there is neither (an empty path,
// nullopt), so no mail is sent. Fails as read_smtp_file().
result<std::optional<smtp_settings>> find_smtp_settings(const std::filesystem::path& file,
                                                        const std::optional<std::string>& url);

}  // namespace spillway::notify
