#include "store/duplicate_index.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <cstdlib>

namespace spillway::store {
namespace {

constexpr std::size_t batch_key_bytes = 20;

// The table of recent_keys: 2^20 slots of 24 bytes, for what is merged and a commit of small events.
constexpr std::size_t table_bytes = std::size_t{26'000'000};

void append_batch_key(std::string& batch, const seen_key& key) {
  base::append_number(batch, key.hash.high);
  base::append_number(batch, key.hash.low);
  base::append_number(batch, key.uploaded_at_us);
}

}  // namespace

duplicate_index::duplicate_index(db::database& reads, index_limits limits)
    : limits_(limits), rows_(reads, limits.memory_bytes - std::min(limits.memory_bytes, table_bytes)) {}

result<duplicate_index> duplicate_index::open(db::database& reads, index_limits limits) {
  duplicate_index opened(reads, limits);
  SPILLWAY_TRY(opened.load(reads));
  return opened;
}

result<void> duplicate_index::load(db::database& reads) {
  SPILLWAY_TRY_ASSIGN(db::statement batches, reads.query("SELECT keys FROM duplicate_batch ORDER BY id"));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, batches.step());
    if (!more) {
      return rows_.load();
    }
    for (const seen_key& key : keys_of_batch(batches.blob(0))) {
      if (std::abs(week_of(key.uploaded_at_us)) > week_max) {
        return damaged_keys();
      }
      recent_.add(key);
    }
  }
}

result<std::vector<novelty>> duplicate_index::admit(std::span<const seen_key> keys) {
  std::vector<novelty> verdicts(keys.size(), novelty::kept);
  SPILLWAY_TRY(rows_.find_duplicates(keys, verdicts));
  constexpr std::size_t ahead = 8;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + ahead < keys.size()) {
      __builtin_prefetch(recent_.place_of(keys[i + ahead]));
    }
    if (verdicts[i] == novelty::duplicate || recent_.has_duplicate(keys[i])) {
      verdicts[i] = novelty::duplicate;
    } else {
      recent_.add(keys[i]);
      append_batch_key(unsaved_, keys[i]);
    }
  }
  return verdicts;
}

result<void> duplicate_index::merge(db::database& state) {
  if (recent_.size() < limits_.recent_keys && rows_.wants_merge()) {
    return rows_.merge_some(state);
  }
  SPILLWAY_TRY(rows_.add(state, recent_.take_all()));
  return state.run("DELETE FROM duplicate_batch");
}

result<void> write_keys(db::database& state, std::string_view keys) {
  return keys.empty() ? result<void>{} : state.run("INSERT INTO duplicate_batch(keys) VALUES(?)", db::as_blob{keys});
}

std::vector<seen_key> keys_of_batch(std::string_view keys) {
  std::vector<seen_key> read(keys.size() / batch_key_bytes);
  for (std::size_t i = 0; i < read.size(); ++i) {
    const char* const raw = keys.data() + i * batch_key_bytes;
    read[i] = {{base::read_number<std::uint64_t>(raw), base::read_number<std::uint32_t>(raw + 8)},
               base::read_number<std::int64_t>(raw + 12)};
  }
  return read;
}

}  // namespace spillway::store
