#include "ingest/resume.hpp"

#include "intake/file_source.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <set>
#include <tuple>

namespace spillway::ingest {
namespace {

// A known input whose head is the front of a file, as this run has read it or as the state file has it.
struct candidate {
  store::input_row row;
  enum class source { run, file } from = source::run;
  bool is_behind = false;  // this run has read it further than the state file has it
};

auto reach_of(const store::input_row& row) {
  return std::tuple(row.progress.raw_bytes, row.progress.text_bytes, row.end);
}

// Of one that is not known to be in the file yet any row may be the front.
bool is_behind(const store::input_row& stored, const std::vector<store::input_row>& read) {
  return std::ranges::any_of(read, [&](const store::input_row& each) {
    return (each.id == 0 || each.id == stored.id) && reach_of(each) > reach_of(stored);
  });
}

result<std::vector<candidate>> find_candidates(db::database& state, const inputs_under_way& under_way,
                                               const std::string& name, std::uint64_t bytes) {
  SPILLWAY_TRY_ASSIGN(const std::vector<std::uint64_t> stored, store::list_head_lengths(state));
  std::vector<std::uint64_t> lengths;
  std::ranges::set_union(stored, under_way.head_lengths(), std::back_inserter(lengths));
  std::erase_if(lengths, [bytes](std::uint64_t length) { return length > bytes; });
  SPILLWAY_TRY_ASSIGN(const std::vector<base::hash128> heads, intake::hash_prefixes(name, lengths));
  std::vector<candidate> candidates;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::vector<store::input_row> read = under_way.find(lengths[i], heads[i]);
    for (const store::input_row& row : read) {
      candidates.push_back({row, candidate::source::run});
    }
    for (const store::input_row& row : under_way.find_ended(lengths[i], heads[i], bytes)) {
      candidates.push_back({row, candidate::source::run});
    }
    if (std::ranges::binary_search(stored, lengths[i])) {
      SPILLWAY_TRY_ASSIGN(const auto rows, store::find_inputs(state, lengths[i], heads[i]));
      for (const store::input_row& row : rows) {
        candidates.push_back({row, candidate::source::file, is_behind(row, read)});
      }
    }
  }
  std::erase_if(candidates, [bytes](const candidate& each) { return each.row.progress.raw_bytes > bytes; });
  // Of equals, the one in the file is last.
  std::ranges::stable_sort(candidates, {},
                           [](const candidate& each) { return std::pair(reach_of(each.row), each.from); });
  return candidates;
}

// The last of the candidates whose whole progress is the front of this file.
result<std::optional<candidate>> find_match(db::database& state, const inputs_under_way& under_way,
                                            const std::string& name, std::uint64_t bytes) {
  SPILLWAY_TRY_ASSIGN(const std::vector<candidate> candidates, find_candidates(state, under_way, name, bytes));
  std::vector<std::uint64_t> lengths;
  for (const candidate& each : candidates) {
    lengths.push_back(each.row.progress.raw_bytes);
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<base::hash128> hashes, intake::hash_prefixes(name, lengths));
  std::optional<candidate> match;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (hashes[i] == candidates[i].row.progress.raw_hash) {
      match = candidates[i];
    }
  }
  return match;
}

// Was a file of these bytes taken in whole, by a row that has gone on with a longer one since?
result<bool> is_front(db::database& state, const std::string& name, std::uint64_t bytes) {
  SPILLWAY_TRY_ASSIGN(const std::vector<base::hash128> fronts, store::list_fronts(state, bytes));
  if (fronts.empty()) {
    return false;
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<base::hash128> whole, intake::hash_prefixes(name, {bytes}));
  return std::ranges::find(fronts, whole.front()) != fronts.end();
}

}  // namespace

void inputs_under_way::add(const store::input_row& row) {
  if (row.head_bytes == 0) {
    return;
  }
  rows_[row.head_bytes][row.head_hash].push_back(&row);
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
  // The id of a row may have been set only after the next row was added for the same input, which a commit on its own
  // thread makes known first.
  std::set<std::int64_t> ids;
  for (const store::input_row* row : rows_of(head_bytes, head_hash) | std::views::reverse) {
    if (row->id == 0 || ids.insert(row->id).second) {
      found.push_back(*row);
    }
  }
  std::ranges::reverse(found);
  return found;
}

std::vector<store::input_row> inputs_under_way::find_ended(std::uint64_t head_bytes, const base::hash128& head_hash,
                                                           std::uint64_t raw_bytes) const {
  std::vector<store::input_row> found;
  for (const store::input_row* row : rows_of(head_bytes, head_hash)) {
    if (row->end == store::input_end::finished && row->progress.raw_bytes == raw_bytes) {
      found.push_back(*row);
    }
  }
  return found;
}

const inputs_under_way::rows_of_head& inputs_under_way::rows_of(std::uint64_t head_bytes,
                                                                const base::hash128& head_hash) const {
  static const rows_of_head none;
  const auto of_length = rows_.find(head_bytes);
  if (of_length == rows_.end()) {
    return none;
  }
  const auto of_head = of_length->second.find(head_hash);
  return of_head == of_length->second.end() ? none : of_head->second;
}

result<resumption> resume(db::database& state, const inputs_under_way& under_way, const std::string& name) {
  resumption found;
  found.row.name = name;
  SPILLWAY_TRY_ASSIGN(const auto bytes, intake::size_of(name));
  if (!bytes || *bytes == 0) {
    return found;
  }
  SPILLWAY_TRY_ASSIGN(const bool has_grown_since, is_front(state, name, *bytes));
  if (has_grown_since) {
    found.what = freshness::taken;
    return found;
  }
  SPILLWAY_TRY_ASSIGN(const auto match, find_match(state, under_way, name, *bytes));
  if (match) {
    const bool whole = match->row.end == store::input_end::finished && match->row.progress.raw_bytes == *bytes;
    found.what = whole ? freshness::taken : freshness::grown;
    found.row = match->row;
    found.row.name = name;
    found.waits_for_commit = match->from == candidate::source::run ? !whole : match->is_behind;
    return found;
  }
  found.row.head_bytes = std::min(*bytes, store::input_head_bytes);
  SPILLWAY_TRY_ASSIGN(const auto head, intake::hash_prefixes(name, {found.row.head_bytes}));
  found.row.head_hash = head.front();
  return found;
}

}  // namespace spillway::ingest
