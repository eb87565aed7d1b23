#include "record/language.hpp"

#include "record/fold_case.hpp"

#include <algorithm>
#include <string>

namespace spillway::record {
namespace {

struct named {
  std::string_view tag;
  std::string_view name;
};

// Made from language_names.tsv by the build, in byte order of the tags, which are as fold_case leaves them.
constexpr named names[] = {
#include "record/language_names.inc"
};
static_assert(std::ranges::is_sorted(names, {}, &named::tag));

}  // namespace

std::string_view language_name(std::string_view tag) {
  std::string folded(tag);
  fold_case(folded);
  const auto found = std::ranges::lower_bound(names, std::string_view(folded), {}, &named::tag);
  return found != std::end(names) && found->tag == folded ? found->name : tag;
}

}  // namespace spillway::record
