// Goes over JSON that json_parser has accepted: nothing is checked again, and values stay views of the text.
#pragma once

#include "record/json.hpp"
#include "record/json_text.hpp"

#include <string_view>

namespace spillway::record {

// Reads one value after the other from a text. REQUIRES: all of it is part of a text that was accepted, and begins
// where a value, a comma, a colon or a bracket stands.
class json_scanner {
public:
  explicit json_scanner(std::string_view text) : text_(text) {}

  // The bracket, colon or comma that stands here is passed over, with white space on both sides.
  void step() {
    skip_space();
    ++at_;
    skip_space();
  }
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  value next() {
    const std::size_t begin = at_;
    switch (here()) {
      case '"': pass_string(); return {text_.substr(begin + 1, at_ - begin - 2), value_kind::string};
      case '{':
      case '[':
        pass_container();
        return {text_.substr(begin, at_ - begin), text_[begin] == '{' ? value_kind::object : value_kind::array};
      default: return next_scalar();
    }
  }

  void skip_space() {
    while (at_ < text_.size() && is_json_space(text_[at_])) {
      ++at_;
    }
  }

private:
  value next_scalar() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']' &&
           !is_json_space(text_[at_])) {
      ++at_;
    }
    const std::string_view text = text_.substr(begin, at_ - begin);
    switch (text.empty() ? 'n' : text.front()) {
      case 'n': return {text, value_kind::null};
      case 't':
      case 'f': return {text, value_kind::boolean};
      default: return {text, value_kind::number};
    }
  }

  void pass_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      at_ += text_[at_] == '\\' ? 1 : 0;
    }
    ++at_;
  }

  void pass_container() {
    int depth = 0;
    do {
      switch (text_[at_]) {
        case '"': pass_string(); continue;
        case '{':
        case '[': ++depth; break;
        case '}':
        case ']': --depth; break;
        default: break;
      }
      ++at_;
    } while (depth > 0 && at_ < text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Calls visit(key, value) for each member of an object, in order, keys as they came.
template <class Visit>
void for_each_member(std::string_view object, Visit visit) {
  json_scanner scanner(object);
  scanner.step();
  while (scanner.here() == '"') {
    const std::string_view key = scanner.next().text;
    scanner.step();
    visit(key, scanner.next());
    scanner.step();
  }
}

// Calls visit(value) for each element of an array, in order.
template <class Visit>
void for_each_element(std::string_view array, Visit visit) {
  json_scanner scanner(array);
  scanner.step();
  while (scanner.here() != ']' && scanner.here() != '\0') {
    visit(scanner.next());
    scanner.skip_space();
    if (scanner.here() == ',') {
      scanner.step();
    } else {
      return;
    }
  }
}

std::size_t count_elements(std::string_view array);

// The value of a key, the last if it is repeated; absent if there is none. `key` is in UTF-8, unescaped.
value find_member(std::string_view object, std::string_view key);

}  // namespace spillway::record
