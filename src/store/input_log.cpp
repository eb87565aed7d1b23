#include "store/input_log.hpp"

#include "base/bytes.hpp"

namespace spillway::store {
namespace {

constexpr std::string_view input_columns =
    "SELECT id, name, head_bytes, head_hash, raw_bytes, raw_hash, text_bytes, lines, received, stored, duplicates, "
    "applied, rejected, finished FROM input ";

input_row row_of(const db::statement& row) {
  input_row read;
  read.id = row.number(0);
  read.name = row.text(1);
  read.head_bytes = static_cast<std::uint64_t>(row.number(2));
  read.head_hash = hash_from_blob(row.blob(3));
  read.progress = {static_cast<std::uint64_t>(row.number(4)), hash_from_blob(row.blob(5)),
                   static_cast<std::uint64_t>(row.number(6)), static_cast<std::uint64_t>(row.number(7))};
  read.counts = {row.number(8), row.number(9), row.number(10), row.number(11), row.number(12)};
  read.end = row.number(13) != 0 ? input_end::finished : input_end::open;
  return read;
}

std::int64_t to_signed(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

input_counts& input_counts::operator+=(const input_counts& more) {
  received += more.received;
  stored += more.stored;
  duplicates += more.duplicates;
  applied += more.applied;
  rejected += more.rejected;
  return *this;
}

std::string to_blob(const base::hash128& hash) {
  std::string blob;
  base::append_number(blob, hash.high);
  base::append_number(blob, hash.low);
  return blob;
}

base::hash128 hash_from_blob(std::string_view blob) {
  if (blob.size() != 16) {
    return {};
  }
  return {base::read_number<std::uint64_t>(blob.data()), base::read_number<std::uint64_t>(blob.data() + 8)};
}

result<std::vector<input_row>> find_inputs(db::database& state, std::uint64_t head_bytes,
                                           const base::hash128& head_hash) {
  const std::string hash = to_blob(head_hash);
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(input_columns) +
                                                          "WHERE head_bytes=? AND head_hash=? ORDER BY raw_bytes DESC",
                                                      to_signed(head_bytes), db::as_blob{hash}));
  return db::collect(std::move(rows), row_of);
}

result<std::int64_t> count_inputs_before(db::database& state, const input_row& row) {
  const std::string hash = to_blob(row.head_hash);
  SPILLWAY_TRY_ASSIGN(db::statement counted,
                      state.query("SELECT count(*) FROM input WHERE head_bytes=? AND head_hash=? AND (id<? OR ?=0)",
                                  to_signed(row.head_bytes), db::as_blob{hash}, row.id, row.id));
  SPILLWAY_TRY(counted.step());
  return counted.number(0);
}

result<std::vector<base::hash128>> list_fronts(db::database& state, std::uint64_t raw_bytes) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query("SELECT raw_hash FROM input_front WHERE raw_bytes=?", to_signed(raw_bytes)));
  return db::collect(std::move(rows), [](const db::statement& row) { return hash_from_blob(row.blob(0)); });
}

result<std::vector<std::uint64_t>> list_head_lengths(db::database& state) {
  // One step in the index a length. SELECT DISTINCT reads a row an input, for each of 10,000 inputs.
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query("WITH RECURSIVE length(bytes) AS ("
                                  "SELECT min(head_bytes) FROM input WHERE head_bytes>0 UNION ALL "
                                  "SELECT (SELECT min(head_bytes) FROM input WHERE head_bytes>bytes) FROM length "
                                  "WHERE bytes IS NOT NULL) "
                                  "SELECT bytes FROM length WHERE bytes IS NOT NULL"));
  std::vector<std::uint64_t> all;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, rows.step());
    if (!more) {
      return all;
    }
    all.push_back(static_cast<std::uint64_t>(rows.number(0)));
  }
}

result<std::vector<input_row>> list_inputs(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(input_columns) + "ORDER BY id"));
  return db::collect(std::move(rows), row_of);
}

result<std::int64_t> add_input(db::database& state, const input_row& added, base::instant now) {
  const std::string head = to_blob(added.head_hash);
  const std::string raw = to_blob(added.progress.raw_hash);
  SPILLWAY_TRY(state.run(
      "INSERT INTO input(name, head_bytes, head_hash, raw_bytes, raw_hash, text_bytes, lines, taken_at) "
      "VALUES(?, ?, ?, 0, ?, 0, 0, ?)",
      added.name, to_signed(added.head_bytes), db::as_blob{head}, db::as_blob{raw}, base::to_us(now)));
  return state.last_insert_id();
}

result<void> advance_input(db::database& state, std::int64_t id, const input_progress& progress,
                           const input_counts& more, input_end end) {
  SPILLWAY_ASSERT(more.received == more.stored + more.duplicates + more.applied + more.rejected);
  const std::string raw = to_blob(progress.raw_hash);
  SPILLWAY_TRY(
      state.run("INSERT OR IGNORE INTO input_front(raw_bytes, raw_hash) "
                "SELECT raw_bytes, raw_hash FROM input WHERE id=? AND finished=1 AND raw_bytes<?",
                id, to_signed(progress.raw_bytes)));
  return state.run(
      "UPDATE input SET raw_bytes=?, raw_hash=?, text_bytes=?, lines=?, received=received+?, stored=stored+?, "
      "duplicates=duplicates+?, applied=applied+?, rejected=rejected+?, finished=? WHERE id=?",
      to_signed(progress.raw_bytes), db::as_blob{raw}, to_signed(progress.text_bytes), to_signed(progress.lines),
      more.received, more.stored, more.duplicates, more.applied, more.rejected, end == input_end::finished ? 1 : 0, id);
}

}  // namespace spillway::store
