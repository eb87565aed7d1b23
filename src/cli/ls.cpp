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
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace {

namespace json = boost::json;
using hour_of_owner = std::pair<std::int64_t, model::hour>;

// What stands in the last line. Events are known from manifests alone: empty markers do not tell.
struct listed_totals {
  std::int64_t objects = 0;
  std::uint64_t bytes = 0;
  std::int64_t events = 0;
  std::set<hour_of_owner> hours;    // with events
  std::set<hour_of_owner> counted;  // those of which `events` knows
  bool may_read = true;             // markers; a listing needs no permission to
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

// Adds the events that a marker knows of. A marker that is empty, gone or no manifest adds nothing.
result<void> add_events(bucket::bucket& from, const bucket::object_info& object, const model::object_name& name,
                        listed_totals& all) {
  if (object.bytes == 0 || !all.may_read) {
    return {};
  }
  check::tally ignored(object.key);
  const auto body = check::read_marker(from, ignored);
  if (!body && body.error().code == errc::denied) {
    all.may_read = false;
    return {};
  }
  if (!body) {
    return body.error();
  }
  const auto marker = model::parse_manifest(body->value_or(std::string()));
  if (!marker) {
    return {};
  }
  for (const model::manifest_object& each : marker->objects) {
    all.events += each.events;
  }
  all.counted.insert({name.owner, name.hour});
  return {};
}

result<void> add(bucket::bucket& from, const bucket::object_info& object, listed_totals& all) {
  ++all.objects;
  all.bytes += object.bytes;
  const check::key_reading read = check::read_key(object.key);
  const std::string_view kind = kind_of(read);
  if (kind == "events") {
    all.hours.insert({read.name->owner, read.name->hour});
  }
  return kind == "marker" ? add_events(from, object, *read.name, all) : result<void>();
}

std::string summary(const listed_totals& all) {
  std::string text = fmt::format("{}, {}", count_of(all.objects, "object"), base::human_bytes(all.bytes));
  const bool knows_all = std::includes(all.counted.begin(), all.counted.end(), all.hours.begin(), all.hours.end());
  if (knows_all && !all.counted.empty()) {
    text += ", " + count_of(all.events, "event");
  }
  if (!all.hours.empty()) {
    text += " in " + count_of(static_cast<std::int64_t>(all.hours.size()), "hour");
  }
  return text + "\n";
}

result<void> stop_if_asked(const session& with) {
  return with.stop.stop_requested() ? result<void>(failure{errc::interrupted, "listing", "asked to stop", {}})
                                    : result<void>();
}

result<exit_status> list_text(bucket::bucket& from, std::string_view prefix, const session& with) {
  listed_totals all;
  const auto list_one = [&](const bucket::object_info& object) -> result<void> {
    SPILLWAY_TRY(stop_if_asked(with));
    SPILLWAY_TRY(add(from, object, all));
    const std::string key = base::printable(object.key, std::numeric_limits<std::size_t>::max());
    return print(fmt::format("{:>14}  {}  {}\n", grouped(static_cast<std::int64_t>(object.bytes)),
                             base::format_utc(object.modified_at), key));
  };
  SPILLWAY_TRY(check::for_each_object(from, prefix, list_one));
  SPILLWAY_TRY(print(summary(all)));
  if (all.objects == 0 && !prefix.empty()) {
    fmt::print(stderr, "no key starts with {}/\n", shown_name(prefix));
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
  return with.output == session::output::json ? list_json(*from.opened, from.prefix, with)
                                              : list_text(*from.opened, from.prefix, with);
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
