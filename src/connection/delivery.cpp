#include "connection/delivery.hpp"

#include "record/filter.hpp"

namespace spillway::connection {

result<std::string> canonical_filter(std::string_view filter) {
  if (filter.empty()) {
    return std::string();
  }
  SPILLWAY_TRY_ASSIGN(const record::filter parsed, record::parse_filter(filter));
  return record::to_json(parsed);
}

exporting::settings settings_of(const model::connection& connection, const opened_bucket& to) {
  exporting::settings settings;
  settings.place = connection.place;
  settings.kind = connection.kind;
  settings.prefix = to.prefix;
  settings.put = to.put;
  settings.marker = connection.marker;
  settings.object_bytes_max = connection.object_bytes_max;
  settings.settling = settling_usual;
  settings.hours = model::hour_range{connection.start, model::hour_range().last};
  settings.filter = connection.filter;
  return settings;
}

}  // namespace spillway::connection
