// A block after parsing: every line of it accounted for, events encoded. Made on any core, used in the order of blocks.
#pragma once

#include "intake/block.hpp"
#include "record/record_reader.hpp"
#include "store/reject_log.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace spillway::ingest {

struct parsed_event {
  record::event_facts facts;
  std::size_t begin = 0;  // of its line in parsed_block::text
  std::size_t bytes = 0;
};

struct parsed_block {
  std::string text;  // encoded lines, end to end; of an applied event the event as it came
  std::vector<parsed_event> events;  // and merges, which have no text
  std::vector<model::merge> merges;  // one for each of `events` that has one, in their order
  std::vector<store::reject_row> rejects;  // input_id and the input's name are not known here
  std::int64_t received = 0;               // lines that are not blank, or events of request bodies
  std::int64_t rejected = 0;               // of these; there may be fewer in `rejects`
  intake::input_mark end;

  void clear();
};

// What parsing a block has to know of its input.
struct block_input {
  base::hash128 identity;
  std::int64_t rejects_max = store::rejects_per_input_max;  // more than so many are counted, but not kept
};

// Parses `from` into `to`. `reader` is the calling thread's.
void parse_block(const intake::block& from, const block_input& input, record::record_reader& reader, parsed_block& to);

}  // namespace spillway::ingest
