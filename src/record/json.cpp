#include "record/json.hpp"

#include "base/result.hpp"
#include "record/json_text.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

#include <simdjson.h>

namespace spillway::record {

void throw_exception_from_error(const flaw& error, const boost::source_location&) {
  throw std::logic_error("the value of a flaw was taken: " + error.reason);
}

namespace {

// What becomes of objects and arrays that stand in the outermost one.
enum class inner { walked, passed };

}  // namespace

// Walks the structural positions of one text, be it all that was indexed or a line of it. A method returns false once
// something is wrong; flaw_ says what.
class json_parser::walker {
public:
  template <inner Inner>
  checked<std::span<const member>> parse_object(std::string_view text) {
    members_.clear();
    if (!open(text, '{', "an object") || !walk_members<Inner>() || !at_end()) {
      return flaw_;
    }
    return std::span<const member>(members_);
  }

  template <inner Inner>
  checked<std::span<const value>> parse_array(std::string_view text) {
    elements_.clear();
    if (!open(text, '[', "an array") || !walk_elements<Inner>() || !at_end()) {
      return flaw_;
    }
    return std::span<const value>(elements_);
  }

  // A line is 1.6 KB, so that beginning and ending a pass for each costs as much as a quarter of the pass. Lines can be
  // told apart behind a pass without fault: outside of strings '\n' is white space, and inside of one it is a fault.
  void look_ahead(std::string_view lines) {
    is_ahead_ = !lines.empty() && start(lines) == simdjson::SUCCESS;
    line_end_ = 0;
  }

  record::spacing spacing() const { return gap_ ? spacing::spaced : spacing::compact; }

private:
  bool fail(const char* reason, std::size_t byte) {
    flaw_ = {reason, byte - line_begin_};
    return false;
  }
  bool fail_here(const char* reason) { return fail(reason, std::min<std::size_t>(*next_, line_end_)); }

  // Behind the last position simdjson puts the length of what it has indexed: no position needs a look for whether it
  // is one.
  bool is_end() const { return *next_ >= line_end_; }
  char here() const { return is_end() ? '\0' : text_[*next_]; }
  // From the current token on; empty behind the last, where *next_ is a token of another line.
  std::string_view rest() const { return text_.substr(0, line_end_).substr(std::min<std::size_t>(*next_, line_end_)); }
  // Where the token behind the current one starts; the end of the text behind the last.
  std::size_t behind() const { return std::min<std::size_t>(next_[1], line_end_); }

  bool open(std::string_view text, char bracket, const char* what) {
    gap_ = false;
    if (!find_ahead(text) && !index(text)) {
      return false;
    }
    if (is_end()) {
      return fail("no JSON in it", line_begin_);
    }
    if (here() != bracket) {
      flaw_ = {std::string("not ") + what, *next_ - line_begin_};
      return false;
    }
    return true;
  }

  // Goes on to a line that was looked over before.
  bool find_ahead(std::string_view text) {
    const auto begin = static_cast<std::size_t>(text.data() - text_.data());  // vast for what stands before it
    if (!is_ahead_ || begin < line_end_ || begin > text_.size() || text.size() > text_.size() - begin) {
      return false;
    }
    line_begin_ = begin;
    line_end_ = begin + text.size();
    while (*next_ < begin) {
      ++next_;  // what a faulty line has left
    }
    if (next_escape_ < begin) {
      next_escape_ = find_escape(begin);
    }
    return true;
  }

  bool reserve(std::size_t bytes) {
    if (stage1_ && stage1_->capacity() >= bytes) {
      return true;
    }
    const std::size_t wanted = std::max<std::size_t>(bytes + bytes / 4, std::size_t{64} << 10);
    stage1_.reset();
    const simdjson::error_code made =
        simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, depth_max, stage1_);
    if (made == simdjson::MEMALLOC) {
      throw std::bad_alloc();  // as our own vectors do: it is no flaw of the text
    }
    return made == simdjson::SUCCESS;
  }

  // The pass over a text, from whose first position the walk starts.
  simdjson::error_code start(std::string_view text) {
    text_ = text;
    if (text.size() > std::numeric_limits<std::uint32_t>::max() / 2 || !reserve(text.size())) {
      return simdjson::CAPACITY;
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const simdjson::error_code code = stage1_->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
    next_ = stage1_->structural_indexes.get();
    next_escape_ = find_escape(0);
    SPILLWAY_ASSERT(code != simdjson::SUCCESS || next_[stage1_->n_structural_indexes] == text.size());
    return code;
  }

  bool index(std::string_view text) {
    is_ahead_ = false;
    line_begin_ = 0;
    line_end_ = text.size();
    switch (start(text)) {
      case simdjson::SUCCESS: return true;
      case simdjson::CAPACITY: return fail("too long", 0);
      case simdjson::EMPTY: return fail("no JSON in it", 0);
      case simdjson::UTF8_ERROR: return fail("invalid UTF-8", utf8_fault());
      case simdjson::UNCLOSED_STRING: return fail("a string without an end", text.size());
      case simdjson::UNESCAPED_CHARS: return fail("a control character in a string", control_character());
      default: return fail("not JSON", 0);
    }
  }

  // Only for the message: the first byte below 0x20 inside of a string.
  std::size_t control_character() const {
    bool in_string = false;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '"') {
        in_string = !in_string;
      } else if (text_[i] == '\\' && i + 1 < text_.size() && (text_[i + 1] == '"' || text_[i + 1] == '\\')) {
        ++i;
      } else if (in_string && static_cast<unsigned char>(text_[i]) < 0x20) {
        return i;
      }
    }
    return text_.size();
  }

  bool is_utf8(std::size_t begin, std::size_t end) const {
    return simdjson::validate_utf8(text_.data() + begin, end - begin);
  }

  // The bytes of the character at `at`; 0: none is there.
  std::size_t character_bytes(std::size_t at) const {
    for (std::size_t bytes = 1; bytes <= 4 && at + bytes <= text_.size(); ++bytes) {
      if (is_utf8(at, at + bytes)) {
        return bytes;
      }
    }
    return 0;
  }

  // Only for the message: the longest valid prefix, found by halving.
  std::size_t utf8_fault() const {
    std::size_t valid = 0;
    std::size_t invalid = text_.size();
    while (valid < invalid) {
      std::size_t cut = valid + (invalid - valid) / 2;
      while (cut > valid && (static_cast<unsigned char>(text_[cut]) & 0xc0) == 0x80) {
        --cut;
      }
      if (cut > valid) {
        (is_utf8(valid, cut) ? valid : invalid) = cut;
        continue;
      }
      const std::size_t bytes = character_bytes(valid);
      if (bytes == 0) {
        break;
      }
      valid += bytes;
    }
    return valid;
  }

  bool at_end() { return is_end() || fail_here("something behind the JSON value"); }

  // Notes a gap and steps over a bracket, colon or comma.
  void step() {
    gap_ |= *next_ + 1 != behind();
    ++next_;
  }

  bool walk_string(std::string_view& inside) {
    const std::size_t open = *next_;
    std::size_t close = behind() - 1;
    if (text_[close] != '"') {
      gap_ = true;
      while (is_json_space(text_[close])) {
        --close;
      }
    }
    SPILLWAY_ASSERT(close > open && text_[close] == '"');
    inside = text_.substr(open + 1, close - open - 1);
    ++next_;
    return next_escape_ >= close || check_string(inside, open + 1);
  }

  // Of a string that has escapes, which few have. Stands apart, so that walk_string is short enough to be put in place.
  [[gnu::noinline]] bool check_string(std::string_view inside, std::size_t begin) {
    next_escape_ = find_escape(begin + inside.size());
    const escape_fault fault = check_escapes(inside);
    return fault.reason == nullptr || fail(fault.reason, begin + fault.at);
  }

  // The first backslash from `begin` on; strings in front of it need no look. The end of the text if there is none.
  std::size_t find_escape(std::size_t begin) const { return std::min(text_.find('\\', begin), text_.size()); }

  // The text of a scalar ends before white space or the next token.
  bool end_scalar(std::size_t end) {
    const std::size_t next_token = behind();
    if (end != next_token) {
      gap_ = true;
      for (std::size_t i = end; i < next_token; ++i) {
        if (!is_json_space(text_[i])) {
          return fail("not a JSON value", *next_);
        }
      }
    }
    ++next_;
    return true;
  }

  // The length is known to the compiler, so that the comparison is one instruction or two.
  template <std::size_t Size>
  bool walk_literal(value& out, const char (&literal)[Size], value_kind kind) {
    constexpr std::size_t bytes = Size - 1;
    out = {rest().substr(0, bytes), kind};
    const bool same = out.text.size() == bytes && std::memcmp(out.text.data(), literal, bytes) == 0;
    return same ? end_scalar(*next_ + bytes) : fail_here("not a JSON value");
  }

  bool walk_number(value& out) {
    const number_shape shape = scan_number(rest());
    if (shape.bytes == 0) {
      return fail_here("not a JSON value");
    }
    out = {text_.substr(*next_, shape.bytes), value_kind::number};
    if (const char* fault = number_fault(out.text, shape); fault != nullptr) {
      return fail_here(fault);
    }
    return end_scalar(*next_ + shape.bytes);
  }

  // `depth` is that of the value itself, if it is an object or an array.
  template <inner Inner = inner::walked>
  bool walk_value(value& out, int depth) {
    switch (here()) {
      case '"': out.kind = value_kind::string; return walk_string(out.text);
      case '{': return walk_container<Inner>(out, value_kind::object, depth);
      case '[': return walk_container<Inner>(out, value_kind::array, depth);
      case 'n': return walk_literal(out, "null", value_kind::null);
      case 't': return walk_literal(out, "true", value_kind::boolean);
      case 'f': return walk_literal(out, "false", value_kind::boolean);
      default: return walk_number(out);
    }
  }

  template <inner Inner>
  bool walk_container(value& out, value_kind kind, int depth) {
    if (depth > depth_max) {
      return fail_here("nested too deeply");
    }
    const std::size_t begin = *next_;
    if constexpr (Inner == inner::passed) {
      if (!pass_container(kind == value_kind::object ? '}' : ']')) {
        return false;
      }
    } else if (!(kind == value_kind::object ? skip_object(depth) : skip_array(depth))) {
      return false;
    }
    out = {text_.substr(begin, *(next_ - 1) + 1 - begin), kind};
    return true;
  }

  // Passes over an object or an array by its brackets alone.
  bool pass_container(char closing) {
    std::size_t open = 0;
    do {
      const char c = here();
      if (c == '\0') {
        return fail_here("a comma or a closing bracket is missing");
      }
      open += c == '{' || c == '[' ? 1 : 0;
      open -= c == '}' || c == ']' ? 1 : 0;
      ++next_;
    } while (open > 0);
    return text_[*(next_ - 1)] == closing || fail("a comma or a closing bracket is missing", *(next_ - 1));
  }

  bool walk_key(std::string_view& key) {
    if (here() != '"') {
      return fail_here("a key is missing");
    }
    if (!walk_string(key)) {
      return false;
    }
    if (here() != ':') {
      return fail_here("a colon is missing");
    }
    step();
    return true;
  }

  // After a member or an element: true with `more` set, or the closing bracket is passed.
  bool walk_separator(char closing, bool& more) {
    more = here() == ',';
    if (!more && here() != closing) {
      return fail_here("a comma or a closing bracket is missing");
    }
    step();
    return true;
  }

  bool skip_object(int depth) {
    step();
    if (here() == '}') {
      step();
      return true;
    }
    std::string_view key;
    value ignored;
    for (bool more = true; more;) {
      if (!walk_key(key) || !walk_value(ignored, depth + 1) || !walk_separator('}', more)) {
        return false;
      }
    }
    return true;
  }

  bool skip_array(int depth) {
    step();
    if (here() == ']') {
      step();
      return true;
    }
    value ignored;
    for (bool more = true; more;) {
      if (!walk_value(ignored, depth + 1) || !walk_separator(']', more)) {
        return false;
      }
    }
    return true;
  }

  template <inner Inner>
  bool walk_members() {
    step();
    if (here() == '}') {
      step();
      return true;
    }
    for (bool more = true; more;) {
      member& added = members_.emplace_back();
      if (!walk_key(added.key) || !walk_value<Inner>(added.value, 2) || !walk_separator('}', more)) {
        return false;
      }
    }
    return true;
  }

  template <inner Inner>
  bool walk_elements() {
    step();
    if (here() == ']') {
      step();
      return true;
    }
    for (bool more = true; more;) {
      if (!walk_value<Inner>(elements_.emplace_back(), 2) || !walk_separator(']', more)) {
        return false;
      }
    }
    return true;
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1_;
  std::string_view text_;                // what was indexed
  const std::uint32_t* next_ = nullptr;  // the current token's position
  std::size_t line_begin_ = 0;           // of the text that is walked, in text_
  std::size_t line_end_ = 0;
  bool is_ahead_ = false;  // more lines of text_ may come
  std::size_t next_escape_ = 0;
  bool gap_ = false;
  flaw flaw_;
  std::vector<member> members_;
  std::vector<value> elements_;
};

json_parser::json_parser() : walker_(std::make_unique<walker>()) {}
json_parser::~json_parser() = default;
json_parser::json_parser(json_parser&&) noexcept = default;
json_parser& json_parser::operator=(json_parser&&) noexcept = default;

checked<std::span<const member>> json_parser::parse_object(std::string_view text) {
  return walker_->parse_object<inner::walked>(text);
}
checked<std::span<const value>> json_parser::parse_array(std::string_view text) {
  return walker_->parse_array<inner::walked>(text);
}
checked<std::span<const member>> json_parser::outline_object(std::string_view text) {
  return walker_->parse_object<inner::passed>(text);
}
checked<std::span<const value>> json_parser::outline_array(std::string_view text) {
  return walker_->parse_array<inner::passed>(text);
}
void json_parser::look_ahead(std::string_view lines) { walker_->look_ahead(lines); }
spacing json_parser::spacing() const { return walker_->spacing(); }

}  // namespace spillway::record
