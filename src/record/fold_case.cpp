#include "record/fold_case.hpp"

#include <array>
#include <cstdint>

namespace spillway::record {
namespace {

// Capital letters and how far their small ones are; `step` 2: only every second of the range is a capital one.
struct fold_range {
  std::uint16_t first;
  std::uint16_t last;
  std::int32_t distance;
  std::uint16_t step;
};

// Left out are folds to another number of bytes, and letters of phonetic and historic alphabets. Cherokee's are folded
// the other way in Unicode, too: its capital letters are the older ones.
constexpr std::array fold_ranges = {
    fold_range{0x00b5, 0x00b5, 775, 1},   fold_range{0x00c0, 0x00d6, 32, 1},     fold_range{0x00d8, 0x00de, 32, 1},
    fold_range{0x0100, 0x012e, 1, 2},     fold_range{0x0132, 0x0136, 1, 2},      fold_range{0x0139, 0x0147, 1, 2},
    fold_range{0x014a, 0x0176, 1, 2},     fold_range{0x0178, 0x0178, -121, 1},   fold_range{0x0179, 0x017d, 1, 2},
    fold_range{0x0181, 0x0181, 210, 1},   fold_range{0x0186, 0x0186, 206, 1},    fold_range{0x0189, 0x018a, 205, 1},
    fold_range{0x018f, 0x018f, 202, 1},   fold_range{0x0190, 0x0190, 203, 1},    fold_range{0x0194, 0x0194, 207, 1},
    fold_range{0x0197, 0x0197, 209, 1},   fold_range{0x0198, 0x0198, 1, 1},      fold_range{0x019d, 0x019d, 213, 1},
    fold_range{0x01a0, 0x01a4, 1, 2},     fold_range{0x01af, 0x01af, 1, 1},      fold_range{0x01b1, 0x01b2, 217, 1},
    fold_range{0x01b3, 0x01b3, 1, 1},     fold_range{0x01cd, 0x01db, 1, 2},      fold_range{0x01de, 0x01ee, 1, 2},
    fold_range{0x01f8, 0x021e, 1, 2},     fold_range{0x0222, 0x0232, 1, 2},      fold_range{0x0386, 0x0386, 38, 1},
    fold_range{0x0388, 0x038a, 37, 1},    fold_range{0x038c, 0x038c, 64, 1},     fold_range{0x038e, 0x038f, 63, 1},
    fold_range{0x0391, 0x03a1, 32, 1},    fold_range{0x03a3, 0x03ab, 32, 1},     fold_range{0x03c2, 0x03c2, 1, 1},
    fold_range{0x0400, 0x040f, 80, 1},    fold_range{0x0410, 0x042f, 32, 1},     fold_range{0x0460, 0x0480, 1, 2},
    fold_range{0x048a, 0x04be, 1, 2},     fold_range{0x04c0, 0x04c0, 15, 1},     fold_range{0x04c1, 0x04cd, 1, 2},
    fold_range{0x04d0, 0x052e, 1, 2},     fold_range{0x0531, 0x0556, 48, 1},     fold_range{0x1c90, 0x1cba, -3008, 1},
    fold_range{0x1cbd, 0x1cbf, -3008, 1}, fold_range{0x1e00, 0x1e94, 1, 2},      fold_range{0x1ea0, 0x1efe, 1, 2},
    fold_range{0xa78b, 0xa78b, 1, 1},     fold_range{0xab70, 0xabbf, -38864, 1},
};

std::uint32_t folded(std::uint32_t code) {
  for (const fold_range& range : fold_ranges) {
    if (code >= range.first && code <= range.last) {
      const bool is_capital = (code - range.first) % range.step == 0;
      return is_capital ? static_cast<std::uint32_t>(static_cast<std::int32_t>(code) + range.distance) : code;
    }
  }
  return code;
}

}  // namespace

void fold_case(std::string& text) {
  const auto byte_at = [&text](std::size_t at) {
    return at < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])) : 0U;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint32_t byte = byte_at(i);
    if (byte >= 'A' && byte <= 'Z') {
      text[i] = static_cast<char>(byte + ('a' - 'A'));
    } else if (byte >= 0xc2 && byte <= 0xd5 && i + 1 < text.size()) {  // leads of U+0080 to U+057F
      const std::uint32_t code = folded((byte & 0x1f) << 6 | (byte_at(i + 1) & 0x3f));
      text[i] = static_cast<char>(0xc0 | code >> 6);
      text[++i] = static_cast<char>(0x80 | (code & 0x3f));
    } else if ((byte == 0xe1 || byte == 0xea) && i + 2 < text.size()) {  // leads of U+1000 to U+1FFF and of U+A000 on
      const std::uint32_t code = folded((byte & 0xf) << 12 | (byte_at(i + 1) & 0x3f) << 6 | (byte_at(i + 2) & 0x3f));
      text[i] = static_cast<char>(0xe0 | code >> 12);
      text[i + 1] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
      text[i + 2] = static_cast<char>(0x80 | (code & 0x3f));
      i += 2;
    }
  }
}

}  // namespace spillway::record
