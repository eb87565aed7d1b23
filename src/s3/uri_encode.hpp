// Percent-encoding as SigV4 wants it, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spillway::s3 {

enum class slashes { keep, encode };

// Every byte but A-Z a-z 0-9 - . _ ~ becomes %XX with upper-case digits; a path keeps its slashes, a query does not:
// "1/1_2020-01-25_17#1.json.gz" with its slash kept is "1/1_2020-01-25_17%231.json.gz". Nothing else happens to the
// text: "//", "./" and "../" stay. What comes out holds no CR, no LF and no space, whatever went in.
// Source: Amazon S3 API reference, "Signature calculations for the authorization header", UriEncode().
std::string uri_encode(std::string_view text, slashes treatment);

// Turns %XX into the byte; everything else, '+' too, stays. nullopt: a '%' without two hexadecimal digits.
std::optional<std::string> uri_decode(std::string_view text);

}  // namespace spillway::s3
