// Which of all inputs that a state file has seen is this one? A part of what the uuid of an event is derived from that
// has nothing else to be known by: docs/decisions/0012-what-a-derived-uuid-is-of.md.
#pragma once

#include "store/input_log.hpp"

#include <cstdint>
#include <map>
#include <utility>

namespace spillway::ingest {

// The identities of a run's inputs. Thread rule: one thread.
class input_identities {
public:
  // The hash of an input's head and its number: 0 for the first row with this head, 1 for the second. It is the same in
  // every run that goes on with the input. REQUIRES: called once for each input of the run, with the first that is read
  // of it - of what can't be read there is no row -, and `row` as resume() has found it.
  result<base::hash128> take(db::database& state, const store::input_row& row);

private:
  using head = std::pair<std::uint64_t, base::hash128>;
  std::map<head, std::int64_t> next_numbers_;  // of new inputs, by heads that this run has met
};

}  // namespace spillway::ingest
