// The columns of an event: their names, types and orders. Sources: the specification's "Event table schema" and its
// JSON object schema (48 keys, `documented`); exported records of 2022 to 2026 (55 keys, `observed`).
#pragma once

#include "model/project.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace spillway::record {

// In ASCII order of the names, which is the order of the `observed` form.
enum class column : std::uint8_t {
  insert_id,
  insert_key,
  schema,
  adid,
  amplitude_attribution_ids,
  amplitude_event_type,
  amplitude_id,
  app,
  city,
  client_event_time,
  client_upload_time,
  country,
  data,
  data_type,
  device_brand,
  device_carrier,
  device_family,
  device_id,
  device_manufacturer,
  device_model,
  device_type,
  dma,
  event_id,
  event_properties,
  event_time,
  event_type,
  global_user_properties,
  group_properties,
  groups,
  idfa,
  ip_address,
  is_attribution_event,
  language,
  library,
  location_lat,
  location_lng,
  os_name,
  os_version,
  partner_id,
  paying,
  plan,
  platform,
  processed_time,
  region,
  sample_rate,
  server_received_time,
  server_upload_time,
  session_id,
  source_id,
  start_version,
  user_creation_time,
  user_id,
  user_properties,
  uuid,
  version_name,
};
inline constexpr std::size_t column_count = 55;

// What a column may hold besides null.
enum class column_type : std::uint8_t {
  string,
  uuid,         // 8-4-4-4-12 hexadecimal digits
  integer,      // 64 bits, signed
  number,       // a double
  boolean,
  timestamp,    // as base::parse_timestamp reads it
  dict,         // a JSON object
  attribution,  // an array or a string: the specification says both
};

struct column_info {
  std::string_view name;
  column_type type;
  std::string_view absent;  // what is written when the column did not come: "null" or "{}"
};

inline constexpr std::array<column_info, column_count> column_infos = {{
    {"$insert_id", column_type::string, "null"},
    {"$insert_key", column_type::string, "null"},
    {"$schema", column_type::integer, "null"},
    {"adid", column_type::string, "null"},
    {"amplitude_attribution_ids", column_type::attribution, "null"},
    {"amplitude_event_type", column_type::string, "null"},
    {"amplitude_id", column_type::integer, "null"},
    {"app", column_type::integer, "null"},
    {"city", column_type::string, "null"},
    {"client_event_time", column_type::timestamp, "null"},
    {"client_upload_time", column_type::timestamp, "null"},
    {"country", column_type::string, "null"},
    {"data", column_type::dict, "{}"},
    {"data_type", column_type::string, "null"},
    {"device_brand", column_type::string, "null"},
    {"device_carrier", column_type::string, "null"},
    {"device_family", column_type::string, "null"},
    {"device_id", column_type::string, "null"},
    {"device_manufacturer", column_type::string, "null"},
    {"device_model", column_type::string, "null"},
    {"device_type", column_type::string, "null"},
    {"dma", column_type::string, "null"},
    {"event_id", column_type::integer, "null"},
    {"event_properties", column_type::dict, "{}"},
    {"event_time", column_type::timestamp, "null"},
    {"event_type", column_type::string, "null"},
    {"global_user_properties", column_type::dict, "null"},
    {"group_properties", column_type::dict, "{}"},
    {"groups", column_type::dict, "{}"},
    {"idfa", column_type::string, "null"},
    {"ip_address", column_type::string, "null"},
    {"is_attribution_event", column_type::boolean, "null"},
    {"language", column_type::string, "null"},
    {"library", column_type::string, "null"},
    {"location_lat", column_type::number, "null"},
    {"location_lng", column_type::number, "null"},
    {"os_name", column_type::string, "null"},
    {"os_version", column_type::string, "null"},
    {"partner_id", column_type::string, "null"},
    {"paying", column_type::boolean, "null"},
    {"plan", column_type::dict, "{}"},
    {"platform", column_type::string, "null"},
    {"processed_time", column_type::timestamp, "null"},
    {"region", column_type::string, "null"},
    {"sample_rate", column_type::number, "null"},
    {"server_received_time", column_type::timestamp, "null"},
    {"server_upload_time", column_type::timestamp, "null"},
    {"session_id", column_type::integer, "null"},
    {"source_id", column_type::string, "null"},
    {"start_version", column_type::string, "null"},
    {"user_creation_time", column_type::timestamp, "null"},
    {"user_id", column_type::string, "null"},
    {"user_properties", column_type::dict, "{}"},
    {"uuid", column_type::uuid, "null"},
    {"version_name", column_type::string, "null"},
}};

static_assert(std::ranges::is_sorted(column_infos, {}, &column_info::name),
              "a column's number is its place in ASCII order");

constexpr const column_info& info_of(column which) { return column_infos[static_cast<std::size_t>(which)]; }

// The columns of a form, in the order in which it writes them.
std::span<const column> columns_of(model::record_form form);

bool has_column(model::record_form form, column which);

// What the `observed` form has and the `documented` one lacks.
inline constexpr std::array<column, 7> only_observed = {
    column::insert_key, column::data_type, column::global_user_properties, column::partner_id, column::plan,
    column::source_id, column::user_creation_time};

// The column of this name; nullopt if no form has it.
std::optional<column> find_column(std::string_view name);

}  // namespace spillway::record
