#include "model/manifest.hpp"

#include "base/bytes.hpp"
#include "base/json_members.hpp"

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

bool is_hexadecimal(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

result<manifest_object> parse_object(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return not_a_manifest("\"objects\" holds something else than objects");
  }
  manifest_object parsed;
  parsed.key = base::text_in(*object, "key").value_or("");
  parsed.events = base::integer_in(*object, "events").value_or(-1);
  parsed.text_bytes = base::integer_in(*object, "text_bytes").value_or(-1);
  parsed.bytes = base::integer_in(*object, "bytes").value_or(-1);
  parsed.sha256 = base::text_in(*object, "sha256").value_or("");
  const std::string_view crc = base::text_in(*object, "text_crc32").value_or("");
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
  const auto hour = parse_hour(base::text_in(*document, "hour").value_or(""));
  const std::int64_t project = base::integer_in(*document, "project").value_or(-1);
  if (list == nullptr || !hour || project < 1 || project > id_max ||
      base::integer_in(*document, "version") != manifest_version) {
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
