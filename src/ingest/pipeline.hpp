// The moving parts of take_in(): slots that blocks travel in, and the threads that work on them.
#pragma once

#include "base/thread_pool.hpp"
#include "ingest/ingest.hpp"
#include "ingest/input_identity.hpp"
#include "ingest/parsed_block.hpp"
#include "store/hour_writer.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <vector>

namespace spillway::ingest {

// One input of the run, and what the current batch adds to it.
struct input_run {
  store::input_row row;  // its progress is of the last block that was read; id 0 until it is in the file
  base::hash128 identity;  // once the first block of it was read
  input_summary summary;
  store::input_counts added;
  store::input_progress reached;
  bool ended = false;
  std::int64_t rejects = 0;       // of all runs
  std::int64_t rejects_kept = 0;  // of these, in the file
  // As many may still be kept behind what was taken from the queue. Parsers read it; what they have parsed ahead of
  // that makes it less later on.
  std::atomic<std::int64_t> rejects_wanted{0};
  std::uint64_t start_bytes = 0;  // of progress, before this run

  // In this run. Pieces that are read need not end where they did before: at first it may be behind there.
  std::uint64_t raw_bytes() const { return row.progress.raw_bytes - std::min(start_bytes, row.progress.raw_bytes); }
};

// Why a run ends at an input that has more rejects than are kept.
failure too_many_rejects(const input_run& in);

// A block, from reading to the end of its batch. Its memory is used again, unless the block was larger than most.
struct slot {
  intake::block block;
  parsed_block parsed;
  std::promise<void> done;
  input_run* owner = nullptr;
  enum class content { lines, end_of_input, failed } what = content::lines;
  failure trouble;  // of content::failed
};

// Tools that belong to one thread of the pool.
class worker_tools {
public:
  worker_tools(const record::intake_rules& rules, const record::form_table& forms) : reader(rules, forms) {}
  record::record_reader reader;
  codec::segment_compressor& compressor_of(model::compression engine);

private:
  std::map<int, codec::segment_compressor> compressors_;
};

// Reads inputs one after another into slots and has them parsed; gives them back in order.
class block_queue {
public:
  block_queue(const settings& wanted, std::stop_token stop, db::database& state, base::thread_pool& pool,
              std::vector<std::unique_ptr<worker_tools>>& tools);

  // Reads on until every slot is in use, or as much text as they have room for - a large block is alone -, or the
  // inputs have ended. A failure is one of the state file; what an input fails with travels in a slot, behind what came
  // before it.
  result<void> fill();

  // The oldest slot, parsed; nullptr if there is none.
  std::unique_ptr<slot> take();
  void give_back(std::unique_ptr<slot> used);

  bool is_empty() const { return queue_.empty(); }
  // To be called after a commit: an input may have to wait until what was read of another one is in the file.
  void committed() { waits_for_commit_ = false; }
  bool waits_for_commit() const { return waits_for_commit_; }

  // Nothing is read any more.
  void stop() { next_input_ = wanted_.inputs.size(); current_.reset(); }
  std::uint64_t raw_bytes() const;
  std::deque<input_run>& inputs() { return inputs_; }

private:
  enum class step { read, full, ended };
  result<step> read_next();
  result<bool> open_next();
  std::int64_t rejected_before(const store::input_row& known) const;
  void post_failure(failure trouble);
  void post(std::unique_ptr<slot> filled);

  const settings& wanted_;
  const std::stop_token stop_;
  db::database& state_;
  base::thread_pool& pool_;
  std::vector<std::unique_ptr<worker_tools>>& tools_;
  std::size_t next_input_ = 0;
  std::unique_ptr<intake::input> current_;  // of inputs_.back()
  bool is_unread_ = false;                  // nothing of it was read yet
  bool waits_for_commit_ = false;
  std::deque<input_run> inputs_;  // their addresses stay
  std::uint64_t bytes_before_ = 0;  // raw_bytes() of all but the last
  // Inputs that were read to their end, but maybe not committed yet, are known too: a copy of one adds nothing.
  inputs_under_way under_way_;
  input_identities identities_;
  std::size_t text_bytes_ = 0;  // of the slots in use
  std::deque<std::unique_ptr<slot>> queue_;
  std::vector<std::unique_ptr<slot>> free_;
};

}  // namespace spillway::ingest
