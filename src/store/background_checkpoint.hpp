// Copies the write-ahead log into the state file while intake goes on. SQLite by itself does it inside of a commit,
// which then waits for the disk: a third of a second for 64 MiB was measured, with every core idle.
#pragma once

#include "base/thread_pool.hpp"
#include "db/sqlite.hpp"

#include <future>
#include <optional>

namespace spillway::store {

// Thread rule: one thread, which may be another than that of the commits. The copying has a thread and a connection
// of its own.
class background_checkpoint {
public:
  struct limits {
    // So many commits are copied together. A log of one commit stays small, so that its memory is used again and again:
    // with four, a run wrote 100 MB of fresh log, a third of which was still to be copied at its end.
    int commits_per_checkpoint = 1;
    // A longer log (64 MiB) is copied to its end while nobody writes, so that it starts from its front again.
    std::int64_t log_pages_max = 1'024;
  };

  // `writes` commits, and does not checkpoint by itself as long as this lives. `copies` is another connection to its
  // file.
  background_checkpoint(db::database& writes, db::database copies, limits set);
  background_checkpoint(db::database& writes, db::database copies)
      : background_checkpoint(writes, std::move(copies), limits()) {}
  ~background_checkpoint();

  // To be called after each commit, while nothing is written. A failure is one of the disk: the log still has
  // everything.
  result<void> after_commit();

private:
  result<void> finish();

  db::database& writes_;
  db::database copies_;
  limits limits_;
  int commits_ = 0;  // since the last checkpoint was begun
  std::optional<std::future<result<db::database::log_state>>> pending_;
  base::thread_pool thread_;  // behind what its task uses: it ends first
};

}  // namespace spillway::store
