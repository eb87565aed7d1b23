#include "model/object_key.hpp"

#include <charconv>

#include <fmt/format.h>

namespace spillway::model {
namespace {

constexpr std::string_view object_suffix = ".json.gz";
constexpr std::string_view marker_suffix = "_complete";

// A number as to_key writes it: no sign, no leading zero.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool canonical = !text.empty() && text[0] >= '0' && text[0] <= '9' && (text.size() == 1 || text[0] != '0');
  if (!canonical || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) {
    return false;
  }
  text.remove_suffix(suffix.size());
  return true;
}

// Sets kind and partition from the end of a file name, and cuts that end off.
bool take_ending(std::string_view& name, object_name& parsed) {
  if (drop_suffix(name, marker_suffix)) {
    parsed.kind = object_kind::marker;
    return true;
  }
  if (!drop_suffix(name, object_suffix)) {
    return false;
  }
  const std::size_t hash = name.rfind('#');
  if (hash == std::string_view::npos) {
    parsed.kind = object_kind::merges;
    return true;
  }
  const auto partition = parse_number<int>(name.substr(hash + 1));
  if (!partition) {
    return false;
  }
  parsed.kind = object_kind::events;
  parsed.partition = *partition;
  name = name.substr(0, hash);
  return true;
}

}  // namespace

std::string to_key(const object_name& name, std::string_view prefix) {
  const std::string owner = (name.kind == object_kind::merges ? "-" : "") + std::to_string(name.owner);
  const std::string stem =
      fmt::format("{}{}{}/{}_{}", prefix, prefix.empty() ? "" : "/", owner, owner, to_string(name.hour));
  switch (name.kind) {
    case object_kind::events: return fmt::format("{}#{}{}", stem, name.partition, object_suffix);
    case object_kind::marker: return stem + std::string(marker_suffix);
    case object_kind::merges: break;
  }
  return stem + std::string(object_suffix);
}

std::string marker_key(project_id project, model::hour hour, std::string_view prefix) {
  return to_key({object_kind::marker, project, hour, 0}, prefix);
}

std::optional<object_name> parse_key(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  std::string_view name = slash == std::string_view::npos ? key : key.substr(slash + 1);
  object_name parsed;
  if (!take_ending(name, parsed)) {
    return std::nullopt;
  }
  const std::size_t underscore = name.find('_');
  if (underscore == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view owner = name.substr(0, underscore);
  if (slash != std::string_view::npos) {
    const std::string_view folders = key.substr(0, slash);
    const std::size_t above = folders.rfind('/');
    if (folders.substr(above == std::string_view::npos ? 0 : above + 1) != owner) {
      return std::nullopt;
    }
  }
  const bool negative = owner.starts_with('-');
  if (negative != (parsed.kind == object_kind::merges)) {
    return std::nullopt;
  }
  const auto number = parse_number<std::int64_t>(owner.substr(negative ? 1 : 0));
  const auto hour = parse_hour(name.substr(underscore + 1));
  if (!number || *number < 1 || *number > id_max || !hour) {
    return std::nullopt;
  }
  parsed.owner = *number;
  parsed.hour = *hour;
  return parsed;
}

}  // namespace spillway::model
