#include "s3/request.hpp"

#include "base/bytes.hpp"
#include "base/http_text.hpp"
#include "base/letter_case.hpp"
#include "s3/uri_encode.hpp"

#include <algorithm>

namespace spillway::s3 {
namespace {

template <class Headers>
std::string_view find_in(const Headers& headers, std::string_view name) {
  const std::string wanted = base::lower_case(name);
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&wanted](const header& each) { return base::lower_case(each.name) == wanted; });
  return found == headers.end() ? std::string_view{} : std::string_view(found->value);
}

std::string encoded_query(const std::vector<query_pair>& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text += text.empty() ? "?" : "&";
    text += uri_encode(name, slashes::encode);
    if (!value.empty()) {
      text += "=" + uri_encode(value, slashes::encode);
    }
  }
  return text;
}

}  // namespace

std::string_view to_string(method value) {
  switch (value) {
    case method::get: return "GET";
    case method::head: return "HEAD";
    case method::put: return "PUT";
    case method::post: return "POST";
    case method::remove: return "DELETE";
  }
  SPILLWAY_ASSERT(false);
  return {};
}

result<void> header_list::add(std::string_view name, std::string_view value) {
  // The value may be a secret: it is never shown.
  const std::string doing = "building the header " + base::printable(name);
  if (!base::is_http_token(name)) {
    return failure{errc::invalid, doing, "its name holds characters that a header's name can't have", {}};
  }
  if (!base::is_http_field_value(value)) {
    return failure{errc::invalid, doing, "its value holds a line end or another control character", {}};
  }
  fields_.push_back({base::lower_case(name), std::string(value)});
  return {};
}

result<void> header_list::set(std::string_view name, std::string_view value) {
  remove(name);
  return add(name, value);
}

void header_list::remove(std::string_view name) {
  std::erase_if(fields_, [gone = base::lower_case(name)](const header& each) { return each.name == gone; });
}

std::string_view find_header(const std::vector<header>& headers, std::string_view name) {
  return find_in(headers, name);
}

std::string_view find_header(const header_list& headers, std::string_view name) { return find_in(headers, name); }

std::string target(const request& value) { return uri_encode(value.path, slashes::keep) + encoded_query(value.query); }

std::string url(const request& value) { return base::to_string(value.origin) + target(value); }

}  // namespace spillway::s3
