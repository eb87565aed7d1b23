#include "record/language.hpp"

#include "base/letter_case.hpp"

#include <algorithm>
#include <string>

namespace spillway::record {
namespace {

struct named {
  std::string_view tag;
  std::string_view name;
};

// Made from language_names.tsv by the build, in byte order of the tags.
constexpr named names[] = {
#include "record/language_names.inc"
};
static_assert(std::ranges::is_sorted(names, {}, &named::tag));

}  // namespace

std::string_view language_name(std::string_view tag) {
  const std::string lower = base::lower_case(tag);
  const auto found = std::ranges::lower_bound(names, std::string_view(lower), {}, &named::tag);
  return found != std::end(names) && found->tag == lower ? found->name : tag;
}

}  // namespace spillway::record
