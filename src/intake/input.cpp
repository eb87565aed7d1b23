#include "intake/input.hpp"

#include "base/text_growth.hpp"
#include "record/json_text.hpp"
#include "record/record_reader.hpp"
#include "record/request_body.hpp"

#include <algorithm>
#include <cstring>

namespace spillway::intake {
namespace {

constexpr std::size_t overlong_kept_bytes = std::size_t{64} << 10;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// Lines are long: memchr passes over each of them in a few steps.
std::uint64_t count_ends(std::string_view text) {
  std::uint64_t ends = 0;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    ++ends;
  }
  return ends;
}

std::uint64_t count_lines(std::string_view text) {
  const std::uint64_t ends = count_ends(text);
  return ends + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

bool is_blank(std::string_view text) { return std::ranges::all_of(text, record::is_json_space); }

// Whether the first line opens what the second goes on with, as in JSON over many lines. An object on a line of its own
// ends with '}'.
bool goes_on(std::string_view text, record::json_parser& parser) {
  const std::size_t end = text.find('\n');
  const std::size_t last = text.find_last_not_of(" \t\r\n", end);
  if (end == std::string_view::npos || std::string_view("{[,").find(text[last]) == std::string_view::npos) {
    return false;
  }
  const std::string_view behind = text.substr(end + 1);
  return !parser.parse_object(behind.substr(0, behind.find('\n')));
}

std::string_view text_behind(std::string_view text, std::uint64_t bytes) {
  return text.substr(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, text.size())));
}

class file_input final : public input {
public:
  file_input(std::unique_ptr<file_source> source, std::unique_ptr<text_source> texts, std::uint64_t skip_text_bytes)
      : source_(std::move(source)), texts_(std::move(texts)), skip_(skip_text_bytes) {}

  result<bool> read(block& next) override {
    for (;;) {
      if (!in_text_) {
        SPILLWAY_TRY_ASSIGN(const bool more, open_next());
        if (!more) {
          next.text.clear();
          next.end = mark();
          return false;
        }
      }
      fill(next);
      if (!next.text.empty()) {
        SPILLWAY_TRY(source_->check_front());
        return true;
      }
      if (failed_) {
        return *failed_;
      }
      in_text_ = false;
    }
  }

private:
  input_mark mark() const { return {source_->bytes(), source_->digest(), input_byte_, lines_}; }

  result<bool> open_next() {
    SPILLWAY_TRY_ASSIGN(auto name, texts_->next());
    if (!name) {
      return false;
    }
    member_ = std::move(*name);
    kind_ = block_kind::lines;
    member_byte_ = 0;
    line_ = 1;
    text_ended_ = false;
    in_text_ = true;
    carried_.clear();
    recognise();
    skip_known();
    return true;
  }

  // Appends up to `bytes` of the current text to `to`. Where it can't be read any further the text ends, and failed_
  // says why: what came before is given first.
  void pull(std::string& to, std::size_t bytes) {
    const std::size_t had = to.size();
    base::resize_unwritten(to, had + bytes);
    std::size_t got = 0;
    while (got < bytes && !text_ended_) {
      const auto count = texts_->read(to.data() + had + got, bytes - got);
      if (!count) {
        failed_ = count.error();
      }
      text_ended_ = !count || *count == 0;
      got += text_ended_ ? 0 : *count;
    }
    to.resize(had + got);
  }

  void pass(std::string_view text) {
    input_byte_ += text.size();
    member_byte_ += text.size();
    const std::uint64_t passed = count_lines(text);
    line_ += passed;
    lines_ += passed;
  }

  // Looks at the first line; at more only if it is not JSON by itself, as in a body that is written over many lines.
  // The first line decides also where the text was taken in part.
  void recognise() {
    pull(carried_, block_bytes);
    if (carried_.starts_with(byte_order_mark)) {
      carried_.erase(0, byte_order_mark.size());
      input_byte_ += byte_order_mark.size();
      member_byte_ += byte_order_mark.size();
      skip_ -= std::min<std::uint64_t>(skip_, byte_order_mark.size());
    }
    const std::size_t begin = std::min(carried_.find_first_not_of(" \t\r\n"), carried_.size());
    if (begin == carried_.size() || carried_[begin] != '{') {
      return;
    }
    record::json_parser parser;
    std::size_t line_end = carried_.find('\n', begin);
    if (line_end == std::string::npos) {
      pull(carried_, record::body_bytes_max - carried_.size() + 1);
      line_end = carried_.find('\n', begin);
    }
    if (line_end != std::string::npos) {
      const std::string_view line(carried_.data() + begin, line_end - begin);
      if (record::is_request_body(line, parser)) {
        kind_ = block_kind::requests;
        return;
      }
      if (parser.parse_object(line)) {
        return;
      }
    }
    pull(carried_, record::body_bytes_max - carried_.size() + 1);
    if (text_ended_ && carried_.size() <= record::body_bytes_max && record::is_request_body(carried_, parser)) {
      kind_ = block_kind::request;
    } else if (failed_) {
      carried_.clear();  // the front of a body over many lines looks like this too, and is no run of lines
    } else if (carried_.size() > record::body_bytes_max && goes_on(std::string_view(carried_).substr(begin), parser)) {
      kind_ = block_kind::overlong;
    }
  }

  // Passes over what was taken before.
  void skip_known() {
    if (skip_ == 0) {
      return;
    }
    if (kind_ == block_kind::request || kind_ == block_kind::overlong) {
      if (!is_blank(text_behind(carried_, skip_))) {
        skip_ = 0;  // the front of this body was all there was, and no line of it an event
        return;
      }
      kind_ = block_kind::lines;  // a body is taken whole: what follows it is none
    }
    std::string last_line;  // the front of it that was taken, if its end was not there
    while (skip_ > 0 && !(carried_.empty() && text_ended_)) {
      if (carried_.empty()) {
        pull(carried_, block_bytes);
      }
      const auto known = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, carried_.size()));
      const std::uint64_t ends = count_ends(std::string_view(carried_).substr(0, known));
      last_line.append(carried_, 0, known);
      last_line.erase(0, last_line.rfind('\n') + 1);
      last_line.resize(std::min(last_line.size(), line_limit() + 1));  // no more is wanted of one that is too long
      carried_.erase(0, known);
      skip_ -= known;
      input_byte_ += known;
      member_byte_ += known;
      line_ += ends;
      lines_ += ends;
    }
    if (carried_.empty()) {
      pull(carried_, block_bytes);
    }
    if (carried_.empty()) {
      lines_ += last_line.empty() ? 0 : 1;  // a text that ends without '\n' counts its last line
    } else {
      take_again(last_line);
    }
  }

  // A file that is written to while it is read ends within a line, which is a reject then. Once the rest of it is there
  // the line is taken whole. One that was JSON without its '\n' was taken: what follows it is a line of its own.
  void take_again(const std::string& line) {
    const std::string_view behind = std::string_view(carried_).substr(0, carried_.find('\n'));
    if (is_blank(line) || is_blank(behind) || line.size() > line_limit() || record::json_parser().parse_object(line)) {
      return;
    }
    carried_.insert(0, line);
    input_byte_ -= line.size();
    member_byte_ -= line.size();
  }

  std::size_t line_limit() const {
    return kind_ == block_kind::lines ? record::line_bytes_max : record::body_bytes_max;
  }

  void label(block& next) const {
    next.kind = kind_;
    next.member = member_;
    next.input_byte = input_byte_;
    next.member_byte = member_byte_;
    next.first_line = line_;
    next.overlong_bytes = 0;
  }

  void fill(block& next) {
    label(next);
    next.text.swap(carried_);
    carried_.clear();
    if (kind_ == block_kind::request) {
      return finish(next);
    }
    if (kind_ == block_kind::overlong && !next.text.empty()) {
      return pass_overlong(next);
    }
    if (next.text.size() < block_bytes) {
      pull(next.text, block_bytes - next.text.size());
    }
    std::size_t end = next.text.rfind('\n', block_bytes);  // recognise() may have read further than a block
    if (end == std::string::npos) {
      end = next.text.find('\n', block_bytes);
    }
    const bool is_last = text_ended_ && (end == std::string::npos || next.text.size() <= block_bytes);
    while (end == std::string::npos && !text_ended_) {
      if (next.text.size() > line_limit()) {
        return pass_overlong(next);
      }
      const std::size_t had = next.text.size();
      pull(next.text, block_bytes);
      end = next.text.find('\n', had);
    }
    if (failed_) {
      next.text.resize(end == std::string::npos ? 0 : next.text.rfind('\n') + 1);  // the last line is cut
    } else if (!is_last && end != std::string::npos) {
      carried_.assign(next.text, end + 1);
      next.text.resize(end + 1);
    }
    finish(next);
  }

  void finish(block& next) {
    pass(next.text);
    next.end = mark();
  }

  // Keeps the front of a line that is too long, or of a body over many lines, and reads on to its end.
  void pass_overlong(block& next) {
    const bool is_line = kind_ != block_kind::overlong;
    std::uint64_t bytes = next.text.size();
    std::uint64_t lines = is_line ? 1 : count_ends(next.text);
    char last = next.text.back();
    std::string more;
    std::size_t end = std::string::npos;
    while (end == std::string::npos && !text_ended_) {
      more.clear();
      pull(more, block_bytes);
      end = is_line ? more.find('\n') : std::string::npos;
      lines += is_line ? 0 : count_ends(more);
      bytes += std::min(end, more.size());
      last = more.empty() ? last : more.back();
    }
    lines += is_line || last == '\n' ? 0 : 1;
    next.text.resize(failed_ && end == std::string::npos ? 0 : overlong_kept_bytes);
    if (next.text.empty()) {
      return;
    }
    next.kind = block_kind::overlong;
    next.overlong_bytes = bytes;
    if (end != std::string::npos) {
      carried_.assign(more, end + 1);
      ++bytes;
    }
    input_byte_ += bytes;
    member_byte_ += bytes;
    line_ += lines;
    lines_ += lines;
    next.end = mark();
  }

  std::unique_ptr<file_source> source_;
  std::unique_ptr<text_source> texts_;
  std::uint64_t skip_;
  std::string member_;
  std::string carried_;  // read, but of the next block
  block_kind kind_ = block_kind::lines;
  bool in_text_ = false;
  bool text_ended_ = false;
  std::optional<failure> failed_;  // why the current text ended too early
  std::uint64_t input_byte_ = 0;
  std::uint64_t member_byte_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t lines_ = 0;
};

}  // namespace

result<std::unique_ptr<input>> input::open(const std::string& name, const zip_opener& open_zip,
                                           codec::gunzip_limits limits, known_part known, std::stop_token stop) {
  SPILLWAY_TRY_ASSIGN(std::unique_ptr<file_source> source, file_source::open(name, std::move(stop), known.front));
  SPILLWAY_TRY_ASSIGN(std::unique_ptr<text_source> texts, open_text(*source, open_zip, limits));
  return std::unique_ptr<input>(std::make_unique<file_input>(std::move(source), std::move(texts), known.text_bytes));
}

}  // namespace spillway::intake
