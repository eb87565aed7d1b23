#include "store/ledger.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace spillway::store {
namespace {

constexpr std::string_view state_names[] = {"waiting", "running", "delivered", "failed", "blocked"};
constexpr std::string_view marker_names[] = {"manifest", "empty", "off"};

constexpr std::string_view connection_columns = "SELECT id, project_id, destination, endpoint FROM connection ";

constexpr std::string_view job_columns =
    "SELECT job.id, connection_id, project_id, destination, endpoint, hour, state, reason, attempts, marker, planned_at, "
    "delivered_at "
    "FROM job JOIN connection ON connection.id=connection_id ";

constexpr std::string_view object_columns =
    "SELECT object.id, job_id, partition, key, text_offset, text_bytes, text_crc32, events, bytes, sha256, part_sha256s, "
    "engine, etag, object.planned_at, object.delivered_at FROM object ";

std::optional<base::instant> instant_at(const db::statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(base::from_us(row.number(column)));
}

job_row job_of(const db::statement& row) {
  job_row read;
  read.id = row.number(0);
  read.connection_id = row.number(1);
  read.project = row.number(2);
  read.place = {std::string(row.text(3)), std::string(row.text(4))};
  read.hour = {row.number(5)};
  read.state = parse_job_state(row.text(6)).value_or(job_state::failed);
  read.reason = row.text(7);
  read.attempts = row.number(8);
  read.marker = parse_marker_kind(row.text(9)).value_or(marker_kind::manifest);
  read.planned_at = base::from_us(row.number(10));
  read.delivered_at = instant_at(row, 11);
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
  read.partition = static_cast<int>(row.number(2));
  read.key = row.text(3);
  read.text_offset = row.number(4);
  read.text_bytes = row.number(5);
  read.text_crc32 = static_cast<std::uint32_t>(row.number(6));
  read.events = row.number(7);
  read.bytes = row.number(8);
  read.sha256 = digest_of(row.blob(9));
  read.part_sha256s = digests_of(row.blob(10));
  read.engine = row.text(11);
  read.etag = row.text(12);
  read.planned_at = base::from_us(row.number(13));
  read.delivered_at = instant_at(row, 14);
  return read;
}

template <class Row>
result<std::vector<Row>> all_of(db::statement rows, Row (*read)(const db::statement&)) {
  std::vector<Row> all;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, rows.step());
    if (!more) {
      return all;
    }
    all.push_back(read(rows));
  }
}

connection_row connection_of(const db::statement& row) {
  return {row.number(0), row.number(1), {std::string(row.text(2)), std::string(row.text(3))}};
}

// A move that the diagram does not have changes nothing.
result<void> check_moved(const db::database& state, std::int64_t job_id, job_state to) {
  if (state.changes() != 1) {
    return failure{errc::bug, fmt::format("job {}", job_id), fmt::format("it can't become {} from what it is", to_string(to)), {}};
  }
  return {};
}

result<void> stop_job(db::database& state, std::int64_t job_id, job_state to, std::string_view reason) {
  SPILLWAY_TRY(state.run("UPDATE job SET state=?, reason=? WHERE id=? AND state='running'", to_string(to), reason, job_id));
  return check_moved(state, job_id, to);
}

result<void> add_object(db::database& state, std::int64_t job_id, const object_row& added, base::instant now) {
  const std::string sha256 = blob_of({&added.sha256, 1});
  const std::string parts = blob_of(added.part_sha256s);
  return state.run(
      "INSERT INTO object(job_id, partition, key, text_offset, text_bytes, text_crc32, events, bytes, sha256, "
      "part_sha256s, engine, planned_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      job_id, added.partition, added.key, added.text_offset, added.text_bytes, std::int64_t{added.text_crc32}, added.events,
      added.bytes, db::as_blob{sha256}, db::as_blob{parts}, added.engine, base::to_us(now));
}

}  // namespace

std::string_view to_string(job_state state) { return state_names[static_cast<std::size_t>(state)]; }

std::optional<job_state> parse_job_state(std::string_view text) {
  const auto found = std::ranges::find(state_names, text);
  return found == std::end(state_names) ? std::nullopt : std::optional(static_cast<job_state>(found - state_names));
}

std::string_view to_string(marker_kind kind) { return marker_names[static_cast<std::size_t>(kind)]; }

std::optional<marker_kind> parse_marker_kind(std::string_view text) {
  const auto found = std::ranges::find(marker_names, text);
  return found == std::end(marker_names) ? std::nullopt : std::optional(static_cast<marker_kind>(found - marker_names));
}

result<connection_row> open_connection(db::database& state, model::project_id project, const place& to,
                                       base::instant now) {
  SPILLWAY_TRY(state.run("INSERT INTO connection(project_id, destination, endpoint, created_at) VALUES(?, ?, ?, ?) "
                         "ON CONFLICT DO NOTHING",
                         project, to.destination, to.endpoint, base::to_us(now)));
  SPILLWAY_TRY_ASSIGN(const auto found, find_connection(state, project, to));
  SPILLWAY_ASSERT(found.has_value());
  return *found;
}

result<std::optional<connection_row>> find_connection(db::database& state, model::project_id project, const place& to) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(std::string(connection_columns) +
                                                         "WHERE project_id=? AND destination=? AND endpoint=?",
                                                     project, to.destination, to.endpoint));
  SPILLWAY_TRY_ASSIGN(const bool found, row.step());
  return found ? std::optional(connection_of(row)) : std::nullopt;
}

result<std::vector<connection_row>> list_connections(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(connection_columns) +
                                                      "ORDER BY project_id, destination, endpoint"));
  return all_of(std::move(rows), connection_of);
}

result<std::vector<job_row>> list_jobs(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(job_columns) + "ORDER BY project_id, destination, endpoint, hour"));
  return all_of(std::move(rows), job_of);
}

result<std::vector<job_row>> list_jobs(db::database& state, std::int64_t connection_id) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query(std::string(job_columns) + "WHERE connection_id=? ORDER BY hour", connection_id));
  return all_of(std::move(rows), job_of);
}

result<std::optional<job_row>> find_job(db::database& state, std::int64_t connection_id, model::hour hour) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(std::string(job_columns) + "WHERE connection_id=? AND hour=?",
                                                     connection_id, hour.number));
  SPILLWAY_TRY_ASSIGN(const bool found, row.step());
  return found ? std::optional(job_of(row)) : std::nullopt;
}

result<std::vector<object_row>> list_objects(db::database& state, std::int64_t job_id) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query(std::string(object_columns) + "WHERE job_id=? ORDER BY partition", job_id));
  return all_of(std::move(rows), object_of);
}

result<std::vector<object_row>> list_objects_of(db::database& state, const place& in) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query(std::string(object_columns) + "JOIN job ON job.id=job_id JOIN connection ON connection.id=connection_id "
                                                "WHERE destination=? AND endpoint=? ORDER BY key",
                  in.destination, in.endpoint));
  return all_of(std::move(rows), object_of);
}

result<std::optional<known_hashes>> find_hashes(db::database& state, model::project_id project, model::hour hour,
                                                const object_row& like) {
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query("SELECT sha256, part_sha256s FROM connection JOIN job ON connection_id=connection.id JOIN object ON "
                  "job_id=job.id WHERE project_id=? AND hour=? AND text_offset=? AND text_bytes=? AND text_crc32=? AND "
                  "bytes=? AND engine=? ORDER BY length(part_sha256s) DESC LIMIT 1",
                  project, hour.number, like.text_offset, like.text_bytes, std::int64_t{like.text_crc32}, like.bytes,
                  std::string_view(like.engine)));
  SPILLWAY_TRY_ASSIGN(const bool found, row.step());
  return found ? std::optional(known_hashes{digest_of(row.blob(0)), digests_of(row.blob(1))}) : std::nullopt;
}

result<void> plan_job(db::database& state, const connection_row& connection, model::hour hour, marker_kind marker,
                      const std::vector<object_row>& added, base::instant now) {
  SPILLWAY_TRY(state.run(
      "INSERT INTO job(connection_id, hour, state, marker, planned_at) VALUES(?, ?, 'waiting', ?, ?) "
      "ON CONFLICT(connection_id, hour) DO UPDATE SET state='waiting', reason='', marker=excluded.marker, "
      "planned_at=excluded.planned_at",
      connection.id, hour.number, to_string(marker), base::to_us(now)));
  SPILLWAY_TRY_ASSIGN(const auto job, find_job(state, connection.id, hour));
  SPILLWAY_ASSERT(job.has_value());
  for (const object_row& each : added) {
    SPILLWAY_TRY(add_object(state, job->id, each, now));
  }
  return {};
}

result<void> start_job(db::database& state, std::int64_t job_id) {
  SPILLWAY_TRY(state.run(
      "UPDATE job SET state='running', reason='', attempts=attempts+1 WHERE id=? AND state IN ('waiting', 'failed', 'blocked')",
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
result<void> block_job(db::database& state, std::int64_t job_id, std::string_view reason) {
  return stop_job(state, job_id, job_state::blocked, reason);
}

result<void> recover_jobs(db::database& state) { return state.run("UPDATE job SET state='waiting' WHERE state='running'"); }

}  // namespace spillway::store
