#include "ingest/commit.hpp"

#include "store/duplicate_index.hpp"
#include "store/event_store.hpp"

namespace spillway::ingest {
namespace {

result<void> write_input(db::database& state, input_change& change, base::instant now) {
  if (change.row.id == 0) {
    SPILLWAY_TRY_ASSIGN(change.row.id, store::add_input(state, change.row, now));
  }
  return store::advance_input(state, change.row.id, change.reached, change.added, change.end);
}

}  // namespace

result<void> write_batch(db::database& state, batch_changes& changes, base::instant now) {
  SPILLWAY_TRY(store::finish_compressing(changes.compressing));
  SPILLWAY_TRY_ASSIGN(db::transaction commit, db::transaction::begin(state));
  SPILLWAY_TRY(write_changes(state, changes.projects, now));
  SPILLWAY_TRY(store::write_changes(state, changes.hours));
  SPILLWAY_TRY(store::write_keys(state, changes.keys));
  for (const applied_event& each : changes.applied) {
    SPILLWAY_TRY(store::add_applied(state, each.project, each.uploaded_at, each.line));
  }
  for (input_change& each : changes.inputs) {
    SPILLWAY_TRY(write_input(state, each, now));
  }
  for (rejected_line& each : changes.rejects) {
    each.row.input_id = changes.inputs[each.input].row.id;
    SPILLWAY_TRY(store::add_reject(state, each.row));
  }
  return commit.commit();
}

void committer::start(batch_changes changes, base::instant now) {
  SPILLWAY_ASSERT(!pending_);
  under_way_ = std::move(changes);
  pending_ = base::run_on<result<void>>(thread_, [this, now](std::size_t) { return write_batch(state_, under_way_, now); });
}

result<std::optional<batch_changes>> committer::settle() {
  if (!pending_) {
    return std::nullopt;
  }
  const result<void> written = std::exchange(pending_, std::nullopt)->get();
  if (!written) {
    return written.error();
  }
  return std::optional(std::move(under_way_));
}

}  // namespace spillway::ingest
