// Which input is this, and how far was it taken? An input is known by the hash of its bytes.
#pragma once

#include "store/input_log.hpp"

#include <map>
#include <string>
#include <vector>

namespace spillway::ingest {

enum class freshness {
  taken,  // every byte of it has been taken in before
  grown,  // its front was taken in; go on behind row.progress
  fresh,  // nothing of it was
};

struct resumption {
  freshness what = freshness::fresh;
  store::input_row row;  // of a fresh input: name and head, to be added
  bool waits_for_commit = false;  // what this run has read decides, and is not in the file: ask again once it is
};

// The inputs of one run by their heads, so that a look-up does not go through all of them. Not thread-safe.
class inputs_under_way {
public:
  // A row without a head (of standard input, say) is left out. REQUIRES: `row` outlives this and keeps its head; its
  // progress may go on, and its id be set.
  void add(const store::input_row& row);
  // Ascending.
  std::vector<std::uint64_t> head_lengths() const;
  // In the order in which they were added; of the rows with one id the last alone.
  std::vector<store::input_row> find(std::uint64_t head_bytes, const base::hash128& head_hash) const;
  // Those that were read to their end, which came behind so many bytes, whatever went on with them.
  std::vector<store::input_row> find_ended(std::uint64_t head_bytes, const base::hash128& head_hash,
                                           std::uint64_t raw_bytes) const;

private:
  using rows_of_head = std::vector<const store::input_row*>;

  const rows_of_head& rows_of(std::uint64_t head_bytes, const base::hash128& head_hash) const;

  std::map<std::uint64_t, std::map<base::hash128, rows_of_head>> rows_;  // by length and hash
};

// Looks `name` up among the inputs that are known. A known one matches when the file starts with the bytes that were
// taken of it; of several, the one that was taken furthest. So does one that ended where this file does, and has grown
// since. `under_way` are inputs of this run, read but maybe not in the file yet (their id is 0 then). Standard input and
// pipes are always fresh.
result<resumption> resume(db::database& state, const inputs_under_way& under_way, const std::string& name);

}  // namespace spillway::ingest
