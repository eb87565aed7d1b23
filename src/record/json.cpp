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

// Walks the structural positions of one text, be it all that was indexed or a line of it. A walk takes a cursor and
// returns where it has come to; that is nullptr once something is wrong, and flaw_ says what.
class json_parser::walker {
public:
  template <inner Inner>
  checked<std::span<const member>> parse_object(std::string_view text) {
    members_.clear();
    cursor at = open(text, '{', "an object");
    if (!at || !(at = walk_members<Inner>(at)) || !end(at)) {
      return flaw_;
    }
    return std::span<const member>(members_);
  }

  template <inner Inner>
  checked<std::span<const value>> parse_array(std::string_view text) {
    elements_.clear();
    cursor at = open(text, '[', "an array");
    if (!at || !(at = walk_elements<Inner>(at)) || !end(at)) {
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

  record::spacing spacing() const { return spacing_; }

private:
  // A value that stays in two registers: as members of the walker, both were read and written at every token.
  struct cursor {
    const std::uint32_t* token = nullptr;  // its position in the text; nullptr: something is wrong
    std::size_t gaps = 0;                  // other than 0: there was white space between tokens

    explicit operator bool() const { return token != nullptr; }
  };

  cursor fail(const char* reason, std::size_t byte) {
    flaw_ = {reason, byte - line_begin_};
    return {};
  }
  cursor fail_at(cursor at, const char* reason) { return fail(reason, std::min<std::size_t>(*at.token, line_end_)); }

  // Behind the last position simdjson puts the length of what it has indexed: no position needs a look for whether it
  // is one.
  bool is_end(cursor at) const { return *at.token >= line_end_; }
  char first_of(cursor at) const { return is_end(at) ? '\0' : text_[*at.token]; }
  // From the current token on; empty behind the last, where *at.token is a token of another line.
  std::string_view rest(cursor at) const {
    return text_.substr(0, line_end_).substr(std::min<std::size_t>(*at.token, line_end_));
  }
  // Where the token behind the current one starts; the end of the text behind the last.
  std::size_t behind(cursor at) const { return std::min<std::size_t>(at.token[1], line_end_); }

  cursor open(std::string_view text, char bracket, const char* what) {
    if (!find_ahead(text) && !index(text)) {
      return {};
    }
    const cursor at{next_};
    if (is_end(at)) {
      return fail("no JSON in it", line_begin_);
    }
    if (first_of(at) != bracket) {
      flaw_ = {std::string("not ") + what, *at.token - line_begin_};
      return {};
    }
    return at;
  }

  // Whether nothing stands behind the value, where the next line is gone on from.
  bool end(cursor at) {
    if (!is_end(at)) {
      return bool(fail_at(at, "something behind the JSON value"));
    }
    next_ = at.token;
    spacing_ = at.gaps == 0 ? spacing::compact : spacing::spaced;
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
    const simdjson::error_code code = start(text);
    if (code != simdjson::SUCCESS) {
      flaw_ = flaw_of(code);
    }
    return code == simdjson::SUCCESS;
  }

  flaw flaw_of(simdjson::error_code code) const {
    switch (code) {
      case simdjson::CAPACITY: return {"too long", 0};
      case simdjson::EMPTY: return {"no JSON in it", 0};
      case simdjson::UTF8_ERROR: return {"invalid UTF-8", utf8_fault()};
      case simdjson::UNCLOSED_STRING: return {"a string without an end", text_.size()};
      case simdjson::UNESCAPED_CHARS: return {"a control character in a string", control_character()};
      default: return {"not JSON", 0};
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

  // Steps over a bracket, colon or comma.
  cursor step(cursor at) const { return {at.token + 1, at.gaps | (behind(at) - (*at.token + 1))}; }

  // Steps over the token that has to be here.
  cursor step_over(cursor at, char token, const char* else_reason) {
    return first_of(at) == token ? step(at) : fail_at(at, else_reason);
  }

  cursor walk_string(cursor at, std::string_view& inside) {
    const std::size_t open = *at.token;
    std::size_t close = behind(at) - 1;
    while (text_[close] != '"') {
      SPILLWAY_ASSERT(is_json_space(text_[close]));
      at.gaps = 1;
      --close;
    }
    SPILLWAY_ASSERT(close > open);
    inside = text_.substr(open + 1, close - open - 1);
    if (next_escape_ < close && !check_string(inside, open + 1)) {
      return {};
    }
    return {at.token + 1, at.gaps};
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
  cursor end_scalar(cursor at, std::size_t end) {
    const std::size_t next_token = behind(at);
    for (std::size_t i = end; i < next_token; ++i) {
      if (!is_json_space(text_[i])) {
        return fail("not a JSON value", *at.token);
      }
    }
    return {at.token + 1, at.gaps | (next_token - end)};
  }

  // The length is known to the compiler, so that the comparison is one instruction or two.
  template <std::size_t Size>
  cursor walk_literal(cursor at, value& out, const char (&literal)[Size], value_kind kind) {
    constexpr std::size_t bytes = Size - 1;
    out = {rest(at).substr(0, bytes), kind};
    const bool same = out.text.size() == bytes && std::memcmp(out.text.data(), literal, bytes) == 0;
    return same ? end_scalar(at, *at.token + bytes) : fail_at(at, "not a JSON value");
  }

  cursor walk_number(cursor at, value& out) {
    const number_shape shape = scan_number(rest(at));
    if (shape.bytes == 0) {
      return fail_at(at, "not a JSON value");
    }
    out = {text_.substr(*at.token, shape.bytes), value_kind::number};
    if (const char* fault = number_fault(out.text, shape); fault != nullptr) {
      return fail_at(at, fault);
    }
    return end_scalar(at, *at.token + shape.bytes);
  }

  // `depth` is that of the value itself, if it is an object or an array.
  template <inner Inner = inner::walked>
  cursor walk_value(cursor at, value& out, int depth) {
    switch (first_of(at)) {
      case '"': out.kind = value_kind::string; return walk_string(at, out.text);
      case '{': return walk_container<Inner>(at, out, value_kind::object, depth);
      case '[': return walk_container<Inner>(at, out, value_kind::array, depth);
      case 'n': return walk_literal(at, out, "null", value_kind::null);
      case 't': return walk_literal(at, out, "true", value_kind::boolean);
      case 'f': return walk_literal(at, out, "false", value_kind::boolean);
      default: return walk_number(at, out);
    }
  }

  template <inner Inner>
  cursor walk_container(cursor at, value& out, value_kind kind, int depth) {
    if (depth > depth_max) {
      return fail_at(at, "nested too deeply");
    }
    const std::size_t begin = *at.token;
    if constexpr (Inner == inner::passed) {
      at = pass_container(at, kind == value_kind::object ? '}' : ']');
    } else {
      at = kind == value_kind::object ? skip_object(at, depth) : skip_array(at, depth);
    }
    if (at) {
      out = {text_.substr(begin, at.token[-1] + 1 - begin), kind};
    }
    return at;
  }

  // Passes over an object or an array by its brackets alone.
  cursor pass_container(cursor at, char closing) {
    std::size_t open = 0;
    do {
      const char c = first_of(at);
      if (c == '\0') {
        return fail_at(at, "a comma or a closing bracket is missing");
      }
      open += c == '{' || c == '[' ? 1 : 0;
      open -= c == '}' || c == ']' ? 1 : 0;
      ++at.token;
    } while (open > 0);
    return text_[at.token[-1]] == closing ? at : fail("a comma or a closing bracket is missing", at.token[-1]);
  }

  cursor walk_key(cursor at, std::string_view& key) {
    if (first_of(at) != '"') {
      return fail_at(at, "a key is missing");
    }
    at = walk_string(at, key);
    return at ? step_over(at, ':', "a colon is missing") : at;
  }

  // Walks what stands between brackets: `walk_one` one member or element of it.
  template <class Walk>
  cursor walk_list(cursor at, char closing, Walk walk_one) {
    at = step(at);
    if (first_of(at) == closing) {
      return step(at);
    }
    for (;; at = step(at)) {
      at = walk_one(at);
      if (!at) {
        return at;
      }
      if (first_of(at) != ',') {
        return step_over(at, closing, "a comma or a closing bracket is missing");
      }
    }
  }

  template <inner Inner = inner::walked>
  cursor walk_member(cursor at, member& out, int depth) {
    at = walk_key(at, out.key);
    return at ? walk_value<Inner>(at, out.value, depth) : at;
  }

  cursor skip_object(cursor at, int depth) {
    member ignored;
    return walk_list(at, '}', [&](cursor here) { return walk_member(here, ignored, depth + 1); });
  }

  cursor skip_array(cursor at, int depth) {
    value ignored;
    return walk_list(at, ']', [&](cursor here) { return walk_value(here, ignored, depth + 1); });
  }

  template <inner Inner>
  cursor walk_members(cursor at) {
    return walk_list(at, '}', [this](cursor here) { return walk_member<Inner>(here, members_.emplace_back(), 2); });
  }

  template <inner Inner>
  cursor walk_elements(cursor at) {
    return walk_list(at, ']', [this](cursor here) { return walk_value<Inner>(here, elements_.emplace_back(), 2); });
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1_;
  std::string_view text_;                // what was indexed
  const std::uint32_t* next_ = nullptr;  // the first token that was not walked over
  std::size_t line_begin_ = 0;           // of the text that is walked, in text_
  std::size_t line_end_ = 0;
  bool is_ahead_ = false;  // more lines of text_ may come
  std::size_t next_escape_ = 0;
  record::spacing spacing_ = spacing::compact;
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
