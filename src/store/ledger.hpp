// What was delivered, when, with which hash: connections, their jobs (one an hour), their objects (one a partition).
//
//             plan_job                 start_job                 finish_job
//   (none) -------------> waiting -----------------> running -----------------> delivered
//                            ^                          |                           |
//                            |      suspend_job         | fail_job, block_job       | plan_job: late events,
//                            +--------------------------+                           | a partition more
//                            |                          v                           |
//                            +-------------- failed, blocked                        |
//                            ^     start_job again                                  |
//                            +------------------------------------------------------+
//
// Invariants:
// L1  Keys, partitions, text ranges, sizes and hashes of a job's objects are written by plan_job, before the first byte
//     is sent, and never change: doing a job twice gives the same objects.
// L2  The objects of a job cover its hour's text from 0 on, in order of their partitions, without gap or overlap.
// L3  A job is `delivered` only when every object of it is, and its marker, if it has one, was put after them.
// L4  An object is marked delivered after the bucket holds it and its size and hash were compared.
// L5  A job that is found `running` when a worker starts was cut off, and is `waiting` again (recover_jobs).
#pragma once

#include "base/hashes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

enum class job_state { waiting, running, delivered, failed, blocked };
std::string_view to_string(job_state state);
std::optional<job_state> parse_job_state(std::string_view text);

// What `--complete` asks for. Source of the file itself: the specification's "'Complete' files".
enum class marker_kind {
  manifest,  // a JSON document that names the objects
  empty,     // no bytes, as Amplitude's own
  off,
};
std::string_view to_string(marker_kind kind);
std::optional<marker_kind> parse_marker_kind(std::string_view text);

// Where objects go: a bucket of the same name at another endpoint is another bucket.
struct place {
  std::string destination;  // "/srv/bucket" or "s3://raw/analytics"
  std::string endpoint{};   // "http://127.0.0.1:9000"; empty: AWS's own, or a directory
  friend bool operator==(const place&, const place&) = default;
};

// One project delivering to one place.
struct connection_row {
  std::int64_t id = 0;
  model::project_id project = 0;
  store::place place;
};

struct job_row {
  std::int64_t id = 0;
  std::int64_t connection_id = 0;
  model::project_id project = 0;
  store::place place;
  model::hour hour;
  job_state state = job_state::waiting;
  std::string reason;  // why it failed or is blocked
  std::int64_t attempts = 0;
  marker_kind marker = marker_kind::manifest;
  base::instant planned_at;
  std::optional<base::instant> delivered_at;
};

struct object_row {
  std::int64_t id = 0;
  std::int64_t job_id = 0;
  int partition = 0;
  std::string key;  // whole, with its prefix
  std::int64_t text_offset = 0;
  std::int64_t text_bytes = 0;
  std::uint32_t text_crc32 = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  base::sha256_digest sha256{};
  std::vector<base::sha256_digest> part_sha256s;  // of an object that goes to S3 in parts, in their order; else empty
  std::string engine;  // "isal-2.30.0/1"; of several, joined by '+'
  std::string etag;
  base::instant planned_at;
  std::optional<base::instant> delivered_at;
};

// The connection of a project and a place; made if it is not there.
result<connection_row> open_connection(db::database& state, model::project_id project, const place& to,
                                       base::instant now);
result<std::optional<connection_row>> find_connection(db::database& state, model::project_id project, const place& to);
result<std::vector<connection_row>> list_connections(db::database& state);

// By project, destination and hour.
result<std::vector<job_row>> list_jobs(db::database& state);
result<std::vector<job_row>> list_jobs(db::database& state, std::int64_t connection_id);
result<std::optional<job_row>> find_job(db::database& state, std::int64_t connection_id, model::hour hour);

// By partition.
result<std::vector<object_row>> list_objects(db::database& state, std::int64_t job_id);

// Every object that any connection to a place has planned or delivered, by key.
result<std::vector<object_row>> list_objects_of(db::database& state, const place& in);

// The hashes of an object with the same bytes that was planned before, for whatever place: it is made of the same
// segments, which never change. `like` says which: its place in the text of the hour, lengths, CRC-32 and engine.
// Those with hashes of parts go first.
struct known_hashes {
  base::sha256_digest sha256{};
  std::vector<base::sha256_digest> part_sha256s;
};
result<std::optional<known_hashes>> find_hashes(db::database& state, model::project_id project, model::hour hour,
                                                const object_row& like);

// Makes the job of an hour, or adds objects to it, and leaves it `waiting`. REQUIRES: a transaction.
result<void> plan_job(db::database& state, const connection_row& connection, model::hour hour, marker_kind marker,
                      const std::vector<object_row>& added, base::instant now);

// errc::bug: the diagram has no such move from the state that the job is in; nothing is changed.
result<void> start_job(db::database& state, std::int64_t job_id);
result<void> finish_object(db::database& state, std::int64_t object_id, std::string_view etag, base::instant now);
result<void> finish_job(db::database& state, std::int64_t job_id, base::instant now);

// It can be tried again: a passing fault, or a signal.
result<void> suspend_job(db::database& state, std::int64_t job_id, std::string_view reason);
result<void> fail_job(db::database& state, std::int64_t job_id, std::string_view reason);
result<void> block_job(db::database& state, std::int64_t job_id, std::string_view reason);

// REQUIRES: the worker lock.
result<void> recover_jobs(db::database& state);

}  // namespace spillway::store
