// Keys of one week, in the order of their hashes, as a row of the state file holds them.
//
// A key is 17 bytes, little-endian: hash high (8), hash low (4), server_upload_time in us since the week began (5):
//   88 77 66 55 44 33 22 11  cc bb aa 99  00 f0 7b 0d 35     1122334455667788 99aabbcc, 2 days and 15:17:39.492864
#pragma once

#include "store/seen_key.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::store {

inline constexpr std::size_t row_key_bytes = 17;

// 65,280 bytes: a page of 64 KiB, less what SQLite needs of it for one row.
inline constexpr std::size_t keys_per_row_max = 3'840;
inline constexpr std::size_t row_bytes_max = keys_per_row_max * row_key_bytes;

// The week is not written: it is the row's.
void append_key(std::string& row, const seen_key& key);

inline std::size_t keys_in(std::string_view row) { return row.size() / row_key_bytes; }
key_hash hash_at(std::string_view row, std::size_t index);
seen_key key_at(std::string_view row, std::size_t index, std::int64_t week);

// The key with this hash, of which a week has one at most.
std::optional<seen_key> find_key(std::string_view row, const key_hash& hash, std::int64_t week);

}  // namespace spillway::store
