// Backfills: ranges of past hours that were asked for, and how far each has come. One that was cut off goes on.
//
//     waiting --> running --> done | failed | cancelled
//
// Thread rule: as the database.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "model/connection.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

using base::to_string;

enum class backfill_state { waiting, running, done, failed, cancelled };
constexpr std::array<std::string_view, 5> names_of(backfill_state) {
  return {"waiting", "running", "done", "failed", "cancelled"};
}

struct backfill_row {
  std::int64_t id = 0;
  model::connection_id connection = 0;
  model::hour first;
  model::hour last;
  model::hour next;  // the first one that is not done
  model::foreign_objects foreign = model::foreign_objects::refuse;
  backfill_state state = backfill_state::waiting;
  std::string reason{};        // why it failed, waits since access was denied, or got no further the last time
  errc code = errc::conflict;  // of the reason, as is the hint
  std::string hint{};
  // Hours so far that an operator must look at; the reason is the first one's.
  std::int64_t failed_hours = 0;
  // Hours so far in which something is missing that was pruned and can't be put again; and the first few of them.
  std::int64_t pruned_hours = 0;
  std::string pruned{};  // "2020-01-25_9, 2020-01-25_11"
  // What was put so far; hours in which nothing was missing are not counted.
  std::int64_t hours = 0;
  std::int64_t objects = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  base::instant created_at;
  std::optional<base::instant> ended_at{};

  bool is_over() const { return state != backfill_state::waiting && state != backfill_state::running; }
  // Access was denied, as the reason says; it waits to be tried again.
  bool is_refused() const { return state == backfill_state::waiting && !reason.empty(); }
};

result<backfill_row> add_backfill(db::database& state, backfill_row added);
result<std::optional<backfill_row>> find_backfill(db::database& state, std::int64_t id);
result<std::vector<backfill_row>> list_backfills(db::database& state);  // in the order in which they were asked for

// One that is not over, and of the same connection begins with the same hour and ends no later: asking again goes on
// with it, and what has closed since is added.
result<std::optional<backfill_row>> find_open_backfill(db::database& state, const backfill_row& like);
result<void> extend_backfill(db::database& state, std::int64_t id, model::hour last);

// The first one of a connection that is not over.
result<std::optional<backfill_row>> find_next_backfill(db::database& state, model::connection_id connection);

// Writes next, state, reason with its code and hint, what was put or pruned, and ended_at. False: nothing was written,
// since it was cancelled meanwhile, or handed to another connection.
result<bool> change_backfill(db::database& state, const backfill_row& changed);

// Hands all of one connection to another of the same project and place. REQUIRES: a transaction.
result<void> move_backfills(db::database& state, model::connection_id from, model::connection_id to);

// errc::conflict: it is over.
result<void> cancel_backfill(db::database& state, std::int64_t id, base::instant now);

}  // namespace spillway::store
