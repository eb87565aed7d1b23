// What a batch writes, all of it in one transaction, and the thread that writes it while the next batch is gathered.
#pragma once

#include "base/thread_pool.hpp"
#include "ingest/project_table.hpp"
#include "store/background_checkpoint.hpp"
#include "model/merge.hpp"
#include "store/hour_writer.hpp"
#include "store/input_log.hpp"
#include "store/reject_log.hpp"

#include <cstddef>
#include <future>
#include <optional>
#include <string>
#include <vector>

namespace spillway::ingest {

struct applied_event {
  model::project_id project = 0;
  base::instant uploaded_at;
  std::string line;
};

struct input_change {
  store::input_row row;  // id 0: it is added, and the id set
  store::input_counts added;
  store::input_progress reached;
  store::input_end end = store::input_end::open;
};

struct rejected_line {
  std::size_t input = 0;  // its place in batch_changes::inputs
  store::reject_row row;
};

struct taken_merge {
  // A line of its own counts as applied, or as a duplicate; what an event says beside itself is no line.
  enum class source { line, event } from = source::line;
  std::size_t input = 0;  // its place in batch_changes::inputs
  model::merge record;
};

struct batch_changes {
  project_changes projects;
  store::hour_changes hours;
  store::compressing compressing;  // of hours.cuts
  std::string keys;  // for the duplicate index
  std::vector<applied_event> applied;
  std::vector<taken_merge> merges;
  std::int64_t new_merges = 0;  // of them, once they are written
  std::vector<input_change> inputs;
  std::vector<rejected_line> rejects;
};

// Waits for the segments, and writes all of it in one transaction. Only here it comes out which merges are new, so
// their lines are counted here: in inputs[].added and new_merges.
result<void> write_batch(db::database& state, batch_changes& changes, base::instant now);

// Writes batches one after another on a thread of its own, and has the log copied behind each. The database is that
// thread's while a batch is under way.
class committer {
public:
  committer(db::database& state, store::background_checkpoint& checkpoint)
      : state_(state), checkpoint_(checkpoint), thread_(1) {}

  // REQUIRES: settle() was called since the last start().
  void start(batch_changes changes, base::instant now);

  // Waits for the batch under way. What it wrote, once; nullopt if none was.
  result<std::optional<batch_changes>> settle();

private:
  result<void> write(base::instant now);

  db::database& state_;
  store::background_checkpoint& checkpoint_;
  batch_changes under_way_;
  std::optional<std::future<result<void>>> pending_;
  base::thread_pool thread_;  // behind everything that its task uses: it ends first
};

}  // namespace spillway::ingest
