#include "store/key_row.hpp"

#include "base/bytes.hpp"

namespace spillway::store {
namespace {

constexpr std::size_t low_at = 8;
constexpr std::size_t time_at = 12;
constexpr std::size_t time_bytes = 5;  // a week is less than 2^40 us

// Where the first hash stands that is not less.
std::size_t lower_bound(std::string_view row, const key_hash& hash) {
  std::size_t low = 0;
  std::size_t high = keys_in(row);
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (hash_at(row, middle) < hash) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

void append_key(std::string& row, const seen_key& key) {
  base::append_number(row, key.hash.high);
  base::append_number(row, key.hash.low);
  const auto in_week_us = static_cast<std::uint64_t>(key.uploaded_at_us - start_of_week(week_of(key.uploaded_at_us)));
  for (std::size_t i = 0; i < time_bytes; ++i) {
    row += static_cast<char>(in_week_us >> (8 * i) & 0xff);
  }
}

key_hash hash_at(std::string_view row, std::size_t index) {
  const char* const raw = row.data() + index * row_key_bytes;
  return {base::read_number<std::uint64_t>(raw), base::read_number<std::uint32_t>(raw + low_at)};
}

seen_key key_at(std::string_view row, std::size_t index, std::int64_t week) {
  const char* const raw = row.data() + index * row_key_bytes + time_at;
  std::int64_t in_week_us = 0;
  for (std::size_t i = time_bytes; i-- > 0;) {
    in_week_us = in_week_us << 8 | static_cast<unsigned char>(raw[i]);
  }
  return {hash_at(row, index), start_of_week(week) + in_week_us};
}

std::optional<seen_key> find_key(std::string_view row, const key_hash& hash, std::int64_t week) {
  const std::size_t at = lower_bound(row, hash);
  return at < keys_in(row) && hash_at(row, at) == hash ? std::optional(key_at(row, at, week)) : std::nullopt;
}

}  // namespace spillway::store
