#include "ingest/resume.hpp"

#include "intake/file_source.hpp"

#include <algorithm>
#include <iterator>

namespace spillway::ingest {
namespace {

// The known inputs whose head is the front of this file.
result<std::vector<store::input_row>> find_candidates(db::database& state, const inputs_under_way& under_way,
                                                      const std::string& name, std::uint64_t bytes) {
  SPILLWAY_TRY_ASSIGN(const std::vector<std::uint64_t> stored, store::list_head_lengths(state));
  std::vector<std::uint64_t> lengths;
  std::ranges::set_union(stored, under_way.head_lengths(), std::back_inserter(lengths));
  std::erase_if(lengths, [bytes](std::uint64_t length) { return length > bytes; });
  SPILLWAY_TRY_ASSIGN(const std::vector<base::hash128> heads, intake::hash_prefixes(name, lengths));
  std::vector<store::input_row> candidates;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (std::ranges::binary_search(stored, lengths[i])) {
      SPILLWAY_TRY_ASSIGN(const auto rows, store::find_inputs(state, lengths[i], heads[i]));
      std::ranges::copy(rows, std::back_inserter(candidates));
    }
    std::ranges::copy(under_way.find(lengths[i], heads[i]), std::back_inserter(candidates));
  }
  std::erase_if(candidates, [bytes](const store::input_row& row) { return row.progress.raw_bytes > bytes; });
  std::ranges::stable_sort(candidates, {}, [](const store::input_row& row) { return row.progress.raw_bytes; });
  return candidates;
}

// The last of the candidates whose whole progress is the front of this file.
result<std::optional<store::input_row>> find_match(db::database& state, const inputs_under_way& under_way,
                                                   const std::string& name, std::uint64_t bytes) {
  SPILLWAY_TRY_ASSIGN(const std::vector<store::input_row> candidates, find_candidates(state, under_way, name, bytes));
  std::vector<std::uint64_t> lengths;
  for (const store::input_row& each : candidates) {
    lengths.push_back(each.progress.raw_bytes);
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<base::hash128> hashes, intake::hash_prefixes(name, lengths));
  std::optional<store::input_row> match;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (hashes[i] == candidates[i].progress.raw_hash) {
      match = candidates[i];
    }
  }
  return match;
}

}  // namespace

void inputs_under_way::add(const store::input_row& row) {
  if (row.head_bytes > 0) {
    rows_[row.head_bytes][row.head_hash].push_back(&row);
  }
}

std::vector<std::uint64_t> inputs_under_way::head_lengths() const {
  std::vector<std::uint64_t> lengths;
  for (const auto& [length, rows] : rows_) {
    lengths.push_back(length);
  }
  return lengths;
}

std::vector<store::input_row> inputs_under_way::find(std::uint64_t head_bytes, const base::hash128& head_hash) const {
  std::vector<store::input_row> found;
  const auto of_length = rows_.find(head_bytes);
  if (of_length == rows_.end()) {
    return found;
  }
  const auto of_head = of_length->second.find(head_hash);
  if (of_head != of_length->second.end()) {
    for (const store::input_row* row : of_head->second) {
      found.push_back(*row);
    }
  }
  return found;
}

result<resumption> resume(db::database& state, const inputs_under_way& under_way, const std::string& name) {
  resumption found;
  found.row.name = name;
  SPILLWAY_TRY_ASSIGN(const auto bytes, intake::size_of(name));
  if (!bytes || *bytes == 0) {
    return found;
  }
  SPILLWAY_TRY_ASSIGN(const auto match, find_match(state, under_way, name, *bytes));
  if (match) {
    const bool whole = match->end == store::input_end::finished && match->progress.raw_bytes == *bytes;
    found.what = whole ? freshness::taken : freshness::grown;
    found.row = *match;
    found.row.name = name;
    return found;
  }
  found.row.head_bytes = std::min(*bytes, store::input_head_bytes);
  SPILLWAY_TRY_ASSIGN(const auto head, intake::hash_prefixes(name, {found.row.head_bytes}));
  found.row.head_hash = head.front();
  return found;
}

}  // namespace spillway::ingest
