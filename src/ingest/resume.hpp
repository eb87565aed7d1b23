// Which input is this, and how far was it taken? An input is known by the hash of its bytes.
#pragma once

#include "store/input_log.hpp"

#include <span>
#include <string>

namespace spillway::ingest {

enum class freshness {
  taken,  // every byte of it has been taken in before
  grown,  // its front was taken in; go on behind row.progress
  fresh,  // nothing of it was
};

struct resumption {
  freshness what = freshness::fresh;
  store::input_row row;  // of a fresh input: name and head, to be added
};

// Looks `name` up among the inputs that are known. A known one matches when the file starts with the bytes that were
// taken of it; of several, the one that was taken furthest. `under_way` are inputs of this run, read but maybe not in the
// file yet (their id is 0 then). Standard input and pipes are always fresh.
result<resumption> resume(db::database& state, std::span<const store::input_row> under_way, const std::string& name);

}  // namespace spillway::ingest
