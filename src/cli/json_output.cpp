#include "cli/json_output.hpp"

#include "base/bytes.hpp"
#include "cli/program.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

// Bytes of a character by its first one; 1 also for a byte that begins none.
std::size_t bytes_of_character(unsigned char lead) { return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4; }

// The code of a character that base::printable hides though it is UTF-8: delete, the second set of control characters
// (c2 80 to c2 9f), and the marks of direction (e2 80 aa to ae, e2 81 a6 to a9). 0 for any other.
unsigned hidden_code(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(character[at])); };
  const auto last = byte(character.size() - 1);
  switch (character.size()) {
    case 1: return last == 0x7f ? last : 0;
    case 2: return byte(0) == 0xc2 && last >= 0x80 && last <= 0x9f ? last : 0;
    case 3:
      return (byte(0) == 0xe2 && byte(1) == 0x80 && last >= 0xaa && last <= 0xae) ||
                     (byte(0) == 0xe2 && byte(1) == 0x81 && last >= 0xa6 && last <= 0xa9)
                 ? 0x2000 | (byte(1) & 0x3f) << 6 | (last & 0x3f)
                 : 0;
    default: return 0;
  }
}

}  // namespace

// Boost.JSON escapes what is below 0x20 and copies everything from 0x80 on, which is only inside of strings.
std::string json_text(const json::value& value) {
  const std::string serialized = json::serialize(value);
  std::string text;
  text.reserve(serialized.size());
  for (std::string_view rest = serialized; !rest.empty();) {
    std::size_t taken = 1;
    if (static_cast<unsigned char>(rest.front()) < 0x7f) {
      text += rest.front();
    } else if (const auto character = rest.substr(0, bytes_of_character(static_cast<unsigned char>(rest.front())));
               base::printable(character, character.size()) == character) {
      text += character;
      taken = character.size();
    } else if (const unsigned code = hidden_code(character); code != 0) {
      text += fmt::format("\\u{:04x}", code);
      taken = character.size();
    } else {
      text += "\xef\xbf\xbd";  // U+FFFD, a byte at a time
    }
    rest.remove_prefix(taken);
  }
  return text;
}

result<void> print_json(const json::value& value) { return print(json_text(value) + '\n'); }

json::value json_time(const std::optional<base::instant>& when) {
  return when ? json::value(json::string(base::format_utc(*when))) : json::value();
}

json::value text_or_null(std::string_view text) { return text.empty() ? json::value() : json::value(text); }

json::value json_hour(const std::optional<model::hour>& which) {
  return which ? json::value(json::string(model::to_string(*which))) : json::value();
}

result<void> json_listing::begin() {
  begun_ = true;
  return print(fmt::format("{{\"{}\":[", name_));
}

result<void> json_listing::add(const json::value& element) {
  if (begun_) {
    SPILLWAY_TRY(print(","));
  } else {
    SPILLWAY_TRY(begin());
  }
  return print(json_text(element));
}

result<void> json_listing::end() {
  if (!begun_) {
    SPILLWAY_TRY(begin());
  }
  return print("]}\n");
}

}  // namespace spillway::cli
