#include "store/backfill_log.hpp"

#include "store/row_values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::store {
namespace {

constexpr std::string_view backfill_columns =
    "SELECT id, connection_id, first_hour, last_hour, next_hour, foreign_objects, state, reason, hours, objects, "
    "events, bytes, created_at, ended_at, code, hint, pruned_hours, pruned, failed_hours FROM backfill ";

backfill_row backfill_of(const db::statement& row) {
  backfill_row read;
  read.id = row.number(0);
  read.connection = row.number(1);
  read.first = hour_in(row, 2);
  read.last = hour_in(row, 3);
  read.next = hour_in(row, 4);
  read.foreign = row.word(5, base::parse_name<model::foreign_objects>);
  read.state = base::parse_name<backfill_state>(row.text(6)).value_or(backfill_state::failed);
  read.reason = row.text(7);
  read.hours = row.number(8);
  read.objects = row.number(9);
  read.events = row.number(10);
  read.bytes = row.number(11);
  read.created_at = instant_in(row, 12);
  read.ended_at = instant_at(row, 13);
  read.code = base::parse_errc(row.text(14)).value_or(errc::conflict);
  read.hint = row.text(15);
  read.pruned_hours = row.number(16);
  read.pruned = row.text(17);
  read.failed_hours = row.number(18);
  return read;
}

}  // namespace

result<backfill_row> add_backfill(db::database& state, backfill_row added) {
  SPILLWAY_TRY(
      state.run("INSERT INTO backfill(connection_id, first_hour, last_hour, next_hour, foreign_objects, created_at) "
                "VALUES(?, ?, ?, ?, ?, ?)",
                added.connection, added.first.number, added.last.number, added.first.number, to_string(added.foreign),
                base::to_us(added.created_at)));
  added.id = state.last_insert_id();
  added.next = added.first;
  return added;
}

result<std::optional<backfill_row>> find_backfill(db::database& state, std::int64_t id) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(std::string(backfill_columns) + "WHERE id=?", id));
  return db::collect_one(std::move(row), backfill_of);
}

result<std::vector<backfill_row>> list_backfills(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(backfill_columns) + "ORDER BY id"));
  return db::collect(std::move(rows), backfill_of);
}

result<std::optional<backfill_row>> find_open_backfill(db::database& state, const backfill_row& like) {
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query(std::string(backfill_columns) + "WHERE connection_id=? AND first_hour=? AND last_hour<=? AND "
                                                  "foreign_objects=? AND state IN ('waiting', 'running') "
                                                  "ORDER BY id LIMIT 1",
                  like.connection, like.first.number, like.last.number, to_string(like.foreign)));
  return db::collect_one(std::move(row), backfill_of);
}

result<void> extend_backfill(db::database& state, std::int64_t id, model::hour last) {
  return state.run("UPDATE backfill SET last_hour=? WHERE id=?", last.number, id);
}

result<std::optional<backfill_row>> find_next_backfill(db::database& state, model::connection_id connection) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(std::string(backfill_columns) +
                                                         "WHERE connection_id=? AND state IN ('waiting', 'running') "
                                                         "ORDER BY id LIMIT 1",
                                                     connection));
  return db::collect_one(std::move(row), backfill_of);
}

result<bool> change_backfill(db::database& state, const backfill_row& changed) {
  SPILLWAY_TRY(state.run(
      "UPDATE backfill SET next_hour=?, state=?, reason=?, code=?, hint=?, failed_hours=?, pruned_hours=?, pruned=?, "
      "hours=?, objects=?, events=?, bytes=?, ended_at=? WHERE id=? AND connection_id=? AND state<>'cancelled'",
      changed.next.number, to_string(changed.state), changed.reason, base::to_string(changed.code), changed.hint,
      changed.failed_hours, changed.pruned_hours, changed.pruned, changed.hours, changed.objects, changed.events,
      changed.bytes, us_of(changed.ended_at), changed.id, changed.connection));
  return state.changes() == 1;
}

result<void> move_backfills(db::database& state, model::connection_id from, model::connection_id to) {
  return state.run("UPDATE backfill SET connection_id=?1 WHERE connection_id=?2", to, from);
}

result<void> cancel_backfill(db::database& state, std::int64_t id, base::instant now) {
  SPILLWAY_TRY(
      state.run("UPDATE backfill SET state='cancelled', ended_at=? WHERE id=? AND state IN ('waiting', 'running')",
                base::to_us(now), id));
  return state.changes() == 1
             ? result<void>()
             : failure{errc::conflict, fmt::format("cancelling backfill {}", id), "there is no such backfill under way",
                       "see which there are: spillway backfill --list"};
}

}  // namespace spillway::store
