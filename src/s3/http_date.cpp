#include "s3/http_date.hpp"

#include <string>

namespace spillway::s3 {

std::optional<base::instant> parse_http_date(std::string_view text) {
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  static constexpr std::string_view shape = "xxx, 00 xxx 0000 00:00:00 GMT";
  if (text.size() != shape.size()) {
    return std::nullopt;
  }
  for (std::size_t at = 0; at < shape.size(); ++at) {
    const bool is_digit = text[at] >= '0' && text[at] <= '9';
    if (shape[at] != 'x' && (shape[at] == '0' ? !is_digit : text[at] != shape[at])) {
      return std::nullopt;
    }
  }
  const std::size_t month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) {
    return std::nullopt;
  }
  // Put into the other order, it is a time that is read already: "1994-11-06T08:49:37".
  const std::string number = std::to_string(month / 3 + 1);
  const std::string ordered = std::string(text.substr(12, 4)) + (number.size() == 1 ? "-0" : "-") + number + "-" +
                              std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8));
  return base::parse_timestamp(ordered);
}

}  // namespace spillway::s3
