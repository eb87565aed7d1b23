// The tables of the state file. docs/formats.md shows them with worked bytes.
#pragma once

namespace spillway::store {

// "SPWY": tells a state file from any other SQLite database (PRAGMA application_id).
inline constexpr int application_id = 0x53505759;

// PRAGMA user_version. Another version is refused: no release has made one.
inline constexpr int schema_version = 4;

// Times are microseconds since 1970, hours are hours since 1970, hashes and segments are blobs.
inline constexpr const char* schema_sql = R"sql(
CREATE TABLE organization(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE administrator(
  organization_id INTEGER NOT NULL REFERENCES organization(id),
  mail TEXT NOT NULL,
  PRIMARY KEY(organization_id, mail)
) STRICT, WITHOUT ROWID;

CREATE TABLE project(
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL REFERENCES organization(id),
  name TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT 'source',
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

-- Where inputs ended that have grown since.
CREATE TABLE input_front(
  raw_bytes INTEGER NOT NULL,
  raw_hash BLOB NOT NULL,
  PRIMARY KEY(raw_bytes, raw_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE hour(
  project_id INTEGER NOT NULL REFERENCES project(id),
  hour INTEGER NOT NULL,
  events INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  text_bytes INTEGER NOT NULL DEFAULT 0,
  segmented_bytes INTEGER NOT NULL DEFAULT 0,
  pruned_bytes INTEGER NOT NULL DEFAULT 0,
  pruned_events INTEGER NOT NULL DEFAULT 0,
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
  deflate_crc32 INTEGER NOT NULL,
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
  text_crc32 INTEGER NOT NULL,
  text BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX piece_place ON piece(project_id, hour, text_offset);

CREATE TABLE duplicate_batch(
  id INTEGER PRIMARY KEY,
  keys BLOB NOT NULL
) STRICT;
CREATE TABLE duplicate_row(
  id INTEGER PRIMARY KEY,
  week INTEGER NOT NULL,
  run INTEGER NOT NULL,
  first_high INTEGER NOT NULL,
  keys BLOB NOT NULL
) STRICT;
-- Two rows of a run may begin with the same first half of a hash.
CREATE INDEX duplicate_row_place ON duplicate_row(week, run, first_high);

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

-- Ids are not used again: who is at work for one that was deleted must not take another for it.
CREATE TABLE connection(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES project(id),
  destination TEXT NOT NULL,
  endpoint TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT 'implicit',
  state TEXT NOT NULL DEFAULT 'enabled',
  data TEXT NOT NULL DEFAULT 'events',
  filter TEXT NOT NULL DEFAULT '',
  marker TEXT NOT NULL DEFAULT 'manifest',
  object_bytes_max INTEGER NOT NULL DEFAULT 268435456,
  sse TEXT NOT NULL DEFAULT '',
  kms_key_id TEXT NOT NULL DEFAULT '',
  checksum TEXT NOT NULL DEFAULT 'sha256',
  expected_owner TEXT NOT NULL DEFAULT '',
  profile TEXT NOT NULL DEFAULT '',
  region TEXT NOT NULL DEFAULT '',
  ca_bundle TEXT NOT NULL DEFAULT '',
  principal TEXT NOT NULL DEFAULT 'role',
  principal_arn TEXT NOT NULL DEFAULT '',
  claim TEXT NOT NULL DEFAULT 'none',
  creator_name TEXT NOT NULL DEFAULT '',
  creator_mail TEXT NOT NULL DEFAULT '',
  start_hour INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;
CREATE INDEX connection_place ON connection(project_id, destination, endpoint);

-- Hours that a connection has passed over, because it was disabled for more than a day.
CREATE TABLE gap(
  connection_id INTEGER NOT NULL REFERENCES connection(id) ON DELETE CASCADE,
  first_hour INTEGER NOT NULL,
  last_hour INTEGER NOT NULL,
  PRIMARY KEY(connection_id, first_hour)
) STRICT, WITHOUT ROWID;

-- Access that is refused just now; the row goes when it is back.
CREATE TABLE access_trouble(
  connection_id INTEGER PRIMARY KEY REFERENCES connection(id) ON DELETE CASCADE,
  since INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  next_try_at INTEGER NOT NULL,
  blocked_at INTEGER,
  permission TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- Mails that no server has taken yet, one a recipient.
CREATE TABLE outgoing_mail(
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,
  in_reply_to TEXT NOT NULL DEFAULT '',
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_at INTEGER NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  is_refused INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE backfill(
  id INTEGER PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connection(id) ON DELETE CASCADE,
  first_hour INTEGER NOT NULL,
  last_hour INTEGER NOT NULL,
  next_hour INTEGER NOT NULL,
  foreign_objects TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  reason TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL DEFAULT '',
  hint TEXT NOT NULL DEFAULT '',
  failed_hours INTEGER NOT NULL DEFAULT 0,
  pruned_hours INTEGER NOT NULL DEFAULT 0,
  pruned TEXT NOT NULL DEFAULT '',
  hours INTEGER NOT NULL DEFAULT 0,
  objects INTEGER NOT NULL DEFAULT 0,
  events INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

CREATE TABLE job(
  id INTEGER PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connection(id) ON DELETE CASCADE,
  kind TEXT NOT NULL DEFAULT 'events',
  hour INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  marker TEXT NOT NULL,
  source_bytes INTEGER NOT NULL DEFAULT 0,
  source_events INTEGER NOT NULL DEFAULT 0,
  planned_at INTEGER NOT NULL,
  delivered_at INTEGER,
  UNIQUE(connection_id, kind, hour)
) STRICT;
CREATE INDEX job_state ON job(connection_id, state);

CREATE TABLE object(
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  partition INTEGER NOT NULL,
  key TEXT NOT NULL,
  source_offset INTEGER NOT NULL,
  source_bytes INTEGER NOT NULL,
  source_events INTEGER NOT NULL,
  segment_bytes BLOB NOT NULL DEFAULT x'',
  text_bytes INTEGER NOT NULL,
  text_crc32 INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  part_sha256s BLOB NOT NULL DEFAULT x'',
  engine TEXT NOT NULL,
  filter TEXT NOT NULL DEFAULT '',
  etag TEXT NOT NULL DEFAULT '',
  planned_at INTEGER NOT NULL,
  delivered_at INTEGER,
  UNIQUE(job_id, partition)
) STRICT;

-- Of a bucket at most one that is not at its last step. Those that are stay: there is no way back from them.
CREATE TABLE migration(
  id INTEGER PRIMARY KEY,
  old_connection_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL REFERENCES project(id),
  destination TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  new_connection_id INTEGER,
  kms_key_id TEXT NOT NULL DEFAULT '',
  principal_arn TEXT NOT NULL DEFAULT '',
  export_profile TEXT NOT NULL DEFAULT '',
  step INTEGER NOT NULL DEFAULT 0,
  is_going_back INTEGER NOT NULL DEFAULT 0,
  was_disabled INTEGER NOT NULL DEFAULT 0,
  policy_keeper TEXT NOT NULL DEFAULT 'us',
  policy TEXT,
  encryption_keeper TEXT NOT NULL DEFAULT 'us',
  encryption TEXT,
  encryption_key_id TEXT NOT NULL DEFAULT '',
  encryption_bucket_keys INTEGER NOT NULL DEFAULT 0,
  encryption_document TEXT NOT NULL DEFAULT '',
  last_job_id INTEGER NOT NULL DEFAULT 0,
  last_object_id INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
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
