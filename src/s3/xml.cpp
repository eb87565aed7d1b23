#include "s3/xml.hpp"

#include <algorithm>
#include <charconv>

namespace spillway::s3 {
namespace {

// Stops as soon as the tree is too deep. Walks without recursion.
struct depth_check : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node&) override { return depth() < xml_depth_max; }
};

// "<!DOCTYPE", "<!ENTITY": what starts with "<!" and is neither a comment nor CDATA.
bool declares_type(std::string_view text) {
  for (std::size_t at = text.find("<!"); at != std::string_view::npos; at = text.find("<!", at + 2)) {
    const std::string_view behind = text.substr(at + 2);
    if (!behind.starts_with("--") && !behind.starts_with("[CDATA[")) {
      return true;
    }
  }
  return false;
}

failure refused(errc code, std::string cause) { return {code, "reading an answer's XML", std::move(cause), {}}; }

}  // namespace

result<void> read_xml(std::string_view text, pugi::xml_document& document) {
  if (text.size() > xml_bytes_max) {
    return refused(errc::too_large, "longer than 16 MiB");
  }
  if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '<')) > xml_tags_max) {
    return refused(errc::too_large, "more than 100,000 tags");
  }
  if (declares_type(text)) {
    return refused(errc::invalid, "it declares a document type");
  }
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) {
    return refused(errc::corrupt, std::string("not well-formed at byte ") + std::to_string(parsed.offset));
  }
  depth_check check;
  if (!document.traverse(check)) {
    return refused(errc::too_large, "nested more than 32 levels deep");
  }
  return {};
}

std::string child_text(const pugi::xml_node& parent, const char* name) { return parent.child(name).text().get(); }

std::optional<std::uint64_t> child_number(const pugi::xml_node& parent, const char* name) {
  const std::string text = child_text(parent, name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace spillway::s3
