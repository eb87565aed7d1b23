#include "record/request_body.hpp"

#include "base/hashes.hpp"
#include "base/letter_case.hpp"
#include "base/result.hpp"
#include "record/coerce.hpp"
#include "record/json_scan.hpp"
#include "record/json_text.hpp"
#include "record/language.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace spillway::record {
namespace {

// HTTP names whose column has another name; every other field has its column's.
struct renamed {
  std::string_view field;
  column which;
};
constexpr renamed renames[] = {
    {"insert_id", column::insert_id},
    {"carrier", column::device_carrier},
    {"ip", column::ip_address},
    {"app_version", column::version_name},
    {"time", column::client_event_time},
};

// Columns that a client can't set: the server makes them.
constexpr column server_columns[] = {
    column::insert_key, column::schema, column::amplitude_attribution_ids, column::amplitude_event_type,
    column::amplitude_id, column::app, column::client_event_time, column::client_upload_time, column::data,
    column::data_type, column::event_time, column::global_user_properties, column::is_attribution_event, column::paying,
    column::processed_time, column::sample_rate, column::server_received_time, column::server_upload_time,
    column::source_id, column::start_version, column::user_creation_time, column::uuid, column::insert_id,
    column::device_carrier, column::ip_address};

// Fields of a purchase, which travel as event properties. Source: "Track revenue" and the SDKs' Revenue class.
enum revenue_field : std::size_t { price, quantity, revenue, product_id, revenue_type, currency };
struct revenue_name {
  std::string_view field;
  std::string_view property;
};
constexpr std::array<revenue_name, 6> revenue_names = {{{"price", "$price"},
                                                        {"quantity", "$quantity"},
                                                        {"revenue", "$revenue"},
                                                        {"productId", "$productId"},
                                                        {"revenueType", "$revenueType"},
                                                        {"currency", "$currency"}}};

// Ids that stand for no one. Source: the HTTP V2 page's list of invalid ids.
constexpr std::string_view reserved_ids[] = {
    "anonymous", "nil", "none", "null", "n/a", "na", "undefined", "unknown", "", "{}", "lmy47d", "0", "-1",
    "00000000-0000-0000-0000-000000000000"};

// What `ip` is when the server is to take the address that the request comes from.
constexpr std::string_view senders_address = "$remote";

const value* find(std::span<const member> members, std::string_view key) {
  const value* found = nullptr;
  for (const member& each : members) {
    if (unescaped_text(each.key).get() == key) {
      found = &each.value;
    }
  }
  return found;
}

std::optional<std::int64_t> integer_of(const value* held) {
  std::int64_t number = 0;
  return held == nullptr || read_integer(*held, number) ? std::nullopt : std::optional(number);
}

// Milliseconds since 1970 as an instant, if it is in the years 1 to 9999.
std::optional<base::instant> instant_of(const value* held) {
  const auto ms = integer_of(held);
  if (!ms || *ms < base::to_us(base::instant_min) / 1000 || *ms > base::to_us(base::instant_max) / 1000) {
    return std::nullopt;
  }
  return base::instant{std::chrono::milliseconds{*ms}};
}

// Empty: it is of milliseconds.
std::string seconds_fault(std::string_view field, base::instant when) {
  const auto ms = base::to_us(when) / 1'000;
  return looks_like_seconds(ms) ? wrong_unit_fault(field, ms, "seconds") : std::string();
}

checked<base::instant> upload_time_of(const value& held, const event_origin& origin) {
  if (held.kind == value_kind::string) {
    if (const auto when = base::parse_timestamp(unescaped_text(held.text).get())) {
      return *when;
    }
  }
  const auto when = instant_of(&held);
  if (!when) {
    return flaw_at(held.text, origin, "client_upload_time is neither a time nor a number of milliseconds since 1970");
  }
  if (std::string fault = seconds_fault("client_upload_time", *when); !fault.empty()) {
    return flaw_at(held.text, origin, std::move(fault));
  }
  return *when;
}

// Of a clock that is ahead nothing is told about the upload: the other events are not to be rejected for it.
std::optional<base::instant> latest_time(const std::vector<std::string_view>& events, json_parser& parser,
                                         base::instant latest_possible) {
  std::optional<base::instant> latest;
  for (const std::string_view text : events) {
    const auto members = parser.parse_object(text);
    const auto when = members ? instant_of(find(*members, "time")) : std::nullopt;
    if (when && *when <= latest_possible && (!latest || *when > *latest)) {
      latest = when;
    }
  }
  return latest;
}

checked<void> set_upload(request_body& request, const std::optional<value>& upload, json_parser& parser,
                         base::instant now, const event_origin& origin) {
  if (upload) {
    SPILLWAY_TRY_ASSIGN(request.uploaded_at, upload_time_of(*upload, origin));
    request.received_at = request.uploaded_at > now + upload_ahead_max ? now : request.uploaded_at;
    return {};
  }
  const auto latest = latest_time(request.events, parser, now + upload_ahead_max);
  if (std::string fault = latest ? seconds_fault("time", *latest) : std::string(); !fault.empty()) {
    return flaw{std::move(fault), 0};
  }
  request.uploaded_at = latest.value_or(now);
  request.received_at = request.uploaded_at;
  return {};
}

checked<std::size_t> id_characters_of(std::string_view options, json_parser& parser, const event_origin& origin) {
  const auto members = parser.parse_object(options);
  if (!members) {
    return flaw_at(options.substr(members.error().byte), origin, members.error().reason);
  }
  const auto wanted = integer_of(find(*members, "min_id_length"));
  return wanted && *wanted >= 1 ? static_cast<std::size_t>(*wanted) : id_characters_min;
}

std::optional<column> column_of(std::string_view field) {
  for (const renamed& each : renames) {
    if (each.field == field) {
      return each.which;
    }
  }
  const auto which = find_column(field);
  return which && std::ranges::find(server_columns, *which) == std::end(server_columns) ? which : std::nullopt;
}

std::size_t characters_of(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_group_identify(const columns& event) {
  const value& type = event[column::event_type];
  return type.kind == value_kind::string && unescaped_text(type.text).get() == "$groupidentify";
}

// Too short, or an id that stands for no one.
checked<void> check_id(const columns& event, column which, std::size_t characters_min) {
  const value& held = event[which];
  if (held.kind != value_kind::string && held.kind != value_kind::number) {
    return {};
  }
  const std::string id = unescape(held.text);
  const std::string lower = base::lower_case(id);
  if (std::ranges::find(reserved_ids, lower) != std::end(reserved_ids)) {
    return flaw{fmt::format("{} is \"{}\", which stands for no one", info_of(which).name, id), 0};
  }
  if (characters_of(id) < characters_min) {
    return flaw{fmt::format("{} has fewer than {} characters", info_of(which).name, characters_min), 0};
  }
  return {};
}

void set_time(columns& event, column which, base::instant when) {
  event.set(which, value_kind::string, base::format_timestamp(when, ' '));
}

checked<void> set_times(columns& event, const request_body& request) {
  value& time = event[column::client_event_time];
  if (time.kind == value_kind::null || time.kind == value_kind::absent) {
    set_time(event, column::client_event_time, request.uploaded_at);
  } else {
    const auto when = instant_of(&time);
    if (!when) {
      return flaw{"time is no number of milliseconds since 1970", 0};
    }
    set_time(event, column::client_event_time, *when);
  }
  set_time(event, column::client_upload_time, request.uploaded_at);
  for (const column which : {column::server_received_time, column::server_upload_time, column::processed_time}) {
    set_time(event, which, request.received_at);
  }
  return {};
}

std::optional<double> double_of(const value& held) {
  if (held.kind != value_kind::number) {
    return std::nullopt;
  }
  double number = 0;
  std::from_chars(held.text.data(), held.text.data() + held.text.size(), number);
  return number;
}

using revenue_values = std::array<value, revenue_names.size()>;

// With a price, revenue is price times quantity, whatever `revenue` says, and quantity is 1 unless it came.
checked<void> complete_revenue(revenue_values& values, columns& event) {
  const auto each = double_of(values[price]);
  if (!each) {
    return {};
  }
  if (values[quantity].kind <= value_kind::null) {
    values[quantity] = {"1", value_kind::number};
  }
  if (const auto count = double_of(values[quantity])) {
    const double product = *each * *count;
    if (!std::isfinite(product)) {
      return flaw{"price times quantity is beyond a double", 0};
    }
    event.made.push_back(fmt::format("{}", product));
    values[revenue] = {event.made.back(), value_kind::number};
  }
  return {};
}

void append_value(const value& held, std::string& out) {
  if (held.kind == value_kind::string) {
    out += '"';
    out += held.text;
    out += '"';
  } else {
    append_compact(held.text, out);
  }
}

void append_member(std::string_view key, const value& held, std::string& out) {
  out += out.empty() ? "{\"" : ",\"";
  out += key;
  out += "\":";
  append_value(held, out);
}

bool has_property(const revenue_values& values, std::string_view key) {
  const auto found = std::ranges::find(revenue_names, unescaped_text(key).get(), &revenue_name::property);
  return found != revenue_names.end() &&
         values[static_cast<std::size_t>(found - revenue_names.begin())].kind > value_kind::null;
}

// Puts the purchase's fields behind the event properties that came, in the place of those of the same name. Properties
// of a wrong type stay, and are a reject later.
checked<void> set_revenue(columns& event, revenue_values values) {
  const value& came = event[column::event_properties];
  if (came.kind != value_kind::object && came.kind > value_kind::null) {
    return {};
  }
  SPILLWAY_TRY(complete_revenue(values, event));
  if (std::ranges::none_of(values, [](const value& each) { return each.kind > value_kind::null; })) {
    return {};
  }
  std::string properties;
  if (came.kind == value_kind::object) {
    for_each_member(came.text, [&](std::string_view key, const value& held) {
      if (!has_property(values, key)) {
        append_member(key, held, properties);
      }
    });
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].kind > value_kind::null) {
      append_member(revenue_names[i].property, values[i], properties);
    }
  }
  event.set(column::event_properties, value_kind::object, properties + '}');
  return {};
}

// A tag without a name, and a name itself, stay as they came: with their escapes.
void name_language(columns& event) {
  const value& came = event[column::language];
  if (came.kind == value_kind::string) {
    const unescaped_text tag(came.text);
    if (const std::string_view name = language_name(tag.get()); name != tag.get()) {
      event.set(column::language, value_kind::string, std::string(name));
    }
  }
}

void set_defaults(columns& event) {
  if (!event.has(column::library)) {
    event.set(column::library, value_kind::string, "http/2.0");
  }
  if (!event.has(column::session_id)) {
    event.set(column::session_id, value_kind::number, "-1");  // HTTP V2: an event outside of sessions
  }
  if (!event.has(column::device_id) && event.has(column::user_id)) {
    // Amplitude hashes the user_id in a way of its own that is not public; ours has the same shape.
    event.set(column::device_id, value_kind::string, base::uuid5("device" + unescape(event[column::user_id].text)));
  }
  const value& ip = event[column::ip_address];
  if (ip.kind == value_kind::string && unescaped_text(ip.text).get() == senders_address) {
    event[column::ip_address] = {};  // a file has no sender
  }
  name_language(event);
}

}  // namespace

const value* find_events(std::span<const member> members) {
  const value* events = find(members, "events");
  const bool is_body = events != nullptr && events->kind == value_kind::array && !find(members, "event_type");
  return is_body ? events : nullptr;
}

bool is_request_body(std::string_view text, json_parser& parser) {
  const auto members = parser.outline_object(text);
  return members && find_events(*members) != nullptr;
}

checked<request_body> open_request_body(std::span<const member> members, json_parser& parser, base::instant now,
                                        const event_origin& origin) {
  const std::string_view events = find_events(members)->text;
  const value* found = find(members, "client_upload_time");
  const auto upload = found != nullptr && found->kind != value_kind::null ? std::optional(*found) : std::nullopt;
  const value* options = find(members, "options");
  const std::string_view options_text =
      options != nullptr && options->kind == value_kind::object ? options->text : "{}";

  request_body request;
  SPILLWAY_TRY_ASSIGN(request.id_characters, id_characters_of(options_text, parser, origin));
  const auto elements = parser.outline_array(events);
  if (!elements) {
    return flaw_at(events.substr(elements.error().byte), origin, elements.error().reason);
  }
  for (const value& each : *elements) {
    const bool is_string = each.kind == value_kind::string;
    request.events.push_back(is_string ? std::string_view(each.text.data() - 1, each.text.size() + 2) : each.text);
  }
  SPILLWAY_TRY(set_upload(request, upload, parser, now, origin));
  return request;
}

std::string body_of(std::string_view event, const request_body& request) {
  std::string body = "{\"client_upload_time\":\"" + base::format_timestamp(request.uploaded_at, 'T') + "Z\",";
  if (request.id_characters != id_characters_min) {
    body += fmt::format("\"options\":{{\"min_id_length\":{}}},", request.id_characters);
  }
  return body.append("\"events\":[").append(event).append("]}");
}

checked<void> map_request_event(std::span<const member> members, const request_body& request, columns& event,
                                dropped_keys& dropped) {
  revenue_values values;
  for (const member& each : members) {
    const unescaped_text key(each.key);
    const auto found = std::ranges::find(revenue_names, key.get(), &revenue_name::field);
    if (found != revenue_names.end()) {
      values[static_cast<std::size_t>(found - revenue_names.begin())] = each.value;
    } else if (const auto which = column_of(key.get())) {
      event[*which] = each.value;
    } else {
      dropped.add(each.key);
    }
  }
  // Properties of groups are told by an event of their own, which is of no user.
  if (!is_group_identify(event)) {
    if (event.has(column::group_properties)) {
      dropped.add(info_of(column::group_properties).name);
    }
    event[column::group_properties] = {};
    SPILLWAY_TRY(check_id(event, column::user_id, request.id_characters));
    SPILLWAY_TRY(check_id(event, column::device_id, request.id_characters));
  }
  SPILLWAY_TRY(set_times(event, request));
  SPILLWAY_TRY(set_revenue(event, values));
  set_defaults(event);
  return {};
}

}  // namespace spillway::record
