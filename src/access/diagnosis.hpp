// Is everything in order that exports need besides permissions (probe.hpp): the state file, disks, and the way to S3.
#pragma once

#include "base/clock.hpp"
#include "base/names.hpp"
#include "bucket/s3_diagnosis.hpp"
#include "db/sqlite.hpp"

#include <array>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::access {

enum class health { ok, warning, failed };
constexpr std::array<std::string_view, 3> names_of(health) { return {"ok", "warning", "failed"}; }
using base::to_string;

struct check_result {
  // "state file", "events", "disk of the bucket", "dns", "endpoint", "credentials", "tls", "clock", "region", "bucket"
  std::string check;
  access::health health = health::ok;
  std::string detail;
  std::string hint;  // empty if there is nothing to do
};

// Its format and SQLite's own quick check; its mode. Not being there is in order: `ingest` makes it.
std::vector<check_result> check_state_file(const std::filesystem::path& path);

// Reads every event that is stored, which SQLite's check does not understand: event_store.hpp, E4. How many hours are
// damaged, and the first of them. Takes as long as reading the file.
// errc::interrupted: `stop` was asked.
result<check_result> check_events(db::database& state, const std::stop_token& stop);

// Its check is "disk of the WHAT". Free space where `path` is, or will be. Warns below 1 GiB, fails below 64 MiB: our
// choice, of a segment and a log. Fails where nothing can be written.
check_result check_disk(std::string_view what, const std::filesystem::path& path);

// `region` is the one that requests are signed for.
std::vector<check_result> check_way(const bucket::s3_diagnosis& found, const std::string& region);

}  // namespace spillway::access
