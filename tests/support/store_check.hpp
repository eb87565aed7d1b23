// The invariants of the state file, checked row by row, and its content as text that two files can be compared by.
#pragma once

#include "db/sqlite.hpp"
#include "store/event_store.hpp"
#include "store/state_file.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace spillway::test {

// Opens, or makes, a state file whose worker is this process.
store::state_file open_state(const std::filesystem::path& path);

// Segments and pieces: E1, E2, E3 of store/event_store.hpp, sizes and CRC-32 of every segment, the numbers of events of
// projects, and that no segment holds lines that start in different MiB of its hour.
void check_events(db::database& state);

// I1 of store/input_log.hpp in every row, and that inputs and hours agree on what was stored.
void check_inputs(db::database& state);

// L1 to L3 of store/ledger.hpp as far as rows show it: objects cover their hour's text in order, and hold what they say.
void check_ledger(db::database& state);

// The text of an hour: what its segments inflate to, and its pieces.
std::string read_text(db::database& state, const store::hour_key& key);

// Segments of all hours: "1 2020-01-25_14 0+1048731 crc deflate-sha". Equal texts: equal rows and bytes.
std::string describe_segments(db::database& state);

// Everything that inputs have left, without row ids, times and where pieces and batches were cut: hours, segments, tails,
// the keys of the duplicate index, applied events, merges, counts, rejects.
std::string describe_content(db::database& state);

// The first column of the first row.
std::int64_t number_of(db::database& state, std::string_view query);

}  // namespace spillway::test
