#include "access/diagnosis.hpp"

#include "base/bytes.hpp"
#include "store/event_store.hpp"
#include "store/state_file.hpp"

#include <cerrno>
#include <chrono>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/statvfs.h>

namespace spillway::access {
namespace {

constexpr std::uint64_t space_wanted = std::uint64_t{1} << 30;
constexpr std::uint64_t space_needed = std::uint64_t{64} << 20;

check_result failed(std::string check, const failure& why) {
  const std::string_view hint = why.hint.empty() ? base::hint_for(why.code) : std::string_view(why.hint);
  return {std::move(check), health::failed, why.text(), std::string(hint)};
}

result<std::string> quick_check(store::state_file& state) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.database().query("PRAGMA quick_check(1)"));
  SPILLWAY_TRY_ASSIGN(const bool found, row.step());
  return found ? std::string(row.text(0)) : std::string("no answer");
}

// Every byte of its events: segments and tail.
result<void> read_hour(db::database& state, const store::hour_key& key) {
  SPILLWAY_TRY(store::read_segments(state, key, 0, std::numeric_limits<std::int64_t>::max(),
                                    [](std::string_view) -> result<void> { return {}; }));
  SPILLWAY_TRY(store::read_tail(state, key));
  return {};
}

check_result check_mode(const std::filesystem::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return failed("state file mode", base::from_errno(errno, path.string()));
  }
  const unsigned mode = found.st_mode & 0777U;
  const bool is_private = (mode & 077U) == 0;
  return {"state file mode", is_private ? health::ok : health::warning, fmt::format("{:04o}", mode),
          is_private ? "" : fmt::format("others can read events: chmod 600 {}", path.string())};
}

std::chrono::seconds in_seconds(s3::clock_skew skew) {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::abs(skew));
}

check_result check_clock(s3::clock_skew skew) {
  const std::string detail =
      fmt::format("{} s {} the server's", in_seconds(skew).count(), skew > s3::clock_skew{0} ? "behind" : "ahead of");
  if (std::chrono::abs(skew) < std::chrono::seconds{2}) {
    return {"clock", health::ok, "within 2 s of the server's", {}};
  }
  const bool is_near = std::chrono::abs(skew) < s3::skew_suspicious;
  return {"clock", is_near ? health::ok : health::warning, detail,
          is_near ? "" : "set this machine's clock; requests are signed with the server's until then"};
}

check_result check_region(const bucket::s3_diagnosis& found, const std::string& region) {
  if (found.region.empty()) {
    return {"region", health::ok, fmt::format("{}; the server names none", region), {}};
  }
  const bool is_same = found.region == region;
  return {"region", is_same ? health::ok : health::warning,
          is_same ? region : fmt::format("the bucket is in {}, requests begin with {}", found.region, region),
          is_same ? "" : "use --region " + found.region + " or AWS_REGION"};
}

check_result check_tls(const bucket::s3_diagnosis& found) {
  if (!found.is_encrypted) {
    return {"tls", health::warning, found.endpoint + " is not encrypted",
            "use https:// where others share the network"};
  }
  return found.way_failure ? failed("tls", *found.way_failure)
                           : check_result{"tls", health::ok, "the certificate is good for " + found.endpoint, {}};
}

}  // namespace

std::vector<check_result> check_state_file(const std::filesystem::path& path) {
  auto state = store::state_file::open(path, store::access::read);
  if (!state && state.error().code == errc::not_found) {
    return {{"state file", health::ok, path.string() + " is not there yet", {}}};
  }
  if (!state) {
    return {failed("state file", state.error())};
  }
  const auto said = quick_check(*state);
  if (!said) {
    return {failed("state file", said.error())};
  }
  const bool is_sound = *said == "ok";
  check_result file{"state file", is_sound ? health::ok : health::failed,
                    is_sound ? path.string() + " is sound" : *said, is_sound ? "" : "go on with a backup of it"};
  return {std::move(file), check_mode(path)};
}

result<check_result> check_events(db::database& state, const std::stop_token& stop) {
  SPILLWAY_TRY_ASSIGN(const std::vector<store::hour_row> hours, store::list_hours(state, std::nullopt));
  std::size_t damaged = 0;
  std::optional<failure> first;
  for (const store::hour_row& each : hours) {
    if (stop.stop_requested()) {
      return failure{errc::interrupted, "reading the stored events", "asked to stop", {}};
    }
    if (auto read = read_hour(state, each.key); !read) {
      ++damaged;
      first = first ? std::move(first) : std::move(read).error();
    }
  }
  if (!first) {
    return check_result{"events", health::ok, fmt::format("of all {} hours are what was written", hours.size()), {}};
  }
  check_result made = failed("events", *first);
  made.detail = fmt::format("damaged in {} of {} hours: {}", damaged, hours.size(), made.detail);
  return made;
}

check_result check_disk(std::string_view what, const std::filesystem::path& path) {
  std::filesystem::path there = std::filesystem::absolute(path);
  std::error_code ignored;
  while (!std::filesystem::exists(there, ignored) && there.has_relative_path()) {
    there = there.parent_path();
  }
  struct statvfs found{};
  const std::string check = fmt::format("disk of the {}", what);
  if (::statvfs(there.c_str(), &found) != 0) {
    return failed(check, base::from_errno(errno, there.string()));
  }
  if ((found.f_flag & ST_RDONLY) != 0) {
    return {check, health::failed, there.string() + " is on a file system that is mounted read-only",
            "mount it so that it can be written to"};
  }
  const std::uint64_t free = std::uint64_t{found.f_bavail} * found.f_frsize;
  const health value = free < space_needed ? health::failed : free < space_wanted ? health::warning : health::ok;
  return {check, value, base::human_bytes(free) + " free", value == health::ok ? "" : "make room on " + there.string()};
}

std::vector<check_result> check_way(const bucket::s3_diagnosis& found, const std::string& region) {
  if (found.lookup_failure) {
    return {failed("dns", *found.lookup_failure)};
  }
  std::vector<check_result> made{
      {"dns", health::ok, fmt::format("{} is {}", found.endpoint, found.addresses.front()), {}}};
  if (found.no_credentials) {
    made.push_back(failed("credentials", *found.no_credentials));
    return made;
  }
  if (found.way_failure && !found.is_encrypted) {
    made.push_back(failed("endpoint", *found.way_failure));
    return made;
  }
  made.push_back(check_tls(found));
  if (found.way_failure) {
    return made;
  }
  made.push_back(found.skew ? check_clock(*found.skew)
                            : check_result{"clock", health::ok, "the server tells no time", {}});
  made.push_back(check_region(found, region));
  made.push_back(found.refusal ? failed("bucket", *found.refusal)
                               : check_result{"bucket", health::ok, "it is there, and may be asked", {}});
  return made;
}

}  // namespace spillway::access
