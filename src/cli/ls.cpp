// spillway ls: what a bucket holds, an object a line.
#include "base/bytes.hpp"
#include "check/key_check.hpp"
#include "check/listing.hpp"
#include "check/marker_check.hpp"
#include "cli/destination.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"
#include "model/manifest.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace {

namespace json = boost::json;

// In S3 each marker costs a request, and a listing one for a thousand keys: of more hours than these the events are
// not counted.
constexpr std::size_t hours_max_of_s3 = 100;

// What the names say of an hour.
struct listed_hour {
  bool has_events = false;
  std::string marker_key;  // empty: there is none, or it is empty, and says nothing of events
};

struct listed_totals {
  std::int64_t objects = 0;
  std::uint64_t bytes = 0;
  std::map<std::string, listed_hour> hours;  // by what their keys begin with: "1/1_2020-01-25_17"
};

std::string_view kind_of(const check::key_reading& read) {
  if (read.is_claim) {
    return "claim";
  }
  if (!read.name || !read.trouble.empty()) {
    return "other";
  }
  switch (read.name->kind) {
    case model::object_kind::events: return "events";
    case model::object_kind::marker: return "marker";
    case model::object_kind::merges: return "merges";
  }
  return "other";
}

json::object describe(const bucket::object_info& object) {
  const check::key_reading read = check::read_key(object.key);
  const std::string_view kind = kind_of(read);
  const bool is_ours = read.name && read.trouble.empty();
  const bool is_merges = kind == "merges";
  json::object made{
      {"key", object.key}, {"bytes", object.bytes}, {"modified_at", json_time(object.modified_at)}, {"kind", kind}};
  made["project"] = is_ours && !is_merges ? json::value(read.name->owner) : json::value();
  made["organization"] = is_merges ? json::value(read.name->owner) : json::value();
  made["hour"] = json_hour(is_ours ? std::optional(read.name->hour) : std::nullopt);
  made["partition"] = kind == "events" ? json::value(read.name->partition) : json::value();
  return made;
}

void add(const bucket::object_info& object, listed_totals& all) {
  ++all.objects;
  all.bytes += object.bytes;
  const std::string_view kind = kind_of(check::read_key(object.key));
  if (kind == "events") {
    all.hours[object.key.substr(0, object.key.rfind('#'))].has_events = true;
  } else if (kind == "marker" && object.bytes > 0) {
    all.hours[object.key.substr(0, object.key.rfind('_'))].marker_key = object.key;
  }
}

result<void> stop_if_asked(const session& with) {
  return with.stop.stop_requested() ? result<void>(failure{errc::interrupted, "listing", "asked to stop", {}})
                                    : result<void>();
}

// Of an hour, from its marker. nullopt: it is gone, no manifest, or may not be read, which a listing does without.
result<std::optional<std::int64_t>> events_of(bucket::bucket& from, const std::string& marker_key) {
  check::tally ignored(marker_key);
  const auto body = check::read_marker(from, ignored);
  if (!body && body.error().code != errc::denied) {
    return body.error();
  }
  const auto marker = model::parse_manifest(body ? body->value_or(std::string()) : std::string());
  if (!marker) {
    return std::nullopt;
  }
  std::int64_t events = 0;
  for (const model::manifest_object& each : marker->objects) {
    events += each.events;
  }
  return events;
}

// Known from manifests alone, and only if every one of `hours` has its own; no more is read than that takes.
result<std::optional<std::int64_t>> count_events(const destination& from, const std::vector<listed_hour>& hours,
                                                 const session& with) {
  const bool is_directory = from.bucket_name.empty();
  const bool is_cheap = is_directory || hours.size() <= hours_max_of_s3;
  const auto has_none = [](const listed_hour& each) { return each.marker_key.empty(); };
  if (!is_cheap || hours.empty() || std::ranges::any_of(hours, has_none)) {
    return std::nullopt;
  }
  std::int64_t sum = 0;
  for (const listed_hour& each : hours) {
    SPILLWAY_TRY(stop_if_asked(with));
    SPILLWAY_TRY_ASSIGN(const std::optional<std::int64_t> events, events_of(*from.opened, each.marker_key));
    if (!events) {
      return std::nullopt;
    }
    sum += *events;
  }
  return sum;
}

result<std::string> summary(const destination& from, const listed_totals& all, const session& with) {
  std::vector<listed_hour> with_events;
  for (const auto& [begin_of_keys, hour] : all.hours) {
    if (hour.has_events) {
      with_events.push_back(hour);
    }
  }
  SPILLWAY_TRY_ASSIGN(const std::optional<std::int64_t> events, count_events(from, with_events, with));
  std::string text = fmt::format("{}, {}", count_of(all.objects, "object"), base::human_bytes(all.bytes));
  text += events ? ", " + count_of(*events, "event") : "";
  if (!with_events.empty()) {
    text += " in " + count_of(static_cast<std::int64_t>(with_events.size()), "hour");
  }
  return text + "\n";
}

result<exit_status> list_text(const destination& from, const session& with) {
  listed_totals all;
  const auto list_one = [&](const bucket::object_info& object) -> result<void> {
    SPILLWAY_TRY(stop_if_asked(with));
    add(object, all);
    const std::string key = base::printable(object.key, std::numeric_limits<std::size_t>::max());
    return print(fmt::format("{:>14}  {}  {}\n", grouped(static_cast<std::int64_t>(object.bytes)),
                             base::format_utc(object.modified_at), key));
  };
  SPILLWAY_TRY(check::for_each_object(*from.opened, from.prefix, list_one));
  SPILLWAY_TRY_ASSIGN(const std::string last_line, summary(from, all, with));
  SPILLWAY_TRY(print(last_line));
  if (all.objects == 0 && !from.prefix.empty()) {
    print_note(fmt::format("no key starts with {}/\n", shown_name(from.prefix)));
  }
  return exit_status::done;
}

result<exit_status> list_json(bucket::bucket& from, std::string_view prefix, const session& with) {
  json_listing objects("objects");
  const auto list_one = [&](const bucket::object_info& object) -> result<void> {
    SPILLWAY_TRY(stop_if_asked(with));
    return objects.add(describe(object));
  };
  SPILLWAY_TRY(check::for_each_object(from, prefix, list_one));
  SPILLWAY_TRY(objects.end());
  return exit_status::done;
}

result<exit_status> list_objects(const std::string& dest, session& with) {
  SPILLWAY_TRY_ASSIGN(const destination from, open_destination(dest, make_bucket::no, with));
  return with.output == session::output::json ? list_json(*from.opened, from.prefix, with) : list_text(from, with);
}

}  // namespace

void add_ls(program& to) {
  auto dest = std::make_shared<std::string>();
  CLI::App& verb = to.add_verb("ls", "List what a bucket holds", program::uses_state::no,
                               [dest](session& with) { return list_objects(*dest, with); });
  verb.add_option("DEST", *dest, "The bucket: s3://BUCKET/PREFIX, or a directory")->required();
  to.add_destination_options(verb);
}

}  // namespace spillway::cli
