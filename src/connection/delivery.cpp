#include "connection/delivery.hpp"

#include "record/event_filter.hpp"

#include <memory>

namespace spillway::connection {

result<exporting::line_filter_factory> make_filter(std::string_view filter) {
  if (filter.empty()) {
    return exporting::line_filter_factory();
  }
  SPILLWAY_TRY_ASSIGN(const record::filter parsed, record::parse_filter(filter));
  return exporting::line_filter_factory([parsed]() -> exporting::line_filter {
    return [compiled = std::make_shared<record::event_filter>(parsed)](std::string_view line) {
      const auto chosen = compiled->matches(line);
      SPILLWAY_ASSERT(chosen.has_value());  // it is a line of ours
      return *chosen;
    };
  });
}

result<exporting::settings> settings_of(const model::connection& connection, const opened_bucket& to) {
  exporting::settings settings;
  settings.place = connection.place;
  settings.prefix = to.prefix;
  settings.parts = to.parts;
  settings.put = to.put;
  settings.marker = connection.marker;
  settings.object_bytes_max = connection.object_bytes_max;
  settings.settling = settling_usual;
  settings.hours = model::hour_range{connection.start, model::hour_range().last};
  SPILLWAY_TRY_ASSIGN(settings.filter, make_filter(connection.filter));
  return settings;
}

}  // namespace spillway::connection
