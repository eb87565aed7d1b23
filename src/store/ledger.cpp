#include "store/ledger.hpp"

#include "base/bytes.hpp"
#include "store/row_values.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace spillway::store {
namespace {

constexpr std::string_view job_columns =
    "SELECT job.id, connection_id, project_id, destination, endpoint, hour, job.state, reason, attempts, job.marker, "
    "planned_at, delivered_at, job.kind, source_bytes, source_events FROM job JOIN connection ON "
    "connection.id=connection_id ";

constexpr std::string_view object_columns =
    "SELECT object.id, job_id, partition, key, source_offset, text_bytes, text_crc32, events, bytes, sha256, "
    "part_sha256s, engine, etag, object.planned_at, object.delivered_at, object.source_bytes, object.source_events, "
    "segment_bytes, object.filter FROM object ";

job_row job_of(const db::statement& row) {
  job_row read;
  read.id = row.number(0);
  read.connection_id = row.number(1);
  read.project = row.number(2);
  read.place = {std::string(row.text(3)), std::string(row.text(4))};
  read.hour = hour_in(row, 5);
  read.state = row.word(6, base::parse_name<job_state>);
  read.reason = row.text(7);
  read.attempts = row.number(8);
  read.marker = row.word(9, base::parse_name<marker_kind>);
  read.planned_at = instant_in(row, 10);
  read.delivered_at = instant_at(row, 11);
  read.kind = row.word(12, base::parse_name<job_kind>);
  read.source_bytes = count_in(row, 13);
  read.source_events = count_in(row, 14);
  return read;
}

base::sha256_digest digest_of(std::string_view blob) {
  base::sha256_digest digest{};
  std::copy_n(blob.begin(), std::min(blob.size(), digest.size()), digest.begin());
  return digest;
}

std::vector<base::sha256_digest> digests_of(std::string_view blob) {
  std::vector<base::sha256_digest> digests;
  for (; !blob.empty(); blob.remove_prefix(std::min(blob.size(), sizeof(base::sha256_digest)))) {
    digests.push_back(digest_of(blob));
  }
  return digests;
}

// 4 bytes each, little-endian.
std::string blob_of(const std::vector<std::uint32_t>& numbers) {
  std::string blob;
  for (const std::uint32_t each : numbers) {
    base::append_number(blob, each);
  }
  return blob;
}

std::vector<std::uint32_t> numbers_of(std::string_view blob) {
  std::vector<std::uint32_t> numbers;
  for (; blob.size() >= sizeof(std::uint32_t); blob.remove_prefix(sizeof(std::uint32_t))) {
    numbers.push_back(base::read_number<std::uint32_t>(blob.data()));
  }
  return numbers;
}

std::string blob_of(std::span<const base::sha256_digest> digests) {
  std::string blob;
  for (const base::sha256_digest& each : digests) {
    blob.append(each.begin(), each.end());
  }
  return blob;
}

object_row object_of(const db::statement& row) {
  object_row read;
  read.id = row.number(0);
  read.job_id = row.number(1);
  read.partition = static_cast<int>(row.number_within(2, 0, std::numeric_limits<int>::max() - 1));
  read.key = row.text(3);
  read.source_offset = count_in(row, 4);
  read.text_bytes = count_in(row, 5);
  read.text_crc32 = static_cast<std::uint32_t>(row.number(6));
  read.events = count_in(row, 7);
  read.bytes = count_in(row, 8);
  read.sha256 = digest_of(row.blob(9));
  read.part_sha256s = digests_of(row.blob(10));
  read.engine = row.text(11);
  read.etag = row.text(12);
  read.planned_at = instant_in(row, 13);
  read.delivered_at = instant_at(row, 14);
  read.source_bytes = count_in(row, 15);
  read.source_events = count_in(row, 16);
  read.segment_bytes = numbers_of(row.blob(17));
  read.filter = row.text(18);
  return read;
}

// A move that the diagram does not have changes nothing.
failure no_such_move(std::int64_t job_id, job_state to) {
  return {
      errc::bug, fmt::format("job {}", job_id), fmt::format("it can't become {} from what it is", to_string(to)), {}};
}

result<void> check_moved(const db::database& state, std::int64_t job_id, job_state to) {
  return state.changes() == 1 ? result<void>() : no_such_move(job_id, to);
}

result<void> stop_job(db::database& state, std::int64_t job_id, job_state to, std::string_view reason) {
  SPILLWAY_TRY(
      state.run("UPDATE job SET state=?, reason=? WHERE id=? AND state='running'", to_string(to), reason, job_id));
  return check_moved(state, job_id, to);
}

result<void> add_object(db::database& state, std::int64_t job_id, const object_row& added, std::string_view etag,
                        base::instant now) {
  const std::string sha256 = blob_of({&added.sha256, 1});
  const std::string parts = blob_of(added.part_sha256s);
  const std::string segments = blob_of(added.segment_bytes);
  return state.run(
      "INSERT INTO object(job_id, partition, key, source_offset, source_bytes, source_events, segment_bytes, "
      "text_bytes, text_crc32, events, bytes, sha256, part_sha256s, engine, filter, etag, planned_at) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      job_id, added.partition, added.key, added.source_offset, added.source_bytes, added.source_events,
      db::as_blob{segments}, added.text_bytes, std::int64_t{added.text_crc32}, added.events, added.bytes,
      db::as_blob{sha256}, db::as_blob{parts}, added.engine, added.filter, etag, base::to_us(now));
}

// The object that a new plan of an hour's merges replaces goes; its ETag, empty if it was never put, comes back.
result<std::string> take_merges_object(db::database& state, const job_row& job) {
  if (job.kind != job_kind::merges) {
    return std::string();
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<object_row> before, list_objects(state, job.id));
  SPILLWAY_TRY(state.run("DELETE FROM object WHERE job_id=?", job.id));
  return before.empty() ? std::string() : before.front().etag;
}

}  // namespace

result<std::vector<job_row>> list_jobs(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(job_columns) +
                                                      "ORDER BY project_id, destination, endpoint, hour, job.kind"));
  return db::collect(std::move(rows), job_of);
}

result<std::vector<job_row>> list_jobs(db::database& state, model::connection_id connection, job_kind kind,
                                       const model::hour_range& in) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query(std::string(job_columns) + "WHERE connection_id=? AND job.kind=? AND hour BETWEEN ? AND ? "
                                             "ORDER BY hour",
                  connection, to_string(kind), in.first.number, in.last.number));
  return db::collect(std::move(rows), job_of);
}

result<std::vector<job_row>> list_undelivered_jobs(db::database& state, model::connection_id connection) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query(std::string(job_columns) + "WHERE connection_id=? AND job.state IN ('waiting', 'running', "
                                             "'failed', 'blocked') ORDER BY hour, job.kind",
                  connection));
  return db::collect(std::move(rows), job_of);
}

result<std::optional<job_row>> find_job(db::database& state, model::connection_id connection, job_kind kind,
                                        model::hour hour) {
  SPILLWAY_TRY_ASSIGN(db::statement row,
                      state.query(std::string(job_columns) + "WHERE connection_id=? AND job.kind=? AND hour=?",
                                  connection, to_string(kind), hour.number));
  return db::collect_one(std::move(row), job_of);
}

result<std::vector<object_row>> list_objects(db::database& state, std::int64_t job_id) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query(std::string(object_columns) + "WHERE job_id=? ORDER BY partition", job_id));
  return db::collect(std::move(rows), object_of);
}

result<std::vector<object_row>> list_objects_of(db::database& state, const place& in) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query(std::string(object_columns) +
                                      "JOIN job ON job.id=job_id JOIN connection ON connection.id=connection_id "
                                      "WHERE destination=? AND endpoint=? ORDER BY key",
                                  in.destination, in.endpoint));
  return db::collect(std::move(rows), object_of);
}

result<bool> was_delivered(db::database& state, const job_row& like, std::string_view key) {
  // CROSS: connections are few, and SQLite would go through all objects instead.
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query("SELECT 1 FROM connection CROSS JOIN job ON connection_id=connection.id JOIN object ON job_id=job.id "
                  "WHERE destination=? AND endpoint=? AND job.kind=? AND hour=? AND key=? AND etag<>'' LIMIT 1",
                  like.place.destination, like.place.endpoint, to_string(like.kind), like.hour.number, key));
  return row.step();
}

result<std::optional<known_hashes>> find_hashes(db::database& state, model::project_id project, model::hour hour,
                                                const object_row& like) {
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query("SELECT sha256, part_sha256s FROM connection JOIN job ON connection_id=connection.id JOIN object ON "
                  "job_id=job.id WHERE project_id=? AND job.kind='events' AND hour=? AND source_offset=? AND "
                  "text_bytes=? AND text_crc32=? AND "
                  "bytes=? AND engine=? AND length(segment_bytes)=0 ORDER BY length(part_sha256s) DESC LIMIT 1",
                  project, hour.number, like.source_offset, like.text_bytes, std::int64_t{like.text_crc32}, like.bytes,
                  std::string_view(like.engine)));
  SPILLWAY_TRY_ASSIGN(const bool found, row.step());
  return found ? std::optional(known_hashes{digest_of(row.blob(0)), digests_of(row.blob(1))}) : std::nullopt;
}

result<void> plan_job(db::database& state, model::connection_id connection, job_kind kind, model::hour hour,
                      marker_kind marker, const job_addition& added, base::instant now) {
  SPILLWAY_TRY(state.run(
      "INSERT INTO job(connection_id, kind, hour, state, marker, source_bytes, source_events, planned_at) "
      "VALUES(?, ?, ?, 'waiting', ?, ?, ?, ?) "
      "ON CONFLICT(connection_id, kind, hour) DO UPDATE SET state='waiting', reason='', "
      "marker=CASE excluded.marker WHEN 'off' THEN marker ELSE excluded.marker END, "
      "source_bytes=excluded.source_bytes, source_events=excluded.source_events, planned_at=excluded.planned_at "
      "WHERE state<>'running'",
      connection, to_string(kind), hour.number, to_string(marker), added.source_bytes, added.source_events,
      base::to_us(now)));
  const bool is_planned = state.changes() == 1;
  SPILLWAY_TRY_ASSIGN(const auto job, find_job(state, connection, kind, hour));
  SPILLWAY_ASSERT(job.has_value());
  if (!is_planned) {
    return no_such_move(job->id, job_state::waiting);
  }
  SPILLWAY_TRY_ASSIGN(const std::string etag_before, take_merges_object(state, *job));
  for (const object_row& each : added.objects) {
    SPILLWAY_TRY(add_object(state, job->id, each, etag_before, now));
  }
  return {};
}

result<void> start_job(db::database& state, std::int64_t job_id) {
  SPILLWAY_TRY(
      state.run("UPDATE job SET state='running', reason='', attempts=attempts+1 WHERE id=? AND state IN ('waiting', "
                "'failed', 'blocked')",
                job_id));
  return check_moved(state, job_id, job_state::running);
}

result<void> finish_object(db::database& state, std::int64_t object_id, std::string_view etag, base::instant now) {
  return state.run("UPDATE object SET etag=?, delivered_at=? WHERE id=?", etag, base::to_us(now), object_id);
}

result<void> finish_job(db::database& state, std::int64_t job_id, base::instant now) {
  SPILLWAY_TRY(state.run(
      "UPDATE job SET state='delivered', reason='', delivered_at=?1 WHERE id=?2 AND state='running' AND NOT EXISTS "
      "(SELECT 1 FROM object WHERE job_id=?2 AND delivered_at IS NULL)",
      base::to_us(now), job_id));
  return check_moved(state, job_id, job_state::delivered);
}

result<void> suspend_job(db::database& state, std::int64_t job_id, std::string_view reason) {
  return stop_job(state, job_id, job_state::waiting, reason);
}
result<void> fail_job(db::database& state, std::int64_t job_id, std::string_view reason) {
  return stop_job(state, job_id, job_state::failed, reason);
}

result<void> reopen_job(db::database& state, std::int64_t job_id, marker_kind marker,
                        const std::vector<std::int64_t>& object_ids, std::string_view reason) {
  SPILLWAY_TRY(state.run("UPDATE job SET state='waiting', reason=?, marker=? WHERE id=? AND state<>'running'", reason,
                         to_string(marker), job_id));
  SPILLWAY_TRY(check_moved(state, job_id, job_state::waiting));
  for (const std::int64_t each : object_ids) {
    SPILLWAY_TRY(state.run("UPDATE object SET delivered_at=NULL WHERE id=? AND job_id=?", each, job_id));
  }
  return {};
}

result<void> block_jobs(db::database& state, model::connection_id connection, std::string_view reason) {
  return state.run("UPDATE job SET state='blocked', reason=? WHERE connection_id=? AND state='waiting'", reason,
                   connection);
}

result<undelivered> count_undelivered(db::database& state, model::connection_id connection) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query("SELECT count(DISTINCT hour), min(hour), max(hour) FROM job WHERE "
                                                     "connection_id=? AND state<>'delivered'",
                                                     connection));
  SPILLWAY_TRY(row.step());
  undelivered made{row.number(0), std::nullopt, std::nullopt};
  if (made.hours > 0) {
    made.first = hour_in(row, 1);
    made.last = hour_in(row, 2);
  }
  SPILLWAY_TRY(row.check_values());
  return made;
}

result<void> recover_jobs(db::database& state) {
  return state.run("UPDATE job SET state='waiting' WHERE state='running'");
}

}  // namespace spillway::store
