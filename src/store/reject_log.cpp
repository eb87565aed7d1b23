#include "store/reject_log.hpp"

namespace spillway::store {

result<void> add_reject(db::database& state, const reject_row& added) {
  return state.run(
      "INSERT INTO reject(input_id, place, line, byte, reason, text_bytes, text) VALUES(?, ?, ?, ?, ?, ?, ?)",
      added.input_id, added.place, static_cast<std::int64_t>(added.line), static_cast<std::int64_t>(added.byte),
      added.reason, static_cast<std::int64_t>(added.text_bytes), db::as_blob{added.text});
}

result<void> read_rejects(db::database& state, const std::function<result<void>(const reject_row&)>& sink) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query("SELECT input_id, place, line, byte, reason, text_bytes, text FROM reject ORDER BY id"));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, rows.step());
    if (!more) {
      return {};
    }
    reject_row read;
    read.input_id = rows.number(0);
    read.place = rows.text(1);
    read.line = static_cast<std::uint64_t>(rows.number(2));
    read.byte = static_cast<std::uint64_t>(rows.number(3));
    read.reason = rows.text(4);
    read.text_bytes = static_cast<std::uint64_t>(rows.number(5));
    read.text = rows.blob(6);
    SPILLWAY_TRY(sink(read));
  }
}

result<std::int64_t> count_rejects(db::database& state) {
  SPILLWAY_TRY_ASSIGN(const auto count, state.query_number("SELECT count(*) FROM reject"));
  return count.value_or(0);
}

result<std::int64_t> forget_rejects(db::database& state) {
  SPILLWAY_TRY(state.run("DELETE FROM reject"));
  return state.changes();
}

}  // namespace spillway::store
