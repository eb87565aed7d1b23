#include "check/key_check.hpp"

#include "model/claim.hpp"

#include <fmt/format.h>

namespace spillway::check {
namespace {

constexpr std::string_view encoded_hash = "%23";
constexpr std::size_t date_bytes = 10;  // of "2020-01-25"

struct key_parts {
  std::string_view above;   // "analytics" of "analytics/1/1_2020-01-25_9#1.json.gz"
  std::string_view folder;  // "1"
  std::string_view name;    // "1_2020-01-25_9#1.json.gz"
};

key_parts split(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) {
    return {{}, {}, key};
  }
  const std::string_view folders = key.substr(0, slash);
  const std::size_t above = folders.rfind('/');
  if (above == std::string_view::npos) {
    return {{}, folders, key.substr(slash + 1)};
  }
  return {folders.substr(0, above), folders.substr(above + 1), key.substr(slash + 1)};
}

std::string without_encoding(std::string_view name) {
  std::string decoded(name);
  if (const std::size_t at = decoded.find(encoded_hash); at != std::string::npos) {
    decoded.replace(at, encoded_hash.size(), "#");
  }
  return decoded;
}

// "1_2020-01-25_09#1.json.gz" to "1_2020-01-25_9#1.json.gz"; other names as they are.
std::string without_padding(std::string name) {
  const std::size_t hour = name.find('_') + 1 + date_bytes + 1;
  if (hour + 1 < name.size() && name[hour - 1] == '_' && name[hour] == '0' && name[hour + 1] >= '0' &&
      name[hour + 1] <= '9') {
    name.erase(hour, 1);
  }
  return name;
}

bool is_positive_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Merges whose owner has no minus sign. parse_key knows only the names of today, which have one.
std::optional<model::object_name> parse_old_merges(const key_parts& parts) {
  if (!is_positive_number(parts.folder) || parts.name.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto name = model::parse_key(fmt::format("-{}/-{}", parts.folder, parts.name));
  return name && name->kind == model::object_kind::merges ? name : std::nullopt;
}

std::string trouble_of(const key_parts& parts, const std::string& decoded, const std::string& meant) {
  if (decoded != parts.name) {
    return "'#' is written as %23, which belongs in addresses only";
  }
  if (meant != decoded) {
    return "the hour has a leading zero";
  }
  if (parts.folder.empty()) {
    return "it is in no folder";
  }
  return fmt::format("it is in the folder {}", parts.folder);
}

}  // namespace

key_reading read_key(std::string_view key) {
  const key_parts parts = split(key);
  key_reading read;
  if (key == model::claim_key) {
    read.is_claim = true;
    return read;
  }
  if (parts.folder.empty()) {
    // parse_key takes a bare name; an object of a bucket always has a folder.
  } else if ((read.name = model::parse_key(key))) {
    read.scope = read.name->kind == model::object_kind::merges ? -read.name->owner : 0;
    return read;
  } else if ((read.name = parse_old_merges(parts))) {
    read.scope = read.name->owner;
    return read;
  }
  const std::string decoded = without_encoding(parts.name);
  const std::string meant = without_padding(decoded);
  read.name = model::parse_key(meant);
  if (read.name) {
    read.trouble = trouble_of(parts, decoded, meant);
    read.should_be = model::to_key(*read.name, parts.above);
  }
  return read;
}

}  // namespace spillway::check
