#include "record/check.hpp"

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "record/coerce.hpp"
#include "record/json_text.hpp"

#include <charconv>

#include <fmt/format.h>

namespace spillway::record {
namespace {

using instants = std::array<base::instant, column_count>;

base::instant& at(instants& times, column which) { return times[static_cast<std::size_t>(which)]; }

// The kind that needs no second look, by column; `absent` where every value does.
constexpr std::array<value_kind, column_count> plain_kinds = [] {
  std::array<value_kind, column_count> kinds{};
  for (std::size_t i = 0; i < column_count; ++i) {
    switch (info_of(static_cast<column>(i)).type) {
      case column_type::string: kinds[i] = value_kind::string; break;
      case column_type::number: kinds[i] = value_kind::number; break;
      case column_type::boolean: kinds[i] = value_kind::boolean; break;
      case column_type::dict: kinds[i] = value_kind::object; break;
      default: break;
    }
  }
  return kinds;
}();

model::project_id named_project(const columns& event, const intake_rules& rules) {
  model::project_id project = 0;
  if (!event.has(column::app)) {
    return rules.only_project.value_or(rules.default_project);
  }
  const std::string_view text = event[column::app].text;
  std::from_chars(text.data(), text.data() + text.size(), project);
  return project;
}

// What is wrong with a column matters where it is written.
bool is_written(const columns& event, column which, const intake_rules& rules, const form_table& forms) {
  return has_column(forms.form_of(named_project(event, rules)), which);
}

checked<void> check_types(columns& event, const intake_rules& rules, const form_table& forms,
                          const event_origin& origin, instants& times) {
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto which = static_cast<column>(i);
    if (!event.has(which) || event[which].kind == plain_kinds[i]) {
      continue;
    }
    const std::string_view place = event[which].text;
    if (auto wrong = coerce(event, which, times[i]); wrong && is_written(event, which, rules, forms)) {
      return flaw_at(place, origin, fmt::format("{} is {}", info_of(which).name, *wrong));
    }
  }
  return {};
}

std::string portfolio_fault(model::project_id project) {
  return fmt::format("project {} is a portfolio, which gathers other projects and has no events of its own", project);
}

checked<model::project_id> check_project(columns& event, const intake_rules& rules, const event_origin& origin) {
  const model::project_id project = named_project(event, rules);
  if (!event.has(column::app)) {
    if (rules.portfolios.contains(project)) {
      return flaw{portfolio_fault(project), 0};
    }
    event.set(column::app, value_kind::number, std::to_string(project));
    return project;
  }
  const std::string_view text = event[column::app].text;
  if (project < 1 || project > model::id_max) {
    return flaw_at(text, origin, fmt::format("app is {}, which is no project id", text));
  }
  if (rules.only_project && *rules.only_project != project) {
    return flaw_at(text, origin,
                   fmt::format("app is {}, but only project {} is taken in", project, *rules.only_project));
  }
  if (rules.portfolios.contains(project)) {
    return flaw_at(text, origin, portfolio_fault(project));
  }
  return project;
}

bool is_filled(const columns& event, column which) { return event.has(which) && !event[which].text.empty(); }

checked<event_kind> check_ids(const columns& event) {
  if (!is_filled(event, column::event_type)) {
    return flaw{"no event_type", 0};
  }
  const unescaped_text type(event[column::event_type].text);
  if (type.get() == "$groupidentify") {
    return event_kind::applied;
  }
  if (!is_filled(event, column::device_id) && !is_filled(event, column::user_id)) {
    return flaw{"neither device_id nor user_id", 0};
  }
  return type.get() == "$identify" ? event_kind::applied : event_kind::event;
}

// The instant of a column that came, else of the other, else none.
std::optional<base::instant> first_of(const columns& event, instants& times, column first, column second) {
  if (event.has(first)) {
    return at(times, first);
  }
  if (event.has(second)) {
    return at(times, second);
  }
  return std::nullopt;
}

void set_time(columns& event, column which, base::instant when) {
  event.set(which, value_kind::string, base::format_timestamp(when, ' '));
}

base::instant derived_event_time(const columns& event, instants& times, base::instant uploaded_at) {
  const bool received = event.has(column::server_received_time);
  if (!event.has(column::client_event_time)) {
    return received ? at(times, column::server_received_time) : uploaded_at;
  }
  const base::instant happened = at(times, column::client_event_time);
  if (!received || !event.has(column::client_upload_time)) {
    return happened;
  }
  return adjusted_event_time(happened, at(times, column::server_received_time), at(times, column::client_upload_time));
}

// The column that decides the hour.
column upload_column(const columns& event) {
  return event.has(column::server_upload_time) ? column::server_upload_time : column::server_received_time;
}

// `came_at` is what stood in the column that decides the hour: by now it may have been written anew.
checked<base::instant> check_times(columns& event, const intake_rules& rules, const event_origin& origin,
                                   std::string_view came_at, instants& times) {
  const auto uploaded_at = first_of(event, times, column::server_upload_time, column::server_received_time);
  if (!uploaded_at) {
    return flaw{"neither server_upload_time nor server_received_time", 0};
  }
  if (*uploaded_at > rules.now + upload_ahead_max) {
    return flaw_at(came_at, origin,
                   fmt::format("{} is {}, more than an hour after the clock ({})", info_of(upload_column(event)).name,
                               base::format_utc(*uploaded_at), base::format_utc(rules.now)));
  }
  if (event.is_absent(column::server_upload_time)) {
    set_time(event, column::server_upload_time, *uploaded_at);
  }
  if (event.is_absent(column::client_upload_time) && event.has(column::server_received_time)) {
    at(times, column::client_upload_time) = at(times, column::server_received_time);
    set_time(event, column::client_upload_time, at(times, column::server_received_time));
  }
  if (event.is_absent(column::event_time)) {
    const base::instant happened = derived_event_time(event, times, *uploaded_at);
    if (happened < base::instant_min || happened > base::instant_max) {
      return flaw{"event_time comes out beyond the years 1 to 9999", 0};
    }
    set_time(event, column::event_time, happened);
  }
  return *uploaded_at;
}

// Appends the characters of a string column; nothing without one.
void append_text(const columns& event, column which, std::string& to) {
  to += unescaped_text(event.has(which) ? event[which].text : std::string_view()).get();
}

// A byte that UTF-8 never has keeps the parts of a key apart.
constexpr char part_end = '\xff';

void append_insert_id(const columns& event, std::string& to) {
  append_text(event, column::device_id, to);
  to += part_end;
  append_text(event, column::insert_id, to);
}

// Bytes: 'i' or 'u', the project (8, little-endian), then device_id, ff, $insert_id - or the uuid in lower case.
std::optional<duplicate_key> key_of(const columns& event, model::project_id project) {
  std::string name;
  if (is_filled(event, column::insert_id)) {
    name += 'i';
    base::append_number(name, project);
    append_insert_id(event, name);
  } else if (event.has(column::uuid)) {
    name += 'u';
    base::append_number(name, project);
    for (const char c : event[column::uuid].text) {
      name += static_cast<char>(c >= 'A' && c <= 'F' ? c | 0x20 : c);
    }
  } else {
    return std::nullopt;
  }
  return duplicate_key{base::hash128_of(name)};
}

// Bytes: the project, 'i', device_id, ff, $insert_id, the upload in microseconds since 1970 - or the project, 'l', the
// hashes of the line and of the input (high, low), the byte. Numbers are 8 bytes each, little-endian.
std::string derived_uuid(const columns& event, const event_facts& facts, const event_origin& origin) {
  std::string name;
  base::append_number(name, facts.project);
  if (is_filled(event, column::insert_id)) {
    name += 'i';
    append_insert_id(event, name);
    base::append_number(name, base::to_us(facts.uploaded_at));  // more than a week apart, the ids are of two events
    return base::uuid5(name);
  }
  const base::hash128 hash = base::hash128_of(origin.line);
  name += 'l';
  base::append_number(name, hash.high);
  base::append_number(name, hash.low);
  base::append_number(name, origin.at.input.high);
  base::append_number(name, origin.at.input.low);
  base::append_number(name, origin.at.byte);
  return base::uuid5(name);
}

}  // namespace

flaw flaw_at(std::string_view place, const event_origin& origin, std::string reason) {
  const bool inside = place.data() >= origin.line.data() && place.data() < origin.line.data() + origin.line.size();
  return {std::move(reason), inside ? static_cast<std::uint64_t>(place.data() - origin.line.data()) : 0};
}

std::string wrong_unit_fault(std::string_view field, std::int64_t ms, std::string_view unit) {
  return fmt::format("{} is {}, which looks like {} since 1970, not milliseconds", field, ms, unit);
}

base::instant adjusted_event_time(base::instant client_event_time, base::instant server_received_time,
                                  base::instant client_upload_time) {
  const auto difference = server_received_time - client_upload_time;
  return std::chrono::abs(difference) >= std::chrono::seconds{60} ? client_event_time + difference : client_event_time;
}

checked<event_facts> check_event(columns& event, const intake_rules& rules, const form_table& forms,
                                 const event_origin& origin) {
  instants times{};
  const std::string_view came_at = event[upload_column(event)].text;
  SPILLWAY_TRY(check_types(event, rules, forms, origin, times));
  event_facts facts;
  SPILLWAY_TRY_ASSIGN(facts.project, check_project(event, rules, origin));
  SPILLWAY_TRY_ASSIGN(facts.kind, check_ids(event));
  SPILLWAY_TRY_ASSIGN(facts.uploaded_at, check_times(event, rules, origin, came_at, times));
  facts.key = key_of(event, facts.project);
  if (event.is_absent(column::uuid)) {
    event.set(column::uuid, value_kind::string, derived_uuid(event, facts, origin));
  }
  return facts;
}

}  // namespace spillway::record
