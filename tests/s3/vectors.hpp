// Reading of fixtures/sigv4 and fixtures/s3-errors.
#pragma once

#include "s3/endpoint.hpp"
#include "s3/request.hpp"
#include "s3/uri_encode.hpp"
#include "support/check_result.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace spillway::test {

inline std::string fixture_text(const std::string& name) {
  std::ifstream file(SPILLWAY_FIXTURES "/" + name, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file, name);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline boost::json::value fixture_json(const std::string& name) { return boost::json::parse(fixture_text(name)); }

// The text of a member; empty if it is null or not there.
inline std::string text_at(const boost::json::value& object, std::string_view name) {
  const auto* value = object.as_object().if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

inline std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(mark), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// "a=1&b&c=%20" as it stands on the wire.
inline std::vector<s3::query_pair> parse_query(std::string_view text) {
  std::vector<s3::query_pair> query;
  for (const std::string& pair : split(text, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = s3::uri_decode(pair.substr(0, equals));
    const auto value = s3::uri_decode(equals == pair.size() ? std::string() : pair.substr(equals + 1));
    BOOST_REQUIRE_MESSAGE((name && value), pair);
    query.emplace_back(*name, *value);
  }
  return query;
}

// The origin of "http" and "127.0.0.1:9000".
inline s3::origin origin_at(std::string_view scheme, std::string_view authority) {
  const auto endpoint = s3::parse_endpoint(std::string(scheme) + "://" + std::string(authority));
  REQUIRE_OK(endpoint);
  return endpoint->origin;
}

inline s3::method method_named(std::string_view name) {
  for (const auto each : {s3::method::get, s3::method::head, s3::method::put, s3::method::post, s3::method::remove}) {
    if (s3::to_string(each) == name) {
      return each;
    }
  }
  BOOST_FAIL("no method " << name);
  return s3::method::get;
}

}  // namespace spillway::test
