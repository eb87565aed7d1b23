#include "export/line_filter.hpp"

#include "record/event_filter.hpp"

#include <memory>

namespace spillway::exporting {

result<line_filter> make_line_filter(std::string_view filter) {
  SPILLWAY_TRY_ASSIGN(const record::filter parsed, record::parse_filter(filter));
  return line_filter([compiled = std::make_shared<record::event_filter>(parsed)](std::string_view line) {
    const auto chosen = compiled->matches(line);
    SPILLWAY_ASSERT(chosen.has_value());  // it is a line of ours
    return *chosen;
  });
}

}  // namespace spillway::exporting
