// Manual pages in roff, section 1.
#pragma once

#include "cli/command_tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::cli {

struct man_page {
  std::string file;  // "spillway-export.1"
  std::string text;
};

// The page of the program, then one of each of its commands; commands of a command are on its page.
// `version` is "spillway 0.1.0". The same facts give the same bytes: no page has a date.
std::vector<man_page> man_pages(const command_facts& root, std::string_view version);

}  // namespace spillway::cli
