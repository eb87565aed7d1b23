// Input lines that could not be taken, kept with their place and reason.
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace spillway::store {

// Of a longer line the front is kept.
inline constexpr std::size_t reject_text_bytes_max = std::size_t{64} << 10;

// So many are kept of one input: more of them say that it is the wrong file.
inline constexpr std::int64_t rejects_per_input_max = 100'000;

struct reject_row {
  std::int64_t input_id = 0;
  std::string place;            // the input as it was named, "/member" of a zip behind it
  std::uint64_t line = 0;       // from 1
  std::uint64_t byte = 0;       // of the flaw, from 0, in the input's text (inflated, if it was compressed)
  std::string reason;
  std::uint64_t text_bytes = 0;  // of the whole line
  std::string text;             // at most reject_text_bytes_max
};

result<void> add_reject(db::database& state, const reject_row& added);

// Hands all rejects to `sink` in the order in which they came.
result<void> read_rejects(db::database& state, const std::function<result<void>(const reject_row&)>& sink);

result<std::int64_t> count_rejects(db::database& state);

// Drops all rejects; how many there were. What inputs count as rejected stays: it says what came of their lines.
result<std::int64_t> forget_rejects(db::database& state);

}  // namespace spillway::store
