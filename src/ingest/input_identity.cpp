#include "ingest/input_identity.hpp"

#include "base/bytes.hpp"

namespace spillway::ingest {
namespace {

// Bytes: head_bytes, head_hash (high, low), number; each 8, little-endian.
base::hash128 identity_of(const store::input_row& row, std::int64_t number) {
  std::string name;
  base::append_number(name, row.head_bytes);
  name += store::to_blob(row.head_hash);
  base::append_number(name, number);
  return base::hash128_of(name);
}

}  // namespace

result<base::hash128> input_identities::take(db::database& state, const store::input_row& row) {
  if (row.id != 0) {
    SPILLWAY_TRY_ASSIGN(const std::int64_t number, store::count_inputs_before(state, row));
    return identity_of(row, number);
  }
  const auto [next, first] = next_numbers_.try_emplace({row.head_bytes, row.head_hash});
  if (first) {
    SPILLWAY_TRY_ASSIGN(next->second, store::count_inputs_before(state, row));
  }
  return identity_of(row, next->second++);
}

}  // namespace spillway::ingest
