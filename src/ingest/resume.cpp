#include "ingest/resume.hpp"

#include "intake/file_source.hpp"

#include <algorithm>

namespace spillway::ingest {
namespace {

using rows_view = std::span<const store::input_row>;

// The known inputs whose head is the front of this file.
result<std::vector<store::input_row>> find_candidates(db::database& state, rows_view under_way, const std::string& name,
                                                      std::uint64_t bytes) {
  SPILLWAY_TRY_ASSIGN(const std::vector<std::uint64_t> stored, store::list_head_lengths(state));
  std::vector<std::uint64_t> lengths = stored;
  for (const store::input_row& each : under_way) {
    lengths.push_back(each.head_bytes);
  }
  std::ranges::sort(lengths);
  const auto repeated = std::ranges::unique(lengths);
  lengths.erase(repeated.begin(), repeated.end());
  std::erase_if(lengths, [bytes](std::uint64_t length) { return length > bytes; });
  SPILLWAY_TRY_ASSIGN(const std::vector<base::hash128> heads, intake::hash_prefixes(name, lengths));
  std::vector<store::input_row> candidates;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (std::ranges::find(stored, lengths[i]) != stored.end()) {
      SPILLWAY_TRY_ASSIGN(const auto rows, store::find_inputs(state, lengths[i], heads[i]));
      std::ranges::copy_if(rows, std::back_inserter(candidates),
                           [bytes](const store::input_row& row) { return row.progress.raw_bytes <= bytes; });
    }
    std::ranges::copy_if(under_way, std::back_inserter(candidates), [&](const store::input_row& row) {
      return row.head_bytes == lengths[i] && row.head_hash == heads[i] && row.progress.raw_bytes <= bytes;
    });
  }
  std::ranges::stable_sort(candidates, {}, [](const store::input_row& row) { return row.progress.raw_bytes; });
  return candidates;
}

// The last of the candidates whose whole progress is the front of this file.
result<std::optional<store::input_row>> find_match(db::database& state, rows_view under_way, const std::string& name,
                                                   std::uint64_t bytes) {
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

result<resumption> resume(db::database& state, std::span<const store::input_row> under_way, const std::string& name) {
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
