#include "check/object_check.hpp"

#include "base/bytes.hpp"
#include "codec/gunzip.hpp"
#include "codec/stitch.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace spillway::check {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{256} << 10;
constexpr std::size_t trailer_bytes = 8;  // RFC 1952: CRC-32 and length

// Cuts text that comes in pieces into lines.
class line_cutter {
public:
  line_cutter(tally& findings, const line_sink& lines) : findings_(findings), lines_(lines) {}

  void take(std::string_view text) {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      if (begun_.empty() && !is_too_long_) {
        hand_on(text.substr(0, end));
      } else {
        keep(text.substr(0, end));
        hand_on(begun_);
      }
      begun_.clear();
      is_too_long_ = false;
      text.remove_prefix(end + 1);
    }
    keep(text);
  }

  void finish() {
    if (!begun_.empty() || is_too_long_) {
      hand_on(begun_);
      findings_.add(finding_kind::text, "end", count_, "the last line does not end in a line feed");
    }
    if (count_ == 0) {
      findings_.add(finding_kind::text, "none", 0, "it holds no lines");
    }
  }

  std::int64_t count() const { return count_; }

private:
  void keep(std::string_view part) {
    is_too_long_ |= begun_.size() + part.size() > line_bytes_max;
    if (is_too_long_) {
      begun_.clear();
    } else {
      begun_ += part;
    }
  }

  void hand_on(std::string_view line) {
    ++count_;
    if (is_too_long_) {
      findings_.add(finding_kind::text, "long", count_,
                    fmt::format("a line longer than {}, which is not looked into", base::human_bytes(line_bytes_max)));
    } else if (line.empty()) {
      findings_.add(finding_kind::text, "blank", count_, "an empty line");
    } else {
      lines_(count_, line);
    }
  }

  tally& findings_;
  const line_sink& lines_;
  std::string begun_;  // of a line whose end has not come
  bool is_too_long_ = false;
  std::int64_t count_ = 0;
};

class object_reader {
public:
  object_reader(tally& findings, const line_sink& lines) : findings_(findings), lines_(findings, lines) {}

  void take(std::string_view compressed) {
    bytes_ += compressed.size();
    sha256_.update(compressed);
    keep_last(compressed);
    while (!is_broken_) {
      const auto step = unpacker_.inflate(compressed, text_);
      if (!step) {
        give_up(step.error());
        return;
      }
      const std::string_view text(text_.data(), step->produced);
      crc32_ = codec::crc32_of(text, crc32_);
      lines_.take(text);
      compressed.remove_prefix(step->consumed);
      if (step->produced < text_.size()) {
        return;
      }
    }
  }

  object_facts finish() {
    if (!is_broken_) {
      if (const auto ended = unpacker_.finish(); !ended) {
        give_up(ended.error());
      }
    }
    if (!is_broken_) {
      lines_.finish();
      check_members();
    }
    object_facts facts;
    facts.key = findings_.key();
    facts.bytes = bytes_;
    facts.sha256 = sha256_.finish();
    facts.text_bytes = unpacker_.text_bytes();
    facts.text_crc32 = crc32_;
    facts.lines = lines_.count();
    facts.is_readable = !is_broken_;
    return facts;
  }

private:
  void give_up(const failure& why) {
    is_broken_ = true;
    findings_.add(finding_kind::gzip, {}, 0, why.cause);
  }

  // The last bytes of the file so far.
  void keep_last(std::string_view compressed) {
    last_ += compressed.substr(compressed.size() - std::min(compressed.size(), trailer_bytes));
    last_.erase(0, last_.size() - std::min(last_.size(), trailer_bytes));
  }

  void check_members() {
    if (unpacker_.members() > 1) {
      findings_.add(
          finding_kind::gzip, {}, 0,
          fmt::format("{} gzip members instead of one: many readers stop after the first", unpacker_.members()));
      return;
    }
    // gunzip skips zero bytes behind the member; then the file does not end on the member's own trailer.
    std::string trailer;
    base::append_number(trailer, crc32_);
    base::append_number(trailer, static_cast<std::uint32_t>(unpacker_.text_bytes()));
    if (last_ != trailer) {
      findings_.add(finding_kind::gzip, {}, 0, "zero bytes behind its gzip member");
    }
  }

  tally& findings_;
  line_cutter lines_;
  codec::gunzip unpacker_{codec::no_gunzip_limits};
  base::sha256 sha256_;
  std::vector<char> text_ = std::vector<char>(buffer_bytes);
  std::string last_;
  std::uint64_t bytes_ = 0;
  std::uint32_t crc32_ = 0;
  bool is_broken_ = false;
};

}  // namespace

result<presence> presence_behind(const failure& why, tally& findings) {
  switch (why.code) {
    case errc::not_found:
      findings.add(finding_kind::gone, {}, 0, "it was removed since it was listed");
      return presence::gone;
    case errc::io:
    case errc::corrupt: findings.add(finding_kind::unread, {}, 0, why.cause); return presence::unread;
    default: return why;
  }
}

result<object_facts> read_object(bucket::bucket& from, tally& findings, const line_sink& lines) {
  object_reader reader(findings, lines);
  const auto got = from.get(findings.key(), {}, [&](std::string_view compressed) -> result<void> {
    reader.take(compressed);
    return {};
  });
  if (!got) {
    object_facts facts;
    facts.key = findings.key();
    SPILLWAY_TRY_ASSIGN(facts.presence, presence_behind(got.error(), findings));
    return facts;
  }
  return reader.finish();
}

}  // namespace spillway::check
