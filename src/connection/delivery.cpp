#include "connection/delivery.hpp"

#include "record/event_filter.hpp"

#include <memory>

namespace spillway::connection {

result<std::string> canonical_filter(std::string_view filter) {
  if (filter.empty()) {
    return std::string();
  }
  SPILLWAY_TRY_ASSIGN(const record::filter parsed, record::parse_filter(filter));
  return record::to_json(parsed);
}

result<void> set_filter(exporting::settings& settings, const std::string& canonical) {
  settings.filter_text = canonical;
  settings.filter = {};
  if (canonical.empty()) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const record::filter parsed, record::parse_filter(canonical));
  settings.filter = [parsed]() -> exporting::line_filter {
    return [compiled = std::make_shared<record::event_filter>(parsed)](std::string_view line) {
      const auto chosen = compiled->matches(line);
      SPILLWAY_ASSERT(chosen.has_value());  // it is a line of ours
      return *chosen;
    };
  };
  return {};
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
  SPILLWAY_TRY(set_filter(settings, connection.filter));
  return settings;
}

}  // namespace spillway::connection
