#include "export/merge_file.hpp"

#include "codec/gunzip.hpp"
#include "store/merge_log.hpp"

#include <array>
#include <limits>

namespace spillway::exporting {
namespace {

// Compares the text of a gzip with the beginning of another, as it comes.
class beginning {
public:
  explicit beginning(std::string text) : text_(std::move(text)), gunzip_({.text_bytes_max = text_.size()}) {}

  // False: it is no gzip, or of another text.
  bool goes_on_with(std::string_view zipped) {
    std::array<char, std::size_t{64} << 10> out;
    std::size_t produced = out.size();
    while (produced == out.size()) {
      const auto made = gunzip_.inflate(zipped, out);
      if (!made || text_.compare(at_, made->produced, out.data(), made->produced) != 0) {
        return false;
      }
      produced = made->produced;
      at_ += produced;
      zipped.remove_prefix(made->consumed);
    }
    return true;
  }

  // Ends with a whole line, so that more of them may follow.
  bool is_whole() const { return gunzip_.finish() && at_ > 0 && text_[at_ - 1] == '\n'; }
  std::size_t bytes() const { return at_; }

private:
  const std::string text_;
  codec::gunzip gunzip_;
  std::size_t at_ = 0;
};

}  // namespace

result<merge_file> look_at_merge_file(bucket::bucket& in, db::database& reader, const object_place& of,
                                      const store::object_row& planned) {
  constexpr auto all = std::numeric_limits<std::int64_t>::max();
  SPILLWAY_TRY_ASSIGN(const std::vector<model::merge> merges,
                      store::read_merges(reader, of.project.organization, of.hour, all));
  std::string text;
  for (const model::merge& each : merges) {
    text += model::to_line(each);
  }
  beginning there(std::move(text));
  bool is_same = true;
  const auto read = in.get(planned.key, {}, [&](std::string_view piece) -> result<void> {
    is_same = there.goes_on_with(piece);
    return is_same ? result<void>() : failure{errc::conflict, "comparing", "it is another file", {}};
  });
  if (!is_same) {
    return merge_file::other;
  }
  SPILLWAY_TRY(read);
  if (!there.is_whole()) {
    return merge_file::other;
  }
  return there.bytes() < static_cast<std::size_t>(planned.text_bytes) ? merge_file::older : merge_file::newer;
}

}  // namespace spillway::exporting
