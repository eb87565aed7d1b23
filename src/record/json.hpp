// JSON as records need it: every byte checked, nothing converted. Values stay views of the text, so that strings and
// numbers can be copied as they came.
//
// simdjson's first stage (structural positions, strings, UTF-8) does the heavy part; the walk over those positions is
// ours, because simdjson's second stage would turn numbers and strings into something else.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record {

// Deeper text is refused; the outermost object is level 1. Amplitude's own limit is 40 for an object.
inline constexpr int depth_max = 64;

enum class value_kind : std::uint8_t { absent, null, boolean, number, string, object, array };

// A value inside a text that the parser has accepted.
struct value {
  std::string_view text;  // as it stands there; of a string without its quotes
  value_kind kind = value_kind::absent;
};

struct member {
  std::string_view key;  // without quotes, escapes as they came
  record::value value;
};

// Why a text is no JSON, or a line no event.
struct flaw {
  std::string reason;      // "an escape that JSON does not have"
  std::uint64_t byte = 0;  // where in the text, from 0
};

template <class T>
using checked = boost::system::result<T, flaw>;
[[noreturn]] void throw_exception_from_error(const flaw& error, const boost::source_location& where);

// Whether white space stood outside strings: if not, objects and arrays can be copied as they are.
enum class spacing : std::uint8_t { compact, spaced };

// Accepts exactly RFC 8259 in UTF-8, less: nesting over depth_max, lone surrogates, integers over 64 bits and numbers
// beyond a double. Reusable; not thread-safe. Memory: about 5 bytes for each byte of the longest text so far.
class json_parser {
public:
  json_parser();
  ~json_parser();
  json_parser(json_parser&&) noexcept;
  json_parser& operator=(json_parser&&) noexcept;

  // The members of the object that `text` is, in their order, repeated keys included. Valid until the next call.
  checked<std::span<const member>> parse_object(std::string_view text);

  // The elements of the array that `text` is. Valid until the next call.
  checked<std::span<const value>> parse_array(std::string_view text);

  // The same of an object or an array whose members are to be parsed one by one: what is in objects and arrays below it
  // is passed over from bracket to bracket, so that no fault of one keeps the others from being found. Of all text,
  // it is known that it is UTF-8 and that strings end.
  checked<std::span<const member>> outline_object(std::string_view text);
  checked<std::span<const value>> outline_array(std::string_view text);

  // Looks over a run of lines in one pass. Lines of it that are then parsed, from the first to the last, are spared a
  // pass of their own. The results are the same: where the pass finds a fault, each line has its own again.
  // REQUIRES: `lines` stays as it is until the next call; an empty one ends it.
  void look_ahead(std::string_view lines);

  // Of the last text that was accepted, not by its outline.
  record::spacing spacing() const;

private:
  class walker;
  std::unique_ptr<walker> walker_;
};

}  // namespace spillway::record
