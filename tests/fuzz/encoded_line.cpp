#include "fuzz/encoded_line.hpp"

#include "fuzz/fuzz.hpp"

#include <boost/json.hpp>

#include <string>

namespace spillway::fuzz {
namespace {

namespace json = boost::json;

bool is_number(const json::value& value) { return value.is_number(); }

bool is_time(const json::value& value, char separator) {
  return value.is_string() && value.get_string().size() == base::timestamp_bytes &&
         value.get_string()[10] == separator && base::parse_timestamp(std::string_view(value.get_string()));
}

bool is_of_type(const json::value& value, record::column_type type, char separator) {
  using enum record::column_type;
  switch (type) {
    case string: return value.is_string();
    case uuid: return value.is_string() && value.get_string().size() == 36;
    case integer: return value.is_int64();
    case number: return is_number(value);
    case boolean: return value.is_bool();
    case timestamp: return is_time(value, separator);
    case dict: return value.is_object();
    case attribution: return value.is_array() || value.is_string();
  }
  return false;
}

void require_columns(std::string_view line, model::record_form form) {
  const json::value whole = read_json(line);
  if (whole.is_null()) {
    return;
  }
  require(whole.is_object(), "an encoded line is an object");
  const auto columns = record::columns_of(form);
  require(whole.get_object().size() == columns.size(), "an encoded line has every column of its form once");
  const char separator = form == model::record_form::documented ? 'T' : ' ';
  auto which = columns.begin();
  for (const json::key_value_pair& member : whole.get_object()) {
    const record::column_info& info = record::info_of(*which++);
    require(std::string_view(member.key()) == info.name, "columns stand in the order of the form");
    require(member.value().is_null() || is_of_type(member.value(), info.type, separator), "a column is of its type");
  }
}

std::string encoded_as(std::string_view line, model::record_form form, const record::event_facts& facts) {
  record::record_reader reader(rules(), {form, {}});
  std::string out;
  const auto again = reader.take_line(line, {}, out);
  require(again.has_value(), "an encoded line is taken in again");
  require(again->kind == record::event_kind::event, "it is an event again");
  require(again->project == facts.project && again->uploaded_at == facts.uploaded_at, "it has its project and hour");
  require(!facts.key || again->key == facts.key, "it is known by the same key");
  return out;
}

}  // namespace

record::intake_rules rules() {
  return {.now = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1},
          .only_project = std::nullopt,
          .default_project = 1};
}

json::value read_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = record::depth_max + 1;
  boost::system::error_code error;
  json::value value = json::parse(text, error, {}, options);
  require(!error || error == json::error::exponent_overflow, "what our parser takes, Boost.JSON takes");
  return error ? json::value() : value;
}

void require_encoded(std::string_view line, model::record_form form, const record::event_facts& facts) {
  require(line.find('\n') == line.size() - 1, "an encoded line ends in its only line feed");
  require_columns(line.substr(0, line.size() - 1), form);
  require(encoded_as(line, form, facts) == line, "it is encoded to the same bytes again");
  using enum model::record_form;
  const std::string there = encoded_as(line, form == documented ? observed : documented, facts);
  // The documented form has no place for all columns of the other.
  require(form == observed || encoded_as(there, documented, facts) == line,
          "it comes back from the form with more columns");
}

}  // namespace spillway::fuzz
