// A connection: one project delivering to one place, set up once. Source of what it can be told: the specification's
// "Set up the integration".
#pragma once

#include "model/hour.hpp"
#include "model/project.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::model {

using connection_id = std::int64_t;

// Where objects go: a bucket of the same name at another endpoint is another bucket.
struct place {
  std::string destination;  // "/srv/bucket" or "s3://raw/analytics"
  std::string endpoint{};   // "http://127.0.0.1:9000"; empty: AWS's own, or a directory
  friend bool operator==(const place&, const place&) = default;
};

// The bucket of a place, without the prefix: "s3://raw" of "s3://raw/analytics". A directory is one itself.
place bucket_of(const place& which);

// "raw" of "s3://raw/analytics"; empty: a directory, which has no name but its path.
std::string bucket_name_of(const place& which);

// What `--complete` asks for. Source of the file itself: the specification's "'Complete' files".
enum class marker_kind {
  manifest,  // a JSON document that names the objects
  empty,     // no bytes, as Amplitude's own
  off,
};

// What becomes of objects that are in the way and that the ledger does not know.
enum class foreign_objects { refuse, replace };

enum class connection_kind {
  implicit,   // made by `export`: delivers when it is told to
  scheduled,  // made by `connection create`: delivers every hour
};

enum class connection_state { enabled, disabled };

// "Export events ingested today and moving forward", "Export all merged Amplitude IDs", or both.
enum class data_choice { events, merged_ids, both };

// Whom the bucket's policy trusts. Only a migration makes a `role` of a `root`, and nothing the other way round.
enum class principal_kind {
  role,  // one role for each project
  root,  // the whole account: the old kind
};

enum class claim_choice {
  none,
  object,  // an object in the bucket says which organization it belongs to
};

// As they are spelled in options, in the state file and in --json.
std::string_view to_string(marker_kind kind);
std::string_view to_string(connection_kind kind);
std::string_view to_string(connection_state state);
std::string_view to_string(data_choice data);
std::string_view to_string(principal_kind principal);
std::string_view to_string(claim_choice claim);
std::optional<marker_kind> parse_marker_kind(std::string_view text);
std::optional<connection_kind> parse_connection_kind(std::string_view text);
std::optional<connection_state> parse_connection_state(std::string_view text);
std::optional<data_choice> parse_data_choice(std::string_view text);
std::optional<principal_kind> parse_principal_kind(std::string_view text);
std::optional<claim_choice> parse_claim_choice(std::string_view text);

// How S3 is reached and what objects are put with: names of settings, never a key.
struct access_settings {
  std::string profile;
  std::string region;
  std::string ca_bundle;
  std::string expected_owner;       // an account's 12 digits
  std::string sse;                  // "", "AES256" or "aws:kms"
  std::string kms_key_id;
  std::string checksum = "sha256";  // or "md5", "none"
};

struct creator {
  std::string name;
  std::string mail;
};

struct connection {
  connection_id id = 0;
  project_id project = 0;
  model::place place;
  connection_kind kind = connection_kind::implicit;
  connection_state state = connection_state::enabled;
  data_choice data = data_choice::events;
  std::string filter;  // JSON; empty: every event
  marker_kind marker = marker_kind::manifest;
  std::int64_t object_bytes_max = std::int64_t{256} << 20;
  access_settings access;
  principal_kind principal = principal_kind::role;
  std::string principal_arn;  // whom the policies let in; empty: not said
  claim_choice claim = claim_choice::none;
  model::creator creator;
  model::hour start;  // the first hour that it delivers by itself
  base::instant created_at;
  std::optional<base::instant> disabled_at;

  bool delivers_by_itself() const { return kind == connection_kind::scheduled && state == connection_state::enabled; }
};

constexpr bool delivers_events(data_choice data) { return data != data_choice::merged_ids; }
constexpr bool delivers_merges(data_choice data) { return data != data_choice::events; }

// An hour that is delivered by itself starts here: 00:00 UTC of the day.
hour first_hour_of_day(base::instant when);

// A connection that takes over within this time of another's being disabled, or is enabled again, goes on where that
// one stopped. Source: the specification's "Will there be any gaps in data export during the migration?".
inline constexpr std::chrono::hours takeover_time_max{24};
bool is_within_takeover_time(const connection& disabled, base::instant now);

}  // namespace spillway::model
