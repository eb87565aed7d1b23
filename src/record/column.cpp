#include "record/column.hpp"

#include <algorithm>

namespace spillway::record {
namespace {

using enum column;

constexpr std::array<column, 48> documented_order = {server_received_time,
                                                     app,
                                                     device_carrier,
                                                     schema,
                                                     city,
                                                     user_id,
                                                     uuid,
                                                     event_time,
                                                     platform,
                                                     os_version,
                                                     amplitude_id,
                                                     processed_time,
                                                     version_name,
                                                     ip_address,
                                                     paying,
                                                     dma,
                                                     group_properties,
                                                     user_properties,
                                                     client_upload_time,
                                                     insert_id,
                                                     event_type,
                                                     library,
                                                     amplitude_attribution_ids,
                                                     device_type,
                                                     device_manufacturer,
                                                     start_version,
                                                     location_lng,
                                                     server_upload_time,
                                                     event_id,
                                                     location_lat,
                                                     os_name,
                                                     amplitude_event_type,
                                                     device_brand,
                                                     groups,
                                                     event_properties,
                                                     data,
                                                     device_id,
                                                     language,
                                                     device_model,
                                                     country,
                                                     region,
                                                     is_attribution_event,
                                                     adid,
                                                     session_id,
                                                     device_family,
                                                     sample_rate,
                                                     idfa,
                                                     client_event_time};

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

static_assert(std::ranges::none_of(only_observed,
                                   [](column which) { return is_documented[static_cast<std::size_t>(which)]; }));
static_assert(only_observed.size() == column_count - documented_order.size());

}  // namespace

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
  const auto found = std::ranges::lower_bound(column_infos, name, {}, &column_info::name);
  if (found == column_infos.end() || found->name != name) {
    return std::nullopt;
  }
  return static_cast<column>(found - column_infos.begin());
}

}  // namespace spillway::record
