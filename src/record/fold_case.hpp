// Text without the difference of capital and small letters.
#pragma once

#include <string>

namespace spillway::record {

// Makes small letters of capital ones, in place: of the Latin, Greek, Cyrillic, Armenian and Georgian letters that
// today's languages are written with, where both have as many bytes; a final sigma becomes the other one, and
// Cherokee's small letters become capital. All else stays. `text` is UTF-8. Source: Unicode's CaseFolding.txt, status C.
void fold_case(std::string& text);

}  // namespace spillway::record
