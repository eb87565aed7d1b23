// What --json prints: snake_case, times in RFC 3339 UTC, hours as "2020-01-25_17"; valid UTF-8 whatever the input was.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/hour.hpp"

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::cli {

// One line without '\n'. Bytes that are no UTF-8 become U+FFFD. What base::printable would not show as it is becomes an
// escape ("\u009b"), so that the document says the same and a terminal stays as it was.
std::string json_text(const boost::json::value& value);

// One line.
result<void> print_json(const boost::json::value& value);

// null if there is none.
boost::json::value json_time(const std::optional<base::instant>& when);
boost::json::value text_or_null(std::string_view text);  // of an empty text
boost::json::value json_hour(const std::optional<model::hour>& which);

// Prints {"NAME":[...]} element by element, so that a listing of any length takes no memory.
class json_listing {
public:
  explicit json_listing(std::string_view name) : name_(name) {}
  result<void> add(const boost::json::value& element);
  result<void> end();

private:
  result<void> begin();

  std::string name_;
  bool begun_ = false;
};

}  // namespace spillway::cli
