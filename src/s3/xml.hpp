// The only place that knows pugixml: an answer's text to a tree, behind limits, and the few questions that are asked of
// it.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <pugixml.hpp>

namespace spillway::s3 {

// A page of 1,000 keys of 1,024 percent-encoded bytes each is about 3.5 MB, and has about 16,000 tags. pugixml has no
// limits of its own; a node costs it some 60 bytes.
inline constexpr std::size_t xml_bytes_max = 16u << 20;
inline constexpr std::size_t xml_tags_max = 100'000;
inline constexpr int xml_depth_max = 32;

// Reads a whole document; white space in front of it is skipped, since S3 sends some to keep a connection alive.
// errc::corrupt: not well-formed, such as a text that was cut. errc::invalid: it declares a document type, which no S3
// does. errc::too_large: one of the limits. The text itself is in no error: it may hold secrets.
result<void> read_xml(std::string_view text, pugi::xml_document& document);

// The text of the child of that name, without what is around it; empty if there is none.
std::string child_text(const pugi::xml_node& parent, const char* name);
// nullopt: absent, or not a number from 0 on.
std::optional<std::uint64_t> child_number(const pugi::xml_node& parent, const char* name);

}  // namespace spillway::s3
