// Language tags as HTTP V2 takes them ("en-US") to names as exports hold them ("English").
#pragma once

#include <string_view>

namespace spillway::record {

// Upper and lower case are one. A tag that is not in the table is its own name: what comes back is `tag` itself.
// The table is language_names.tsv: facts of Amplitude's HTTP V2 page, a tag and its name a line.
std::string_view language_name(std::string_view tag);

}  // namespace spillway::record
