#include "record/column.hpp"

#include <algorithm>

namespace spillway::record {
namespace {

using enum column;
using type = column_type;

constexpr std::string_view null = "null";
constexpr std::string_view empty = "{}";

constexpr std::array<column_info, column_count> infos = {{
    {"$insert_id", type::string, null},
    {"$insert_key", type::string, null},
    {"$schema", type::integer, null},
    {"adid", type::string, null},
    {"amplitude_attribution_ids", type::attribution, null},
    {"amplitude_event_type", type::string, null},
    {"amplitude_id", type::integer, null},
    {"app", type::integer, null},
    {"city", type::string, null},
    {"client_event_time", type::timestamp, null},
    {"client_upload_time", type::timestamp, null},
    {"country", type::string, null},
    {"data", type::dict, empty},
    {"data_type", type::string, null},
    {"device_brand", type::string, null},
    {"device_carrier", type::string, null},
    {"device_family", type::string, null},
    {"device_id", type::string, null},
    {"device_manufacturer", type::string, null},
    {"device_model", type::string, null},
    {"device_type", type::string, null},
    {"dma", type::string, null},
    {"event_id", type::integer, null},
    {"event_properties", type::dict, empty},
    {"event_time", type::timestamp, null},
    {"event_type", type::string, null},
    {"global_user_properties", type::dict, null},
    {"group_properties", type::dict, empty},
    {"groups", type::dict, empty},
    {"idfa", type::string, null},
    {"ip_address", type::string, null},
    {"is_attribution_event", type::boolean, null},
    {"language", type::string, null},
    {"library", type::string, null},
    {"location_lat", type::number, null},
    {"location_lng", type::number, null},
    {"os_name", type::string, null},
    {"os_version", type::string, null},
    {"partner_id", type::string, null},
    {"paying", type::boolean, null},
    {"plan", type::dict, empty},
    {"platform", type::string, null},
    {"processed_time", type::timestamp, null},
    {"region", type::string, null},
    {"sample_rate", type::number, null},
    {"server_received_time", type::timestamp, null},
    {"server_upload_time", type::timestamp, null},
    {"session_id", type::integer, null},
    {"source_id", type::string, null},
    {"start_version", type::string, null},
    {"user_creation_time", type::timestamp, null},
    {"user_id", type::string, null},
    {"user_properties", type::dict, empty},
    {"uuid", type::uuid, null},
    {"version_name", type::string, null},
}};

static_assert(std::ranges::is_sorted(infos, {}, &column_info::name), "a column's number is its place in ASCII order");

constexpr std::array<column, 48> documented_order = {
    server_received_time, app, device_carrier, schema, city, user_id, uuid, event_time, platform, os_version,
    amplitude_id, processed_time, version_name, ip_address, paying, dma, group_properties, user_properties,
    client_upload_time, insert_id, event_type, library, amplitude_attribution_ids, device_type, device_manufacturer,
    start_version, location_lng, server_upload_time, event_id, location_lat, os_name, amplitude_event_type, device_brand,
    groups, event_properties, data, device_id, language, device_model, country, region, is_attribution_event, adid,
    session_id, device_family, sample_rate, idfa, client_event_time};

constexpr std::array<column, column_count> observed_order = [] {
  std::array<column, column_count> all{};
  for (std::size_t i = 0; i < column_count; ++i) {
    all[i] = static_cast<column>(i);
  }
  return all;
}();

constexpr std::array<bool, column_count> is_documented = [] {
  std::array<bool, column_count> found{};
  for (const column which : documented_order) {
    found[static_cast<std::size_t>(which)] = true;
  }
  return found;
}();

}  // namespace

const column_info& info_of(column which) { return infos[static_cast<std::size_t>(which)]; }

std::span<const column> columns_of(model::record_form form) {
  if (form == model::record_form::documented) {
    return documented_order;
  }
  return observed_order;
}

bool has_column(model::record_form form, column which) {
  return form == model::record_form::observed || is_documented[static_cast<std::size_t>(which)];
}

std::optional<column> find_column(std::string_view name) {
  const auto found = std::ranges::lower_bound(infos, name, {}, &column_info::name);
  if (found == infos.end() || found->name != name) {
    return std::nullopt;
  }
  return static_cast<column>(found - infos.begin());
}

}  // namespace spillway::record
