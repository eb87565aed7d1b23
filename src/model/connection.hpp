// A connection: one project delivering to one place, set up once. Source of what it can be told: the specification's
// "Set up the integration".
#pragma once

#include "base/names.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::model {

using base::to_string;

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
constexpr std::array<std::string_view, 3> names_of(marker_kind) { return {"manifest", "empty", "off"}; }

// What becomes of objects that are in the way and that the ledger does not know.
enum class foreign_objects { refuse, replace };
constexpr std::array<std::string_view, 2> names_of(foreign_objects) { return {"refuse", "replace"}; }

enum class connection_kind {
  implicit,   // made by `export`: delivers when it is told to
  scheduled,  // made by `connection create`: delivers every hour
};
constexpr std::array<std::string_view, 2> names_of(connection_kind) { return {"implicit", "scheduled"}; }

enum class connection_state { enabled, disabled };
constexpr std::array<std::string_view, 2> names_of(connection_state) { return {"enabled", "disabled"}; }

// "Export events ingested today and moving forward", "Export all merged Amplitude IDs", or both.
enum class data_choice { events, merged_ids, both };
constexpr std::array<std::string_view, 3> names_of(data_choice) { return {"events", "merged-ids", "both"}; }

// Whom the bucket's policy trusts. Only a migration makes a `role` of a `root`, and nothing the other way round.
enum class principal_kind {
  role,  // one role for each project
  root,  // the whole account: the old kind
};
constexpr std::array<std::string_view, 2> names_of(principal_kind) { return {"role", "root"}; }

enum class claim_choice {
  none,
  object,  // an object in the bucket says which organization it belongs to
};
constexpr std::array<std::string_view, 2> names_of(claim_choice) { return {"none", "object"}; }

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
