#include "notify/incident.hpp"

#include "base/bytes.hpp"
#include "base/hashes.hpp"
#include "base/result.hpp"
#include "base/shell_word.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::notify {
namespace {

namespace json = boost::json;

// More than any bucket, name or sentence needs; a subject stays readable with less.
constexpr std::size_t text_bytes_max = 1000;
constexpr std::size_t subject_bytes_max = 120;
constexpr std::size_t policy_line_bytes_max = std::size_t{20} << 10;  // S3: a policy is at most 20 KB

std::string clean(std::string_view text) { return base::printable(text, text_bytes_max); }

// Every line on its own, since printable() would write '\n' as "\x0a"; ends in '\n'.
std::string clean_lines(std::string_view text) {
  std::string cleaned;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    cleaned += base::printable(text.substr(0, end), policy_line_bytes_max) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return cleaned;
}

// "2020-01-25 17:00:03 UTC"
std::string time_text(base::instant when) {
  std::string text = base::format_utc(when);
  text.replace(text.find('T'), 1, " ");
  return text.substr(0, text.size() - 1) + " UTC";
}

std::string hours_text(const waiting_hours& hours) {
  if (hours.count == 0) {
    return "none yet";
  }
  if (hours.count == 1) {
    return fmt::format("{} (UTC)", model::to_string(hours.first));
  }
  return fmt::format("{}, from {} to {} (UTC)", hours.count, model::to_string(hours.first),
                     model::to_string(hours.last));
}

std::string id_of(const incident& about, incident_event event) {
  const std::string& series = about.series.empty() ? about.connection : about.series;
  return base::uuid5(fmt::format("{} {} {}", to_string(event), base::to_us(about.since), series));
}

std::string permission_of(const incident& about) {
  return about.permission.empty() ? "not told by the server (verify finds out)" : clean(about.permission);
}

// "the events of connection 3 (project 187520 of Acme)"
std::string what_of(const incident& about) {
  const std::string project = about.project == 0 ? std::string() : fmt::format("project {} of ", about.project);
  return fmt::format("the events of connection {} ({}{})", clean(about.connection), project, clean(about.organization));
}

std::string facts_of(const incident& about) {
  std::string facts = fmt::format("Missing permission:  {}\n", permission_of(about));
  if (!about.resource.empty()) {
    facts += fmt::format("Refused on:          {}\n", clean(about.resource));
  }
  if (!about.reason.empty()) {
    facts += fmt::format("Reason:              {}\n", clean(about.reason));
  }
  facts += fmt::format("Since:               {}\n", time_text(about.since));
  if (about.over_at) {
    facts += fmt::format("Until:               {}\n", time_text(*about.over_at));
  }
  return facts +
         fmt::format("{}       {}\n", about.over_at ? "Hours waited: " : "Hours waiting:", hours_text(about.hours));
}

std::string steps_of(const incident& about) {
  const std::string remedy =
      about.remedy.empty() ? "give the permission back to the bucket's user or role" : about.remedy;
  return fmt::format(
      "What to do\n\n"
      "1. {}\n"
      "2. See whether exports may go there again:\n\n"
      "    {}\n",
      clean(remedy), verify_command(about));
}

}  // namespace

std::string verify_command(const incident& about) {
  std::string command = "spillway verify " + clean(base::shell_word(about.destination));
  for (const named_option& each : about.verify_options) {
    command += " " + each.name + " " + clean(base::shell_word(each.value));
  }
  return command;
}

std::string_view to_string(incident_event event) { return event == incident_event::blocked ? "blocked" : "recovered"; }

mail compose_incident(const incident& about, std::vector<std::string> to, base::instant when) {
  mail made{{}, std::move(to), {}, {}, when, id_of(about, incident_event::blocked), {}};
  const std::string missing = about.permission.empty()
                                  ? "access is denied"
                                  : base::printable(about.permission, subject_bytes_max) + " is denied";
  made.subject =
      fmt::format("Exports to {} are blocked: {}", base::printable(about.destination, subject_bytes_max), missing);
  made.body = fmt::format("Spillway can't deliver {} to\n{}: access is denied.\n\n{}\n{}\n", what_of(about),
                          clean(about.destination), facts_of(about), steps_of(about));
  if (!about.policy.empty()) {
    made.body += "The policy to paste\n\n" + clean_lines(about.policy) + "\n";
  }
  made.body +=
      "No event is lost: the hours wait, and Spillway asks again by itself. When access is\n"
      "back, exports go on without anything else to do, and a mail says so.\n\n"
      "You have this mail as an admin of the organization or as who made the connection.\n";
  return made;
}

mail compose_recovery(const incident& about, std::vector<std::string> to, base::instant when) {
  SPILLWAY_ASSERT(about.over_at.has_value());
  mail made{
      {}, std::move(to), {}, {}, when, id_of(about, incident_event::recovered), id_of(about, incident_event::blocked)};
  made.subject = fmt::format("Exports to {} go on", base::printable(about.destination, subject_bytes_max));
  made.body = fmt::format(
      "Access is back: Spillway delivers {} to\n{} again.\n\n{}\n"
      "The hours that waited are delivered now. There is nothing to do; these commands\n"
      "show how far it is:\n\n"
      "    spillway jobs\n"
      "    spillway status\n",
      what_of(about), clean(about.destination), facts_of(about));
  return made;
}

std::string to_json(const incident& about, incident_event event) {
  const bool has_hours = about.hours.count > 0;
  const auto hour = [has_hours](model::hour which) {
    return has_hours ? json::value(model::to_string(which)) : json::value(nullptr);
  };
  const json::object document{
      {"event", to_string(event)},
      {"connection", clean(about.connection)},
      {"organization", clean(about.organization)},
      {"project", about.project},
      {"destination", clean(about.destination)},
      {"permission", clean(about.permission)},
      {"resource", clean(about.resource)},
      {"reason", clean(about.reason)},
      {"since", base::format_utc(about.since)},
      {"over_at", about.over_at ? json::value(base::format_utc(*about.over_at)) : json::value(nullptr)},
      {"waiting_hours",
       json::object{
           {"count", about.hours.count}, {"first", hour(about.hours.first)}, {"last", hour(about.hours.last)}}},
      {"remedy", clean(about.remedy)},
      {"policy", clean_lines(about.policy)}};
  return json::serialize(document) + "\n";
}

}  // namespace spillway::notify
