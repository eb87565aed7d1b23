#include "store/duplicate_index.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <limits>

namespace spillway::store {
namespace {

constexpr std::size_t key_bytes = 24;
constexpr std::size_t keys_per_row = 2'000;      // 48 kB: within one page of 64 KiB
constexpr std::size_t keys_per_row_max = 2'600;  // fuller rows are split
constexpr std::size_t filter_bytes_max = std::size_t{64} << 20;  // room for 44 million keys
constexpr std::int64_t empty_slot = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t window_us = std::chrono::microseconds(duplicate_window).count();
constexpr std::int64_t day_us = std::chrono::microseconds(std::chrono::days{1}).count();

std::int64_t day_of(std::int64_t us) { return us / day_us - (us % day_us < 0 ? 1 : 0); }

// Without an overflow, whatever times a damaged file has.
bool within_window(std::int64_t one_us, std::int64_t other_us) {
  const auto [earlier, later] = std::minmax(one_us, other_us);
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier) <= window_us;
}

void append_key(std::string& blob, const seen_key& key) {
  base::append_number(blob, key.hash.high);
  base::append_number(blob, key.hash.low);
  base::append_number(blob, key.uploaded_at_us);
}

seen_key key_at(std::string_view blob, std::size_t index) {
  const char* const raw = blob.data() + index * key_bytes;
  return {{base::read_number<std::uint64_t>(raw), base::read_number<std::uint64_t>(raw + 8)},
          base::read_number<std::int64_t>(raw + 16)};
}

failure damaged_keys() { return {errc::corrupt, "using the state file", "the index of duplicates is damaged", {}}; }

std::vector<seen_key> keys_of(std::string_view blob) {
  std::vector<seen_key> keys(blob.size() / key_bytes);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i] = key_at(blob, i);
  }
  return keys;
}

std::string blob_of(std::span<const seen_key> keys) {
  std::string blob;
  blob.reserve(keys.size() * key_bytes);
  for (const seen_key& key : keys) {
    append_key(blob, key);
  }
  return blob;
}

// Big-endian, so that SQLite's byte order of blobs is the order of numbers.
std::string sortable(const base::hash128& hash) {
  std::string blob;
  for (const std::uint64_t half : {hash.high, hash.low}) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      blob += static_cast<char>(half >> shift & 0xff);
    }
  }
  return blob;
}

base::hash128 from_sortable(std::string_view blob) {
  const auto half = [blob](std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = at; i < at + 8; ++i) {
      number = number << 8 | static_cast<unsigned char>(blob[i]);
    }
    return number;
  };
  return {half(0), half(8)};
}

// Whether a sorted row has the hash with a time within the window.
bool row_has_duplicate(std::string_view row, const seen_key& key) {
  std::size_t low = 0;
  std::size_t high = row.size() / key_bytes;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (key_at(row, middle).hash < key.hash) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < row.size() / key_bytes && key_at(row, low).hash == key.hash; ++low) {
    if (within_window(key_at(row, low).uploaded_at_us, key.uploaded_at_us)) {
      return true;
    }
  }
  return false;
}

}  // namespace

result<duplicate_index> duplicate_index::open(db::database& reads, std::size_t recent_max) {
  duplicate_index opened(reads, recent_max);
  SPILLWAY_TRY(opened.load());
  return opened;
}

result<void> duplicate_index::load() {
  slots_.assign(1 << 14, {{}, empty_slot});
  SPILLWAY_TRY_ASSIGN(db::statement batches, reads_->query("SELECT keys FROM duplicate_batch ORDER BY id"));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, batches.step());
    if (!more) {
      break;
    }
    for (const seen_key& key : keys_of(batches.blob(0))) {
      remember(key);
    }
  }
  SPILLWAY_TRY_ASSIGN(db::statement days, reads_->query("SELECT DISTINCT day FROM duplicate_row"));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, days.step());
    if (!more) {
      return {};
    }
    days_[days.number(0)];
  }
}

bool duplicate_index::is_recent_duplicate(const seen_key& key) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = key.hash.low & mask; slots_[at].uploaded_at_us != empty_slot; at = (at + 1) & mask) {
    if (slots_[at].hash == key.hash && within_window(slots_[at].uploaded_at_us, key.uploaded_at_us)) {
      return true;
    }
  }
  return false;
}

void duplicate_index::remember(const seen_key& key) {
  if (recent_ + 1 > slots_.size() / 2) {
    grow();
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = key.hash.low & mask;
  while (slots_[at].uploaded_at_us != empty_slot) {
    at = (at + 1) & mask;
  }
  slots_[at] = key;
  ++recent_;
}

void duplicate_index::grow() {
  std::vector<seen_key> old(slots_.size() * 2, {{}, empty_slot});
  old.swap(slots_);
  recent_ = 0;
  for (const seen_key& key : old) {
    if (key.uploaded_at_us != empty_slot) {
      remember(key);
    }
  }
}

result<std::vector<novelty>> duplicate_index::admit(std::span<const seen_key> keys) {
  std::vector<novelty> verdicts(keys.size(), novelty::kept);
  if (keys.empty()) {
    return verdicts;
  }
  if (!days_.empty()) {
    const auto [first, last] = std::ranges::minmax(keys, {}, &seen_key::uploaded_at_us);
    const std::int64_t until = day_of(last.uploaded_at_us + window_us);
    for (auto day = days_.lower_bound(day_of(first.uploaded_at_us - window_us)); day != days_.end() && day->first <= until;
         ++day) {
      SPILLWAY_TRY(look_up_day(day->first, keys, verdicts));
    }
  }
  constexpr std::size_t ahead = 8;  // the table is larger than a core's cache
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + ahead < keys.size()) {
      __builtin_prefetch(&slots_[keys[i + ahead].hash.low & (slots_.size() - 1)]);
    }
    if (verdicts[i] == novelty::duplicate || is_recent_duplicate(keys[i])) {
      verdicts[i] = novelty::duplicate;
    } else {
      remember(keys[i]);
      append_key(unsaved_, keys[i]);
    }
  }
  return verdicts;
}

result<duplicate_index::directory*> duplicate_index::directory_of(std::int64_t day) {
  directory& rows = days_[day];
  if (loaded_[day]) {
    return &rows;
  }
  SPILLWAY_TRY_ASSIGN(db::statement places,
                      reads_->query("SELECT first_key, id FROM duplicate_row WHERE day=? ORDER BY first_key", day));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, places.step());
    if (!more) {
      loaded_[day] = true;
      return &rows;
    }
    if (places.blob(0).size() != sizeof(base::hash128)) {
      return damaged_keys();
    }
    rows.push_back({from_sortable(places.blob(0)), places.number(1)});
  }
}

// nullptr: there are so many keys that all filters together would be too large; then rows are looked up without.
result<const key_filter*> duplicate_index::filter_of(std::int64_t day, const directory& rows) {
  if (const auto found = filters_.find(day); found != filters_.end()) {
    return &found->second;
  }
  const std::size_t keys_max = 2 * rows.size() * keys_per_row + recent_max_;  // it is made again when the day has doubled
  std::size_t bytes = key_filter::bytes_of(keys_max);
  for (const auto& [other, filter] : filters_) {
    bytes += filter.bytes();
  }
  if (bytes > filter_bytes_max) {
    return nullptr;
  }
  key_filter made(keys_max);
  SPILLWAY_TRY_ASSIGN(db::statement read, reads_->query("SELECT keys FROM duplicate_row WHERE day=?", day));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, read.step());
    if (!more) {
      return &filters_.emplace(day, std::move(made)).first->second;
    }
    for (const seen_key& key : keys_of(read.blob(0))) {
      made.add(key.hash);
    }
  }
}

void duplicate_index::note_merged(std::int64_t day, std::span<const seen_key> keys) {
  const auto filter = filters_.find(day);
  if (filter == filters_.end()) {
    return;
  }
  for (const seen_key& key : keys) {
    filter->second.add(key.hash);
  }
  if (filter->second.is_full()) {
    filters_.erase(filter);
  }
}

// In the order of their hashes, which is that of the rows.
result<std::vector<std::uint32_t>> duplicate_index::keys_to_look_up(std::int64_t day, const directory& rows,
                                                                   std::span<const seen_key> keys,
                                                                   const std::vector<novelty>& found) {
  SPILLWAY_TRY_ASSIGN(const key_filter* filter, filter_of(day, rows));
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    if (found[i] != novelty::duplicate && keys[i].hash >= rows.front().first &&
        (filter == nullptr || filter->may_have(keys[i].hash))) {
      order.push_back(i);
    }
  }
  std::ranges::sort(order, {}, [&keys](std::uint32_t i) { return keys[i].hash; });
  return order;
}

result<void> duplicate_index::look_up_day(std::int64_t day, std::span<const seen_key> keys, std::vector<novelty>& found) {
  SPILLWAY_TRY_ASSIGN(const directory* rows, directory_of(day));
  if (rows->empty()) {
    return damaged_keys();  // the day was found by a row of its
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<std::uint32_t> order, keys_to_look_up(day, *rows, keys, found));
  SPILLWAY_TRY_ASSIGN(db::statement read, reads_->prepare("SELECT keys FROM duplicate_row WHERE id=?"));
  auto row = rows->begin();
  std::int64_t row_read = 0;  // the id of the row that `read` stands on
  for (const std::uint32_t i : order) {
    row = std::prev(std::upper_bound(row, rows->end(), keys[i].hash,
                                     [](const base::hash128& hash, const duplicate_row_place& place) { return hash < place.first; }));
    if (row->id != row_read) {
      read.start(row->id);
      SPILLWAY_TRY_ASSIGN(const bool there, read.step());
      if (!there) {
        return damaged_keys();
      }
      row_read = row->id;
    }
    if (row_has_duplicate(read.blob(0), keys[i])) {
      found[i] = novelty::duplicate;
    }
  }
  return {};
}

result<void> duplicate_index::merge(db::database& state) {
  std::erase_if(slots_, [](const seen_key& key) { return key.uploaded_at_us == empty_slot; });
  std::ranges::sort(slots_, {}, [](const seen_key& key) { return std::pair(day_of(key.uploaded_at_us), key); });
  for (auto first = slots_.begin(); first != slots_.end();) {
    const std::int64_t day = day_of(first->uploaded_at_us);
    const auto last = std::find_if(first, slots_.end(), [day](const seen_key& key) { return day_of(key.uploaded_at_us) != day; });
    SPILLWAY_TRY(merge_day(state, day, std::span(first, last)));
    first = last;
  }
  slots_.assign(1 << 14, {{}, empty_slot});
  recent_ = 0;
  return state.run("DELETE FROM duplicate_batch");
}

namespace {

result<void> add_rows(db::database& state, std::int64_t day, std::span<const seen_key> keys, std::vector<duplicate_row_place>& rows) {
  SPILLWAY_TRY_ASSIGN(db::statement insert, state.prepare("INSERT INTO duplicate_row(day, first_key, keys) VALUES(?, ?, ?)"));
  // Not full, so that the next merges find room.
  constexpr std::size_t fresh_keys = keys_per_row * 2 / 3;
  while (!keys.empty()) {
    std::size_t count = keys.size() <= keys_per_row ? keys.size() : fresh_keys;
    // One hash stays in one row, however many times it was kept.
    while (count < keys.size() && keys[count].hash == keys[count - 1].hash) {
      ++count;
    }
    const std::string first = sortable(keys.front().hash);
    const std::string blob = blob_of(keys.first(count));
    SPILLWAY_TRY(insert.run(day, db::as_blob{first}, db::as_blob{blob}));
    rows.push_back({keys.front().hash, state.last_insert_id()});
    keys = keys.subspan(count);
  }
  return {};
}

result<void> merge_row(db::database& state, std::int64_t day, const duplicate_row_place& place, std::span<const seen_key> added,
                       std::vector<duplicate_row_place>& rows) {
  if (added.empty()) {
    rows.push_back(place);
    return {};
  }
  SPILLWAY_TRY_ASSIGN(db::statement read, state.query("SELECT keys FROM duplicate_row WHERE id=?", place.id));
  SPILLWAY_TRY_ASSIGN(const bool there, read.step());
  if (!there) {
    return damaged_keys();
  }
  std::vector<seen_key> keys = keys_of(read.blob(0));
  read.reset();
  const auto middle = static_cast<std::ptrdiff_t>(keys.size());
  keys.insert(keys.end(), added.begin(), added.end());
  std::inplace_merge(keys.begin(), keys.begin() + middle, keys.end());
  if (keys.size() > keys_per_row_max) {
    SPILLWAY_TRY(state.run("DELETE FROM duplicate_row WHERE id=?", place.id));
    return add_rows(state, day, keys, rows);
  }
  const std::string blob = blob_of(keys);
  const std::string first = sortable(keys.front().hash);
  rows.push_back({keys.front().hash, place.id});
  return state.run("UPDATE duplicate_row SET first_key=?, keys=? WHERE id=?", db::as_blob{first}, db::as_blob{blob}, place.id);
}

}  // namespace

result<void> duplicate_index::merge_day(db::database& state, std::int64_t day, std::span<const seen_key> keys) {
  SPILLWAY_TRY_ASSIGN(directory* rows, directory_of(day));
  directory merged;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    // The first row's range reaches down to nothing, the last one's up to everything.
    const std::size_t begin = next;
    while (next < keys.size() && (i + 1 == rows->size() || keys[next].hash < (*rows)[i + 1].first)) {
      ++next;
    }
    SPILLWAY_TRY(merge_row(state, day, (*rows)[i], keys.subspan(begin, next - begin), merged));
  }
  SPILLWAY_TRY(add_rows(state, day, keys.subspan(next), merged));
  *rows = std::move(merged);
  note_merged(day, keys);
  return {};
}

result<void> write_keys(db::database& state, std::string_view keys) {
  return keys.empty() ? result<void>{} : state.run("INSERT INTO duplicate_batch(keys) VALUES(?)", db::as_blob{keys});
}

}  // namespace spillway::store
