#include "support/store_check.hpp"

#include "base/bytes.hpp"
#include "codec/decode.hpp"
#include "codec/stitch.hpp"
#include "model/object_key.hpp"
#include "store/duplicate_index.hpp"
#include "store/hour_writer.hpp"
#include "store/key_row.hpp"
#include "store/ledger.hpp"
#include "support/check_result.hpp"
#include "support/count_lines.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <vector>

namespace spillway::test {
namespace {

const base::fixed_clock worker_clock(base::from_us(0));

// One row of `segment` or `piece`.
struct run_of_lines {
  std::int64_t offset = 0;
  std::int64_t events = 0;
  std::string text;
};

db::statement rows_of(db::database& state, std::string_view query) {
  auto rows = state.query(query);
  REQUIRE_OK(rows);
  return std::move(*rows);
}

bool next(db::statement& rows) {
  const auto more = rows.step();
  REQUIRE_OK(more);
  return *more;
}

store::hour_key key_of(const db::statement& row) { return {row.number(0), {row.number(1)}}; }

using runs_by_hour = std::map<store::hour_key, std::vector<run_of_lines>>;

runs_by_hour segments_of(db::database& state) {
  runs_by_hour all;
  db::statement rows =
      rows_of(state,
              "SELECT project_id, hour, text_offset, events, text_bytes, text_crc32, deflate_bytes, deflate "
              "FROM segment ORDER BY project_id, hour, text_offset");
  while (next(rows)) {
    auto text = codec::inflate_segment(rows.blob(7), static_cast<std::uint64_t>(rows.number(4)));
    REQUIRE_OK(text);
    BOOST_TEST(std::int64_t{codec::crc32_of(*text)} == rows.number(5));
    BOOST_TEST(static_cast<std::int64_t>(rows.blob(7).size()) == rows.number(6));
    all[key_of(rows)].push_back({rows.number(2), rows.number(3), std::move(*text)});
  }
  return all;
}

runs_by_hour pieces_of(db::database& state) {
  runs_by_hour all;
  db::statement rows = rows_of(state,
                               "SELECT project_id, hour, text_offset, events, text FROM piece "
                               "ORDER BY project_id, hour, text_offset");
  while (next(rows)) {
    all[key_of(rows)].push_back({rows.number(2), rows.number(3), std::string(rows.blob(4))});
  }
  return all;
}

// From `at` on, the runs stand end to end and are whole lines; gives where they end, and adds up their events.
std::int64_t check_runs(const std::vector<run_of_lines>& runs, std::int64_t at, std::int64_t& events) {
  for (const run_of_lines& each : runs) {
    BOOST_TEST(each.offset == at);
    BOOST_TEST(each.events == count_lines(each.text));
    BOOST_TEST(each.text.ends_with('\n'));
    at += static_cast<std::int64_t>(each.text.size());
    events += each.events;
  }
  return at;
}

// A segment holds the lines that start in one stretch.
void check_stretch(const run_of_lines& segment) {
  const std::size_t last_line = segment.text.rfind('\n', segment.text.size() - 2);
  const std::int64_t last_start =
      segment.offset + (last_line == std::string::npos ? 0 : static_cast<std::int64_t>(last_line) + 1);
  BOOST_TEST(last_start / store::segment_stretch_bytes == segment.offset / store::segment_stretch_bytes);
}

std::string tail_of(db::database& state, const store::hour_key& key) {
  auto read = store::read_tail(state, key);
  REQUIRE_OK(read);
  return read->text;
}

std::string describe_keys(db::database& state) {
  std::vector<store::seen_key> keys;
  db::statement batches = rows_of(state, "SELECT keys FROM duplicate_batch");
  while (next(batches)) {
    std::ranges::copy(store::keys_of_batch(batches.blob(0)), std::back_inserter(keys));
  }
  db::statement rows = rows_of(state, "SELECT week, keys FROM duplicate_row");
  while (next(rows)) {
    for (std::size_t i = 0; i < store::keys_in(rows.blob(1)); ++i) {
      keys.push_back(store::key_at(rows.blob(1), i, rows.number(0)));
    }
  }
  std::ranges::sort(keys);
  std::string all;
  for (const store::seen_key& each : keys) {
    base::append_number(all, each.hash.high);
    base::append_number(all, each.hash.low);
    base::append_number(all, each.uploaded_at_us);
  }
  return "keys " + std::to_string(keys.size()) + " " + base::sha256_hex(base::sha256_of(all)) + "\n";
}

// One line a row; blobs as their hashes.
std::string describe_rows(db::database& state, std::string_view query, int columns, int blob_column = -1) {
  std::string all;
  db::statement rows = rows_of(state, query);
  while (next(rows)) {
    for (int i = 0; i < columns; ++i) {
      all += i == blob_column ? base::sha256_hex(base::sha256_of(rows.blob(i))) : std::string(rows.text(i));
      all += ' ';
    }
    all += '\n';
  }
  return all;
}

// Objects behind a filter hold what was chosen of their part of the hour; the others all of it, but what had been pruned
// when they were planned.
void check_objects(db::database& state, const store::job_row& job, const std::vector<store::object_row>& objects) {
  const std::string text = read_text(state, {job.project, job.hour});
  const auto hour = store::find_hour(state, {job.project, job.hour}).value();
  const std::int64_t pruned_bytes = hour ? hour->pruned_bytes : 0;
  const std::int64_t text_end = pruned_bytes + static_cast<std::int64_t>(text.size());
  std::int64_t at = 0;
  for (const store::object_row& each : objects) {
    const bool is_filtered = !each.segment_bytes.empty();
    const bool had_been_pruned = at < each.source_offset && each.source_offset <= pruned_bytes;
    BOOST_TEST((is_filtered || had_been_pruned ? each.source_offset >= at : each.source_offset == at));
    BOOST_TEST(each.partition == objects.front().partition + (&each - objects.data()));
    const auto name = model::parse_key(each.key);
    BOOST_REQUIRE(name.has_value());
    BOOST_CHECK((*name == model::object_name{model::object_kind::events, job.project, job.hour, each.partition}));
    at = each.source_offset + each.source_bytes;
    BOOST_TEST((job.state != store::job_state::delivered || each.delivered_at.has_value()));
    BOOST_REQUIRE(at <= text_end);
    if (each.source_offset < pruned_bytes) {
      continue;
    }
    const auto source = std::string_view(text).substr(static_cast<std::size_t>(each.source_offset - pruned_bytes),
                                                      static_cast<std::size_t>(each.source_bytes));
    BOOST_TEST(count_lines(source) == each.source_events);
    if (!is_filtered) {
      BOOST_TEST(each.text_bytes == each.source_bytes);
      BOOST_TEST(codec::crc32_of(source) == each.text_crc32);
      BOOST_TEST(each.events == each.source_events);
    }
  }
  BOOST_TEST(at <= job.source_bytes);
  BOOST_TEST(job.source_bytes <= text_end);
}

}  // namespace

store::state_file open_state(const std::filesystem::path& path) {
  auto opened = store::state_file::open(path, store::access::create);
  REQUIRE_OK(opened);
  REQUIRE_OK(opened->become_worker("test", worker_clock));
  return std::move(*opened);
}

void check_events(db::database& state) {
  runs_by_hour segments = segments_of(state);
  runs_by_hour pieces = pieces_of(state);
  std::map<model::project_id, std::int64_t> events_of;
  auto hours = store::list_hours(state, std::nullopt);
  REQUIRE_OK(hours);
  for (const store::hour_row& hour : *hours) {
    BOOST_TEST_CONTEXT("project " << hour.key.project << " hour " << model::to_string(hour.key.hour)) {
      std::int64_t events = hour.pruned_events;
      const std::int64_t segmented = check_runs(segments[hour.key], hour.pruned_bytes, events);
      BOOST_TEST(segmented == hour.segmented_bytes);
      BOOST_TEST(check_runs(pieces[hour.key], segmented, events) == hour.text_bytes);
      BOOST_TEST(events == hour.events);
      std::ranges::for_each(segments[hour.key], check_stretch);
      events_of[hour.key.project] += hour.events;
    }
    segments.erase(hour.key);
    pieces.erase(hour.key);
  }
  BOOST_TEST(segments.empty());
  BOOST_TEST(pieces.empty());
  db::statement projects = rows_of(state, "SELECT id, events FROM project");
  while (next(projects)) {
    BOOST_TEST(events_of[projects.number(0)] == projects.number(1));
    events_of.erase(projects.number(0));
  }
  BOOST_TEST(events_of.empty());
}

void check_inputs(db::database& state) {
  BOOST_TEST(number_of(state, "SELECT count(*) FROM input WHERE received<>stored+duplicates+applied+rejected") == 0);
  BOOST_TEST(number_of(state, "SELECT coalesce(sum(stored), 0) FROM input") ==
             number_of(state, "SELECT coalesce(sum(events), 0) FROM hour"));
  // A merge that was there already is of no project's hour; one that an event says is no line.
  const std::int64_t merges = number_of(state, "SELECT count(*) FROM merge_record");
  const std::int64_t duplicates = number_of(state, "SELECT coalesce(sum(duplicates), 0) FROM input") -
                                  number_of(state, "SELECT coalesce(sum(duplicates), 0) FROM hour");
  BOOST_TEST((merges == 0 ? duplicates == 0 : duplicates >= 0));
  const std::int64_t applied_merges = number_of(state, "SELECT coalesce(sum(applied), 0) FROM input") -
                                      number_of(state, "SELECT count(*) FROM applied");
  BOOST_TEST(applied_merges >= 0);
  BOOST_TEST(applied_merges <= merges);
  BOOST_TEST(number_of(state, "SELECT coalesce(sum(rejected), 0) FROM input") >=
             number_of(state, "SELECT count(*) FROM reject"));
}

void check_ledger(db::database& state) {
  auto jobs = store::list_jobs(state);
  REQUIRE_OK(jobs);
  std::map<std::string, std::set<std::string>> keys;
  for (const store::job_row& job : *jobs) {
    BOOST_TEST_CONTEXT("job of " << job.place.destination << " hour " << model::to_string(job.hour)) {
      auto objects = store::list_objects(state, job.id);
      REQUIRE_OK(objects);
      if (job.kind == store::job_kind::events) {
        check_objects(state, job, *objects);
      }
      for (const store::object_row& each : *objects) {
        BOOST_TEST(keys[job.place.destination].insert(each.key).second);
      }
      BOOST_TEST((job.state != store::job_state::delivered || job.delivered_at.has_value()));
    }
  }
}

std::string read_text(db::database& state, const store::hour_key& key) {
  std::string text;
  auto rows = state.query("SELECT deflate, text_bytes FROM segment WHERE project_id=? AND hour=? ORDER BY text_offset",
                          key.project, key.hour.number);
  REQUIRE_OK(rows);
  while (next(*rows)) {
    auto segment = codec::inflate_segment(rows->blob(0), static_cast<std::uint64_t>(rows->number(1)));
    REQUIRE_OK(segment);
    text += *segment;
  }
  return text + tail_of(state, key);
}

std::string describe_segments(db::database& state) {
  return describe_rows(
      state,
      "SELECT project_id, hour, text_offset, text_bytes, text_crc32, events, deflate_bytes, engine, deflate "
      "FROM segment ORDER BY project_id, hour, text_offset",
      9, 8);
}

std::string describe_content(db::database& state) {
  std::string all = describe_segments(state);
  auto hours = store::list_hours(state, std::nullopt);
  REQUIRE_OK(hours);
  for (const store::hour_row& hour : *hours) {
    all += "tail " + base::sha256_hex(base::sha256_of(tail_of(state, hour.key))) + "\n";
  }
  all += describe_rows(state,
                       "SELECT project_id, hour, events, duplicates, text_bytes, segmented_bytes FROM hour "
                       "ORDER BY project_id, hour",
                       6);
  all +=
      describe_rows(state, "SELECT id, organization_id, record_form, compression, events FROM project ORDER BY id", 5);
  all += describe_rows(state, "SELECT project_id, uploaded_at, line FROM applied ORDER BY id", 3, 2);
  all += describe_rows(state,
                       "SELECT organization_id, hour, merge_time, merge_server_time, amplitude_id, merged_amplitude_id "
                       "FROM merge_record ORDER BY id",
                       6);
  all += describe_rows(state,
                       "SELECT sum(received), sum(stored), sum(duplicates), sum(applied), sum(rejected) FROM input", 5);
  all += describe_rows(state, "SELECT reason, text_bytes, text FROM reject ORDER BY id", 3, 2);
  return all + describe_keys(state);
}

std::int64_t number_of(db::database& state, std::string_view query) {
  const auto found = state.query_number(query);
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->has_value());
  return **found;
}

}  // namespace spillway::test
