#include "intake/text_source.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace spillway::intake {
namespace {

constexpr std::size_t compressed_block_bytes = std::size_t{256} << 10;
// How a zip with members and one without begin, and a gzip. So many bytes tell them apart.
constexpr std::string_view magics[] = {"PK\x03\x04", "PK\x05\x06", "\x1f\x8b\x08"};
constexpr std::size_t magic_bytes_max = 4;

bool looks_like_zip(std::string_view first) { return first.starts_with(magics[0]) || first.starts_with(magics[1]); }

// A whole input that is the front of such a beginning. As text it would be taken for a line, and what the rest of it
// holds be gone on with behind that.
bool is_cut_magic(std::string_view whole) {
  return !whole.empty() && std::ranges::any_of(magics, [whole](std::string_view magic) {
    return whole.size() < magic.size() && magic.starts_with(whole);
  });
}

struct foreign_packing {
  std::string_view program;
  std::string_view magic;  // as much of it as is looked at: no line begins so
};

// Sources: RFC 8878, 3.1.1 ("Zstandard frames"); "The .xz File Format", 2.1.1.1. bzip2 has no paper of its own.
constexpr foreign_packing foreign_packings[] = {{"zstd", "\x28\xb5\x2f\xfd"}, {"xz", "\xfd\x37\x7a\x58"}};

// "zstd"; empty: none that is known. Behind the magic of bzip2 stands the size of its blocks, '1' to '9'.
std::string_view foreign_packing_of(std::string_view first) {
  for (const foreign_packing& each : foreign_packings) {
    if (first.starts_with(each.magic)) {
      return each.program;
    }
  }
  const bool is_bzip2 = first.size() >= 4 && first.starts_with("BZh") && first[3] >= '1' && first[3] <= '9';
  return is_bzip2 ? "bzip2" : "";
}

failure not_read(std::string_view program) {
  return {errc::invalid, "opening an input", fmt::format("it is compressed with {}, which is not read", program),
          "unpack it first"};
}

failure packed_twice() {
  return {errc::invalid, "unpacking gzip", "what is in it is packed once more, and only one packing is undone",
          "unpack it, then take in what was in it"};
}

// A plain or gzip file: one text.
class file_text final : public text_source {
public:
  static result<std::unique_ptr<text_source>> open(std::unique_ptr<peeking_reader> source, bool zipped,
                                                   codec::gunzip_limits limits) {
    auto opened = std::make_unique<file_text>();
    opened->source_ = std::move(source);
    if (zipped) {
      opened->inflated_ = std::make_unique<gunzip_reader>(*opened->source_, limits);
      opened->text_ = std::make_unique<peeking_reader>(*opened->inflated_);
    }
    return std::unique_ptr<text_source>(std::move(opened));
  }

  result<std::optional<std::string>> next() override {
    const bool first = !given_;
    given_ = true;
    return first ? std::optional(std::string()) : std::nullopt;
  }

  result<std::size_t> read(char* out, std::size_t bytes_max) override {
    if (!inflated_) {
      return source_->read(out, bytes_max);
    }
    if (!looked_at_) {
      const auto first = text_->peek(magic_bytes_max);  // what it fails with comes again, behind the bytes before it
      if (first && (looks_like_zip(*first) || codec::looks_like_gzip(*first) || !foreign_packing_of(*first).empty())) {
        return packed_twice();
      }
      looked_at_ = true;
    }
    return text_->read(out, bytes_max);
  }

private:
  std::unique_ptr<peeking_reader> source_;
  std::unique_ptr<gunzip_reader> inflated_;
  std::unique_ptr<peeking_reader> text_;  // that is in it
  bool given_ = false;
  bool looked_at_ = false;
};

// A zip's texts read from a peeking reader that they own.
class peeked_zip final : public text_source {
public:
  peeked_zip(std::unique_ptr<peeking_reader> source, std::unique_ptr<text_source> zip)
      : source_(std::move(source)), zip_(std::move(zip)) {}
  result<std::optional<std::string>> next() override { return zip_->next(); }
  result<std::size_t> read(char* out, std::size_t bytes_max) override { return zip_->read(out, bytes_max); }

private:
  std::unique_ptr<peeking_reader> source_;
  std::unique_ptr<text_source> zip_;
};

}  // namespace

result<std::string_view> peeking_reader::peek(std::size_t bytes) {
  SPILLWAY_ASSERT(given_ == 0);
  while (peeked_.size() < bytes) {
    const std::size_t had = peeked_.size();
    peeked_.resize(bytes);
    const auto got = source_.read(peeked_.data() + had, bytes - had);
    peeked_.resize(had + (got ? *got : 0));
    if (!got) {
      return got.error();
    }
    if (*got == 0) {
      break;
    }
  }
  return std::string_view(peeked_);
}

result<std::size_t> peeking_reader::read(char* out, std::size_t bytes_max) {
  if (given_ == peeked_.size()) {
    return source_.read(out, bytes_max);
  }
  const std::size_t count = std::min(bytes_max, peeked_.size() - given_);
  std::memcpy(out, peeked_.data() + given_, count);
  given_ += count;
  return count;
}

gunzip_reader::gunzip_reader(byte_reader& source, codec::gunzip_limits limits)
    : source_(source), gunzip_(limits), compressed_(compressed_block_bytes, '\0') {}

result<std::size_t> gunzip_reader::read(char* out, std::size_t bytes_max) {
  for (;;) {
    if (left_.empty() && !ended_) {
      SPILLWAY_TRY_ASSIGN(const std::size_t got, source_.read(compressed_.data(), compressed_.size()));
      left_ = std::string_view(compressed_).substr(0, got);
      ended_ = got == 0;
    }
    SPILLWAY_TRY_ASSIGN(const codec::gunzip::progress made, gunzip_.inflate(left_, {out, bytes_max}));
    left_.remove_prefix(made.consumed);
    if (made.produced > 0) {
      return made.produced;
    }
    if (ended_) {
      SPILLWAY_TRY(gunzip_.finish());
      return 0;
    }
  }
}

result<std::unique_ptr<text_source>> open_text(byte_reader& source, const zip_opener& open_zip,
                                               codec::gunzip_limits limits) {
  auto peeking = std::make_unique<peeking_reader>(source);
  SPILLWAY_TRY_ASSIGN(const std::string_view first, peeking->peek(magic_bytes_max));
  if (is_cut_magic(first)) {
    return failure{errc::corrupt, "opening an input", "it is cut short, within the first bytes of a gzip or a zip", {}};
  }
  if (const std::string_view program = foreign_packing_of(first); !program.empty()) {
    return not_read(program);
  }
  if (!looks_like_zip(first)) {
    const bool zipped = codec::looks_like_gzip(first);
    return file_text::open(std::move(peeking), zipped, limits);
  }
  if (!open_zip) {
    return failure{errc::invalid, "opening an input", "it is a zip, which this build can't read", {}};
  }
  SPILLWAY_TRY_ASSIGN(std::unique_ptr<text_source> zip, open_zip(*peeking, limits));
  return std::unique_ptr<text_source>(std::make_unique<peeked_zip>(std::move(peeking), std::move(zip)));
}

}  // namespace spillway::intake
