// What has been taken in: one row an input, known by the hash of its bytes and never by its path.
//
// Invariants:
// I1  received = stored + duplicates + applied + rejected, in every row, at every commit.
// I2  A row's progress is committed in the transaction of the events that it counts.
#pragma once

#include "base/hashes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spillway::store {

// How far an input was taken: its first `raw_bytes` hash to `raw_hash` and hold the first `text_bytes` of its text
// (raw and text differ when it is compressed), which are `lines` lines.
struct input_progress {
  std::uint64_t raw_bytes = 0;
  base::hash128 raw_hash;
  std::uint64_t text_bytes = 0;
  std::uint64_t lines = 0;
};

struct input_counts {
  std::int64_t received = 0;
  std::int64_t stored = 0;
  std::int64_t duplicates = 0;
  std::int64_t applied = 0;
  std::int64_t rejected = 0;

  input_counts& operator+=(const input_counts& more);
};

enum class input_end { open, finished };

struct input_row {
  std::int64_t id = 0;
  std::string name;  // as it was named last; not an identity
  std::uint64_t head_bytes = 0;  // the hash of so many first bytes narrows the search; see find_inputs
  base::hash128 head_hash;
  input_progress progress;
  input_counts counts;
  input_end end = input_end::open;
};

// So many bytes at most make the head of an input: enough to tell most files apart, few enough to read always.
inline constexpr std::uint64_t input_head_bytes = 256;

// Inputs whose head is this one, the one that was taken furthest first.
result<std::vector<input_row>> find_inputs(db::database& state, std::uint64_t head_bytes,
                                           const base::hash128& head_hash);

// The hashes of all inputs of so many bytes that were taken in whole and have grown since: such a file adds nothing.
result<std::vector<base::hash128>> list_fronts(db::database& state, std::uint64_t raw_bytes);

// How many inputs with the same head have a smaller id than `row`: all of them if it is not in the file yet (id 0).
result<std::int64_t> count_inputs_before(db::database& state, const input_row& row);

// All lengths that heads have, ascending: input_head_bytes, and those of shorter inputs.
result<std::vector<std::uint64_t>> list_head_lengths(db::database& state);

result<std::vector<input_row>> list_inputs(db::database& state);

// Adds a row without progress. Standard input has no identity: a head of 0 bytes is never found.
result<std::int64_t> add_input(db::database& state, const input_row& added, base::instant now);

// Sets the progress and adds to the counts. An input that was taken in whole and goes on leaves a front.
result<void> advance_input(db::database& state, std::int64_t id, const input_progress& progress,
                           const input_counts& more, input_end end);

// 16 bytes: high, then low, both little-endian.
std::string to_blob(const base::hash128& hash);
base::hash128 hash_from_blob(std::string_view blob);

}  // namespace spillway::store
