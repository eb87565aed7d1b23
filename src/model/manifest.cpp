#include "model/manifest.hpp"

#include "base/bytes.hpp"

#include <charconv>

#include <boost/json.hpp>

namespace spillway::model {
namespace json = boost::json;
namespace {

constexpr int manifest_version = 1;

failure not_a_manifest(std::string cause) { return {errc::invalid, "reading a marker", std::move(cause), {}}; }

json::object to_object(const manifest_object& object) {
  return {{"key", object.key},
          {"events", object.events},
          {"text_bytes", object.text_bytes},
          {"text_crc32", base::to_hex(object.text_crc32)},
          {"bytes", object.bytes},
          {"sha256", object.sha256}};
}

std::string_view string_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

std::int64_t number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* number = value == nullptr ? nullptr : value->if_int64();
  return number == nullptr ? -1 : *number;
}

bool is_hexadecimal(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

result<manifest_object> parse_object(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return not_a_manifest("\"objects\" holds something else than objects");
  }
  manifest_object parsed;
  parsed.key = string_at(*object, "key");
  parsed.events = number_at(*object, "events");
  parsed.text_bytes = number_at(*object, "text_bytes");
  parsed.bytes = number_at(*object, "bytes");
  parsed.sha256 = string_at(*object, "sha256");
  const std::string_view crc = string_at(*object, "text_crc32");
  if (parsed.key.empty() || parsed.events < 0 || parsed.text_bytes < 0 || parsed.bytes < 0 ||
      !is_hexadecimal(parsed.sha256, 64) || !is_hexadecimal(crc, 8)) {
    return not_a_manifest("an object lacks key, events, text_bytes, text_crc32, bytes or sha256");
  }
  std::from_chars(crc.data(), crc.data() + crc.size(), parsed.text_crc32, 16);
  return parsed;
}

}  // namespace

std::string to_json(const manifest& value) {
  json::array objects;
  for (const manifest_object& object : value.objects) {
    objects.push_back(to_object(object));
  }
  const json::object document{{"version", manifest_version},
                              {"project", value.project},
                              {"hour", to_string(value.hour)},
                              {"objects", std::move(objects)}};
  return json::serialize(document) + "\n";
}

result<manifest> parse_manifest(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const auto* document = error ? nullptr : parsed.if_object();
  if (document == nullptr) {
    return not_a_manifest("not a JSON object");
  }
  const auto* objects = document->if_contains("objects");
  const auto* list = objects == nullptr ? nullptr : objects->if_array();
  const auto hour = parse_hour(string_at(*document, "hour"));
  const std::int64_t project = number_at(*document, "project");
  if (list == nullptr || !hour || project < 1 || project > id_max || number_at(*document, "version") != manifest_version) {
    return not_a_manifest("version, project, hour or objects is missing or not understood");
  }
  manifest read{project, *hour, {}};
  for (const json::value& value : *list) {
    SPILLWAY_TRY_ASSIGN(manifest_object object, parse_object(value));
    read.objects.push_back(std::move(object));
  }
  return read;
}

}  // namespace spillway::model
