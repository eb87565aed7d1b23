// Takes inputs into the store: reading on the calling thread, parsing and compressing on the others, commits in order.
//
//   read blocks --> parse, encode (every core) --> in the order of the blocks: look duplicates up, append to hours
//               --> compress full segments (every core) --> one transaction: segments, pieces, keys, progress, rejects
//
// What a batch commits is complete in itself, so a run that is killed goes on where its last commit was. The bytes
// follow from the order of lines alone: threads, batches and kills never show.
#pragma once

#include "base/clock.hpp"
#include "ingest/project_table.hpp"
#include "ingest/resume.hpp"
#include "intake/input.hpp"
#include "record/record_reader.hpp"
#include "store/duplicate_index.hpp"
#include "store/event_store.hpp"
#include "store/input_log.hpp"
#include "store/reject_log.hpp"
#include "store/state_file.hpp"

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace spillway::ingest {

enum class on_trouble {
  stop,        // an unreadable input, or more rejects than are kept, ends the run
  keep_going,  // the run goes on: behind the reject, or with the next input
};

// A commit has a price: a sync, the tails of open hours as pieces, a dozen pages of 64 KiB that hold little. 16 MiB of
// input make it small.
inline constexpr std::size_t batch_bytes_default = std::size_t{16} << 20;

struct settings {
  std::vector<std::string> inputs;  // files and "-"; directories already expanded
  intake::zip_opener open_zip;
  codec::gunzip_limits limits;
  record::intake_rules rules;
  project_wishes projects;  // made, with their organization, on first sight
  std::size_t threads = 1;
  on_trouble trouble = on_trouble::stop;
  std::int64_t rejects_max = store::rejects_per_input_max;  // kept of one input, over all runs
  std::size_t batch_bytes = batch_bytes_default;            // of text that a commit holds, or a block more
  store::index_limits index;
};

struct input_summary {
  std::string name;
  freshness what = freshness::fresh;
  store::input_counts counts;   // of this run
  std::int64_t rejected_before = 0;  // by earlier runs; of an input that is named twice, at its first name
  std::uint64_t raw_bytes = 0;  // read in this run
};

struct hour_counts {
  std::int64_t stored = 0;
  std::int64_t duplicates = 0;
};

struct summary {
  std::vector<input_summary> inputs;
  store::input_counts total;
  std::map<store::hour_key, hour_counts> hours;
  std::int64_t merges = 0;  // new ones: of lines, which are among `applied`, and of events
  record::dropped_keys dropped;
  std::int64_t rejects_kept = 0;  // in the state file, of all inputs and runs
  std::vector<failure> troubles;  // with keep_going: what inputs failed with
};

struct progress {
  std::int64_t events = 0;      // received
  std::uint64_t raw_bytes = 0;  // read
};
using progress_sink = std::function<void(const progress&)>;  // empty: nobody wants to know

// REQUIRES: `state` holds the worker lock. A failure leaves what was committed before it, and says nothing of it.
// errc::interrupted: `stop` was asked; what was read by then is committed.
result<summary> take_in(store::state_file& state, const settings& wanted, const base::clock& clock,
                        std::stop_token stop, const progress_sink& report);

}  // namespace spillway::ingest
