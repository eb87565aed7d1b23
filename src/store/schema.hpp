// The tables of the state file. docs/formats.md shows them with worked bytes.
#pragma once

namespace spillway::store {

// "SPWY": tells a state file from any other SQLite database (PRAGMA application_id).
inline constexpr int application_id = 0x53505759;

// PRAGMA user_version. A file of a newer version is refused.
inline constexpr int schema_version = 1;

// Times are microseconds since 1970, hours are hours since 1970, hashes and segments are blobs.
inline constexpr const char* schema_sql = R"sql(
CREATE TABLE organization(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE project(
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL REFERENCES organization(id),
  record_form TEXT NOT NULL,
  compression TEXT NOT NULL,
  events INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE input(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  head_bytes INTEGER NOT NULL,
  head_hash BLOB NOT NULL,
  raw_bytes INTEGER NOT NULL,
  raw_hash BLOB NOT NULL,
  text_bytes INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  received INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  applied INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  finished INTEGER NOT NULL DEFAULT 0,
  taken_at INTEGER NOT NULL
) STRICT;
CREATE INDEX input_head ON input(head_bytes, head_hash);

CREATE TABLE hour(
  project_id INTEGER NOT NULL REFERENCES project(id),
  hour INTEGER NOT NULL,
  events INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  text_bytes INTEGER NOT NULL DEFAULT 0,
  segmented_bytes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(project_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE segment(
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  text_offset INTEGER NOT NULL,
  text_bytes INTEGER NOT NULL,
  text_crc32 INTEGER NOT NULL,
  events INTEGER NOT NULL,
  deflate_bytes INTEGER NOT NULL,
  engine TEXT NOT NULL,
  deflate BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX segment_place ON segment(project_id, hour, text_offset);
-- All that a plan has to know of a segment: without it, each costs a page of 64 KiB to look at.
CREATE INDEX segment_facts ON segment(project_id, hour, text_offset, text_bytes, text_crc32, events, deflate_bytes, engine);

CREATE TABLE piece(
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  text_offset INTEGER NOT NULL,
  events INTEGER NOT NULL,
  text BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX piece_place ON piece(project_id, hour, text_offset);

CREATE TABLE duplicate_batch(
  id INTEGER PRIMARY KEY,
  keys BLOB NOT NULL
) STRICT;
CREATE TABLE duplicate_row(
  id INTEGER PRIMARY KEY,
  day INTEGER NOT NULL,
  first_key BLOB NOT NULL,
  keys BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX duplicate_row_place ON duplicate_row(day, first_key);

CREATE TABLE applied(
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  uploaded_at INTEGER NOT NULL,
  line BLOB NOT NULL
) STRICT;

-- Times of merges are milliseconds since 1970, as they came.
CREATE TABLE merge_record(
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL REFERENCES organization(id),
  hour INTEGER NOT NULL,
  merge_time INTEGER NOT NULL,
  merge_server_time INTEGER NOT NULL,
  amplitude_id INTEGER NOT NULL,
  merged_amplitude_id INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX merge_record_once
  ON merge_record(organization_id, merge_server_time, merge_time, amplitude_id, merged_amplitude_id);
CREATE INDEX merge_record_hour ON merge_record(organization_id, hour, id);

CREATE TABLE reject(
  id INTEGER PRIMARY KEY,
  input_id INTEGER NOT NULL REFERENCES input(id),
  place TEXT NOT NULL,
  line INTEGER NOT NULL,
  byte INTEGER NOT NULL,
  reason TEXT NOT NULL,
  text_bytes INTEGER NOT NULL,
  text BLOB NOT NULL
) STRICT;
CREATE INDEX reject_input ON reject(input_id);

CREATE TABLE connection(
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES project(id),
  destination TEXT NOT NULL,
  endpoint TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  UNIQUE(project_id, destination, endpoint)
) STRICT;

CREATE TABLE job(
  id INTEGER PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connection(id),
  hour INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  marker TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  delivered_at INTEGER,
  UNIQUE(connection_id, hour)
) STRICT;
CREATE INDEX job_state ON job(connection_id, state);

CREATE TABLE object(
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job(id),
  partition INTEGER NOT NULL,
  key TEXT NOT NULL,
  text_offset INTEGER NOT NULL,
  text_bytes INTEGER NOT NULL,
  text_crc32 INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  part_sha256s BLOB NOT NULL DEFAULT x'',
  engine TEXT NOT NULL,
  etag TEXT NOT NULL DEFAULT '',
  planned_at INTEGER NOT NULL,
  delivered_at INTEGER,
  UNIQUE(job_id, partition)
) STRICT;

CREATE TABLE upload(
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  key TEXT NOT NULL,
  upload_id TEXT NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT;

CREATE TABLE worker(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  pid INTEGER NOT NULL,
  doing TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace spillway::store
