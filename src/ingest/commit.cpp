#include "ingest/commit.hpp"

#include "store/catalog.hpp"
#include "store/duplicate_index.hpp"
#include "store/event_store.hpp"
#include "store/merge_log.hpp"

#include <set>

namespace spillway::ingest {
namespace {

result<void> write_input(db::database& state, input_change& change, base::instant now) {
  if (change.row.id == 0) {
    SPILLWAY_TRY_ASSIGN(change.row.id, store::add_input(state, change.row, now));
  }
  return store::advance_input(state, change.row.id, change.reached, change.added, change.end);
}

// Organizations are made on first sight.
result<void> write_merges(db::database& state, batch_changes& changes, base::instant now) {
  std::set<model::organization_id> known;
  for (const taken_merge& each : changes.merges) {
    if (known.insert(each.record.organization).second) {
      SPILLWAY_TRY(store::choose_organization(state, each.record.organization, now));
    }
    SPILLWAY_TRY_ASSIGN(const bool added, store::add_merge(state, each.record));
    changes.new_merges += added ? 1 : 0;
    if (each.from == taken_merge::source::line) {
      store::input_counts& counts = changes.inputs[each.input].added;
      ++(added ? counts.applied : counts.duplicates);
    }
  }
  return {};
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
  SPILLWAY_TRY(write_merges(state, changes, now));  // in front of what they are counted in
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
  pending_ = base::run_on<result<void>>(thread_, [this, now](std::size_t) { return write(now); });
}

// The log is copied at once: by the time of the next batch it is done, and that one starts the log from its front
// again.
result<void> committer::write(base::instant now) {
  SPILLWAY_TRY(write_batch(state_, under_way_, now));
  return checkpoint_.after_commit();
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
