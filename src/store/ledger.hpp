// What was delivered, when, with which hash: the jobs of connections (one an hour), their objects (one a partition).
//
//             plan_job                 start_job                 finish_job
//   (none) -------------> waiting -----------------> running -----------------> delivered
//                            ^                          |                           |
//                            |      suspend_job         | fail_job                  | plan_job: late events,
//                            +--------------------------+                           | a partition more
//                            |                          v                           | reopen_job: a backfill found
//                            +------------------- failed                            | what is to be put again
//                            ^     start_job again                                  |
//                            +------------------------------------------------------+
// block_jobs moves all of a connection that wait to `blocked`, from where start_job goes on as well.
//
// Invariants:
// L1  Keys, partitions, text ranges, sizes and hashes of a job's objects are written by plan_job, before the first byte
//     is sent, and never change: doing a job twice gives the same objects. (The one object of a merges job is replaced
//     by a longer one.)
// L2  job.source_bytes and source_events say how much of the hour's text is planned, from 0 on. The objects of a job
//     cover it in order of their partitions, without overlap; with a filter there are gaps, where nothing was chosen,
//     and before what came late into an hour that was pruned, where the rest was.
// L3  A job is `delivered` only when every object of it is, and its marker, if it has one, was put after them.
// L4  An object is marked delivered after the bucket holds it and its size and hash were compared.
// L5  A job that is found `running` when a worker starts was cut off, and is `waiting` again (recover_jobs).
#pragma once

#include "base/hashes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "model/connection.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

using base::to_string;

enum class job_state { waiting, running, delivered, failed, blocked };
constexpr std::array<std::string_view, 5> names_of(job_state) {
  return {"waiting", "running", "delivered", "failed", "blocked"};
}

using model::marker_kind;
using model::place;

// What a job delivers.
enum class job_kind {
  events,  // of a project: partitions, and a marker behind them
  merges,  // of the project's organization: one object, without a marker
};
constexpr std::array<std::string_view, 2> names_of(job_kind) { return {"events", "merges"}; }

struct job_row {
  std::int64_t id = 0;
  model::connection_id connection_id = 0;
  model::project_id project = 0;
  model::place place;
  job_kind kind = job_kind::events;
  model::hour hour;
  job_state state = job_state::waiting;
  std::string reason;  // why it failed or is blocked
  std::int64_t attempts = 0;
  model::marker_kind marker = model::marker_kind::manifest;
  std::int64_t source_bytes = 0;   // of the hour's text that are planned
  std::int64_t source_events = 0;  // in these; of a merges job, merges
  base::instant planned_at;
  std::optional<base::instant> delivered_at;
};

struct object_row {
  std::int64_t id = 0;
  std::int64_t job_id = 0;
  int partition = 0;
  std::string key;  // whole, with its prefix
  // What of the hour's text it is made of. Without a filter that is its text.
  std::int64_t source_offset = 0;
  std::int64_t source_bytes = 0;
  std::int64_t source_events = 0;
  // Of each segment that is made for it: behind a filter, or of merges. Else empty: the store knows them.
  std::vector<std::uint32_t> segment_bytes;
  std::string filter;  // behind which it was planned, as its connection kept it then; empty: none
  std::int64_t text_bytes = 0;
  std::uint32_t text_crc32 = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  base::sha256_digest sha256{};
  std::vector<base::sha256_digest> part_sha256s;  // of what S3 gets in parts, in their order; else empty
  std::string engine;                             // "lines-1"; of several, joined by '+'
  std::string etag;
  base::instant planned_at;
  std::optional<base::instant> delivered_at;
};

// By project, destination and hour.
result<std::vector<job_row>> list_jobs(db::database& state);
result<std::vector<job_row>> list_jobs(db::database& state, model::connection_id connection, job_kind kind,
                                       const model::hour_range& in);
result<std::vector<job_row>> list_undelivered_jobs(db::database& state, model::connection_id connection);
result<std::optional<job_row>> find_job(db::database& state, model::connection_id connection, job_kind kind,
                                        model::hour hour);

// By partition.
result<std::vector<object_row>> list_objects(db::database& state, std::int64_t job_id);

// Every object that any connection to a place has planned or delivered, by key.
result<std::vector<object_row>> list_objects_of(db::database& state, const place& in);

// Whether any connection to the place of a job has ever delivered an object with this key, of the job's kind and hour.
result<bool> was_delivered(db::database& state, const job_row& like, std::string_view key);

// The hashes of an object with the same bytes that was planned before, for whatever place: it is made of the same
// segments, which never change. `like` says which: its place in the text of the hour, lengths, CRC-32 and engine.
// Those with hashes of parts go first. What is made of segments of its own (segment_bytes) is not known again.
struct known_hashes {
  base::sha256_digest sha256{};
  std::vector<base::sha256_digest> part_sha256s;
};
result<std::optional<known_hashes>> find_hashes(db::database& state, model::project_id project, model::hour hour,
                                                const object_row& like);

// What a plan adds to the job of an hour.
struct job_addition {
  std::vector<object_row> objects;
  std::int64_t source_bytes = 0;  // of the hour's text that are planned now, with those from before
  std::int64_t source_events = 0;
};

// Makes the job of an hour, or adds objects to it, and leaves it `waiting`. Of a merges job the object from before
// goes. It keeps the ETag, by which it is known that the key is ours. An hour that has a marker keeps it where none is
// wanted now: it has to list what is added. REQUIRES: a transaction. errc::bug: the job is running, and whoever
// delivers it would end another one than it has begun; nothing is changed.
result<void> plan_job(db::database& state, model::connection_id connection, job_kind kind, model::hour hour,
                      marker_kind marker, const job_addition& added, base::instant now);

// errc::bug: the diagram has no such move from the state that the job is in; nothing is changed.
result<void> start_job(db::database& state, std::int64_t job_id);
result<void> finish_object(db::database& state, std::int64_t object_id, std::string_view etag, base::instant now);
result<void> finish_job(db::database& state, std::int64_t job_id, base::instant now);

// It can be tried again: a passing fault, or a signal.
result<void> suspend_job(db::database& state, std::int64_t job_id, std::string_view reason);
result<void> fail_job(db::database& state, std::int64_t job_id, std::string_view reason);

// A job whose marker, of this kind now, or some of whose delivered objects, have to be put again; it may wait for late
// events already. REQUIRES: a transaction.
result<void> reopen_job(db::database& state, std::int64_t job_id, marker_kind marker,
                        const std::vector<std::int64_t>& object_ids, std::string_view reason);

// All jobs of a connection that wait, since its access is refused.
result<void> block_jobs(db::database& state, model::connection_id connection, std::string_view reason);

// The hours of a connection that are planned and not delivered.
struct undelivered {
  std::int64_t hours = 0;
  std::optional<model::hour> first;
  std::optional<model::hour> last;
};
result<undelivered> count_undelivered(db::database& state, model::connection_id connection);

// REQUIRES: the worker lock; nobody is at work.
result<void> recover_jobs(db::database& state);

}  // namespace spillway::store
