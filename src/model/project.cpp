#include "model/project.hpp"

namespace spillway::model {

std::string_view to_string(record_form form) { return form == record_form::documented ? "documented" : "observed"; }

std::optional<record_form> parse_record_form(std::string_view text) {
  if (text == "documented") {
    return record_form::documented;
  }
  if (text == "observed") {
    return record_form::observed;
  }
  return std::nullopt;
}

std::string_view to_string(project_kind kind) { return kind == project_kind::source ? "source" : "portfolio"; }

std::optional<project_kind> parse_project_kind(std::string_view text) {
  if (text == "source") {
    return project_kind::source;
  }
  if (text == "portfolio") {
    return project_kind::portfolio;
  }
  return std::nullopt;
}

std::string to_string(compression which) { return which.level == 0 ? "fast" : std::to_string(which.level); }

std::optional<compression> parse_compression(std::string_view text) {
  if (text == "fast") {
    return compression{0};
  }
  if (text.size() == 1 && text[0] >= '1' && text[0] <= '9') {
    return compression{text[0] - '0'};
  }
  return std::nullopt;
}

}  // namespace spillway::model
