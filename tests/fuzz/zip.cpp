// Zips of the Export API, with gzips in them. Of an input
//   byte 0   how many bytes at a time the source gives, 0: all
//   byte 1   how many bytes at a time are read of a member
#include "fuzz/fuzz.hpp"
#include "intake/zip_text.hpp"

#include <algorithm>
#include <cstring>
#include <string>

using namespace spillway;
using fuzz::require;

namespace {

// Of all members together: what a small zip can be inflated to is tested by others.
constexpr std::size_t text_bytes_max = std::size_t{1} << 20;

class piece_reader final : public intake::byte_reader {
public:
  piece_reader(std::string_view bytes, std::size_t piece_bytes) : bytes_(bytes), piece_bytes_(piece_bytes) {}
  result<std::size_t> read(char* out, std::size_t bytes_max) override {
    const std::size_t count = std::min({bytes_max, piece_bytes_, bytes_.size()});
    std::memcpy(out, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

private:
  std::string_view bytes_;
  std::size_t piece_bytes_;
};

void require_plain(std::string_view name) {
  require(!name.empty() && name.front() != '/', "a member's name is relative");
  require(('/' + std::string(name) + '/').find("/../") == std::string::npos, "a member's name stays in its folder");
  require(std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\\'; }),
          "a member's name is plain text");
}

// What was read, as one text: every name and every member's text up to the end or the limit.
struct content {
  std::string text;
  std::optional<failure> failed;
};

content read_all(std::string_view zip, std::size_t source_bytes, std::size_t read_bytes) {
  piece_reader source(zip, source_bytes);
  content got;
  const auto stopped = [&]() -> result<void> {
    SPILLWAY_TRY_ASSIGN(const auto texts, intake::open_text(source, intake::open_zip_text, {text_bytes_max}));
    std::string room(read_bytes, '\0');
    for (;;) {
      SPILLWAY_TRY_ASSIGN(const auto name, texts->next());
      if (!name) {
        SPILLWAY_TRY_ASSIGN(const auto beyond, texts->next());
        require(!beyond, "behind the last member there is none");
        return {};
      }
      if (zip.starts_with("PK")) {
        require_plain(*name);
      }
      got.text += *name + '\0';
      for (std::size_t bytes = 1; bytes != 0 && got.text.size() < text_bytes_max;) {
        SPILLWAY_TRY_ASSIGN(bytes, texts->read(room.data(), room.size()));
        require(bytes <= room.size(), "a read stays within its room");
        got.text.append(room, 0, bytes);
      }
    }
  }();
  if (!stopped) {
    got.failed = stopped.error();
  }
  return got;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes < 2) {
    return -1;
  }
  const std::string_view zip = fuzz::text_of(data + 2, bytes - 2);
  if (!zip.starts_with("PK\3\4") && !zip.starts_with("PK\5\6")) {
    return -1;
  }
  const content whole = read_all(zip, bytes, 4096);
  const content pieces = read_all(zip, data[0] == 0 ? bytes : data[0], std::size_t{data[1]} + 1);
  require(whole.failed.has_value() == pieces.failed.has_value(), "pieces do not decide whether a zip is right");
  require(!whole.failed || !whole.failed->text().empty(), "a failure says what is wrong");
  require(whole.failed || whole.text.size() >= text_bytes_max || whole.text == pieces.text,
          "pieces do not show in the texts");
  return 0;
}
