// State files that are damaged: opening and reading one works, or fails with a reason.
#include "store/state_file.hpp"
#include "codec/decode.hpp"
#include "export/plan.hpp"
#include "fuzz/damaged_state.hpp"
#include "fuzz/fuzz.hpp"
#include "model/object_key.hpp"
#include "record/event_filter.hpp"
#include "store/backfill_log.hpp"
#include "store/catalog.hpp"
#include "store/connections.hpp"
#include "store/duplicate_index.hpp"
#include "store/hour_writer.hpp"
#include "store/input_log.hpp"
#include "store/ledger.hpp"
#include "store/mail_log.hpp"
#include "store/merge_log.hpp"
#include "store/migration_log.hpp"
#include "store/overview.hpp"
#include "store/reject_log.hpp"
#include "store/upload_log.hpp"
#include "store/volume.hpp"

#include <vector>

using namespace spillway;
using fuzz::require;

namespace {

// A failure is fine, if it is not one of ours.
template <class Value>
void expect_reason(const result<Value>& read) {
  require(read || (read.error().code != errc::bug && !read.error().text().empty()), "a failure says what is wrong");
}

// The rows, for what is read of each.
template <class Row>
std::vector<Row> rows_of(result<std::vector<Row>> read) {
  expect_reason(read);
  return read ? std::move(*read) : std::vector<Row>();
}

// As a listing shows them.
void show(base::instant when) { require(!base::format_utc(when).empty(), "a time can be shown"); }
void show(model::hour hour) { require(!model::to_string(hour).empty(), "an hour can be shown"); }
template <class Time>
void show(const std::optional<Time>& when) {
  if (when) {
    show(*when);
  }
}

template <class State>
void show_state(State of) {
  require(!store::to_string(of).empty(), "a state can be shown");
}

result<void> ignore(std::string_view) { return {}; }

void read_hour(db::database& state, const store::hour_row& row) {
  show(row.key.hour);
  std::vector<store::segment_row> segments = rows_of(store::list_segments(state, row.key, 0, INT64_MAX));
  std::size_t next = 0;
  expect_reason(store::read_segments(state, row.key, 0, INT64_MAX, [&](std::string_view deflate) -> result<void> {
    if (next < segments.size()) {
      expect_reason(codec::inflate_segment(deflate, static_cast<std::uint64_t>(segments[next++].text_bytes)));
    }
    return {};
  }));
  expect_reason(store::read_tail(state, row.key));
}

void read_project(db::database& state, const model::project& project) {
  expect_reason(store::owner_of(state, project.id));
  expect_reason(store::volume_of(state, project.id));
  expect_reason(store::read_texts(state, project.id, ignore));
  expect_reason(store::read_tails(state, project.id, ignore));
  expect_reason(store::list_pruned_hours(state, project.id, {}));
  for (const store::hour_row& each : rows_of(store::list_hours(state, project.id))) {
    read_hour(state, each);
  }
}

void read_job(db::database& state, const store::job_row& job) {
  show_state(job.state);
  show(job.hour);
  show(job.planned_at);
  show(job.delivered_at);
  for (const store::object_row& each : rows_of(store::list_objects(state, job.id))) {
    show(each.planned_at);
    show(each.delivered_at);
    expect_reason(store::find_hashes(state, job.project, job.hour, each));
    expect_reason(store::was_delivered(state, job, each.key));
  }
}

void plan(db::database& state, const model::project& project, const model::connection& connection) {
  exporting::settings wanted;
  wanted.place = connection.place;
  for (const auto hours : {std::optional<model::hour_range>(), std::optional(model::hour_range{{438870}, {438890}})}) {
    wanted.hours = hours;
    for (const exporting::hour_need& each :
         rows_of(exporting::find_needs(state, project, connection, wanted, fuzz::state_time))) {
      show(each.key.hour);
      if (each.events > 0) {
        expect_reason(exporting::make_objects(state, project, connection, each, wanted));
      }
    }
  }
}

void expect_selection(const record::filter& wanted) {
  require(record::event_filter(wanted).matches("{}").has_value(), "a filter that was read can be used");
}

void read_connection(db::database& state, const model::connection& connection) {
  show(connection.start);
  show(connection.created_at);
  show(connection.disabled_at);
  if (const auto filter = record::parse_filter(connection.filter)) {
    expect_selection(*filter);
  }
  if (const auto project = store::find_project(state, connection.project); project && *project) {
    plan(state, **project, connection);
  }
  rows_of(store::list_jobs(state, connection.id, store::job_kind::events, {}));
  rows_of(store::list_undelivered_jobs(state, connection.id));
  expect_reason(store::count_undelivered(state, connection.id));
  for (const store::gap& each : rows_of(store::list_gaps(state, connection.id))) {
    show(each.first);
    show(each.last);
  }
  if (const auto trouble = store::find_trouble(state, connection.id); trouble && *trouble) {
    show((*trouble)->since);
    show((*trouble)->next_try_at);
    show((*trouble)->blocked_at);
  }
  expect_reason(store::find_next_backfill(state, connection.id));
  if (const auto migration = store::find_migration(state, connection.id); migration && *migration) {
    show((*migration)->created_at);
  }
  rows_of(store::list_objects_of(state, connection.place));
  rows_of(store::list_uploads(state, connection.place));
}

void read_overviews(db::database& state) {
  for (const store::project_overview& each : rows_of(store::overview_of_projects(state))) {
    show(each.first_hour);
    show(each.last_hour);
  }
  expect_reason(store::overview_of_inputs(state));
  for (const store::connection_overview& each : rows_of(store::overview_of_connections(state, fuzz::state_time))) {
    show(each.last_delivered);
  }
  if (const auto worker = store::find_worker(state); worker && *worker) {
    show((*worker)->since);
  }
}

void read_logs(db::database& state) {
  for (const store::backfill_row& each : rows_of(store::list_backfills(state))) {
    show_state(each.state);
    show(each.first);
    show(each.last);
    show(each.created_at);
    show(each.ended_at);
  }
  rows_of(store::list_inputs(state));
  expect_reason(store::list_head_lengths(state));
  expect_reason(store::read_rejects(state, [](const store::reject_row&) -> result<void> { return {}; }));
  for (const store::mail_row& each : rows_of(store::list_waiting_mails(state))) {
    show(each.next_try_at);
  }
  rows_of(store::list_refused_mails(state));
  for (const model::organization& owner : rows_of(store::list_organizations(state))) {
    for (const store::merge_hour& each : rows_of(store::list_merge_hours(state, owner.id))) {
      show(each.hour);
      rows_of(store::read_merges(state, owner.id, each.hour, 100));
    }
  }
}

// Looks up keys that are there and others, as intake does.
void look_up_keys(db::database& state) {
  auto index = store::duplicate_index::open(state);
  expect_reason(index);
  if (!index) {
    return;
  }
  std::vector<store::seen_key> keys;
  for (std::uint64_t i = 0; i < 40; ++i) {
    keys.push_back(
        {{i * 0x0123456789abcdef, static_cast<std::uint32_t>(i)}, base::to_us(fuzz::state_time) - static_cast<std::int64_t>(i) * 3'600'000'000});
  }
  expect_reason(index->admit(keys));
}

void read_all(db::database& state) {
  for (const model::project& each : rows_of(store::list_projects(state))) {
    read_project(state, each);
  }
  for (const store::job_row& each : rows_of(store::list_jobs(state))) {
    read_job(state, each);
  }
  for (const model::connection& each : rows_of(store::list_connections(state))) {
    read_connection(state, each);
  }
  read_overviews(state);
  read_logs(state);
  look_up_keys(state);
}

// What goes on with a file: intake's next keys, and tails that are cut where an hour is planned.
void write(db::database& state) {
  if (auto index = store::duplicate_index::open(state); index) {
    const store::seen_key key{{3, 4}, base::to_us(fuzz::state_time)};
    expect_reason(index->admit({&key, 1}));
    expect_reason(index->merge(state));
    expect_reason(index->merge(state));
  }
  for (const store::hour_row& each : rows_of(store::list_hours(state, std::nullopt))) {
    store::hour_writer hours(state);
    expect_reason(hours.append(each.key, {6}, "{}\n"));
    expect_reason(hours.cut_tail(each.key, {6}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  static fuzz::damaged_state file;
  file.restore(fuzz::text_of(data, bytes));
  {
    auto state = store::state_file::open(file.path(), store::access::read);
    expect_reason(state);
    if (state) {
      read_all(state->database());
    }
  }
  auto state = store::state_file::open(file.path(), store::access::create);
  expect_reason(state);
  if (state) {
    write(state->database());
  }
  return 0;
}
