#include "check/record_check.hpp"

#include "base/bytes.hpp"
#include "record/coerce.hpp"
#include "record/json_text.hpp"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace spillway::check {
namespace {

using record::column;
using record::column_type;

constexpr std::size_t named_keys_max = 5;
constexpr std::size_t separator_byte = 10;  // of a timestamp
// A byte that UTF-8 never has keeps the parts of an identity apart.
constexpr char part_end = '\xff';

char separator_of(model::record_form form) { return form == model::record_form::documented ? 'T' : ' '; }

bool has_keys_of(std::span<const record::member> members, model::record_form form) {
  return std::ranges::equal(members, record::columns_of(form), [](const record::member& member, column which) {
    return member.key == record::info_of(which).name;
  });
}

model::record_form form_of(std::span<const record::member> members) {
  for (const auto form : {model::record_form::documented, model::record_form::observed}) {
    if (has_keys_of(members, form)) {
      return form;
    }
  }
  for (const record::member& member : members) {
    const auto which = record::find_column(member.key);
    const std::string_view text = member.value.text;
    if (which && record::info_of(*which).type == column_type::timestamp && text.size() > separator_byte) {
      return text[separator_byte] == 'T' ? model::record_form::documented : model::record_form::observed;
    }
  }
  return model::record_form::observed;
}

// "a, b and 3 more"; empty without names.
std::string named(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < std::min(names.size(), named_keys_max); ++i) {
    all += (i == 0 ? "" : ", ") + base::printable(names[i], base::shown_word_bytes_max);
  }
  return names.size() <= named_keys_max ? all : fmt::format("{} and {} more", all, names.size() - named_keys_max);
}

std::string type_name(column_type type, model::record_form form) {
  switch (type) {
    case column_type::string: return "a string";
    case column_type::uuid: return "a UUID";
    case column_type::integer: return "an integer of 64 bits";
    case column_type::number: return "a number";
    case column_type::boolean: return "a boolean";
    case column_type::timestamp: return fmt::format("a time like 2015-08-10{}12:00:00.000000", separator_of(form));
    case column_type::dict: return "an object";
    case column_type::attribution: return "an array or a string";
  }
  return "of its type";
}

std::string shown(const record::value& held) {
  const char* const quote = held.kind == record::value_kind::string ? "\"" : "";
  return quote + base::printable(held.text, base::shown_word_bytes_max) + quote;
}

// Whether nothing had to be changed. A coerced value has another kind, or text of its own.
bool is_same(const record::value& before, const record::value& after) {
  return before.kind == after.kind && before.text.data() == after.text.data() &&
         before.text.size() == after.text.size();
}

void append_characters(const record::value& held, std::string& to) {
  if (held.text.find('\\') == std::string_view::npos) {
    to += held.text;
  } else {
    to += record::unescape(held.text);
  }
}

}  // namespace

void record_check::open(const model::object_name& name) {
  name_ = name;
  form_.reset();
}

std::optional<record_identity> record_check::check(std::int64_t line, std::string_view text, tally& findings) {
  const auto members = parser_.parse_object(text);
  if (!members) {
    findings.add(finding_kind::record, {}, line,
                 fmt::format("not a JSON object: {} (at byte {})", members.error().reason, members.error().byte));
    return std::nullopt;
  }
  if (!form_) {
    form_ = form_of(*members);
  }
  place(*members);
  if (!has_keys_of(*members, *form_)) {
    check_keys(*members, line, findings);
  }
  check_types(line, findings);
  check_project(line, findings);
  check_hour(line, findings);
  return identity();
}

void record_check::place(std::span<const record::member> members) {
  event_.clear();
  event_.spaced = parser_.spacing();
  const auto order = record::columns_of(*form_);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool expected = i < order.size() && record::info_of(order[i]).name == members[i].key;
    if (const auto which = expected ? std::optional(order[i]) : record::find_column(members[i].key)) {
      event_[*which] = members[i].value;
    }
  }
}

// Once an object: files of other years differ in every line alike.
void record_check::check_keys(std::span<const record::member> members, std::int64_t line, tally& findings) {
  if (findings.has(finding_kind::keys, {})) {
    findings.add(finding_kind::keys, {}, line, {});
    return;
  }
  std::vector<std::string> extra;
  std::vector<std::string> repeated;
  std::bitset<record::column_count> came;
  for (const record::member& member : members) {
    const auto which = record::find_column(member.key);
    if (!which || !record::has_column(*form_, *which)) {
      extra.emplace_back(member.key);
    } else if (came.test(static_cast<std::size_t>(*which))) {
      repeated.emplace_back(member.key);
    } else {
      came.set(static_cast<std::size_t>(*which));
    }
  }
  std::vector<std::string> missing;
  for (const column which : record::columns_of(*form_)) {
    if (!came.test(static_cast<std::size_t>(which))) {
      missing.emplace_back(record::info_of(which).name);
    }
  }
  std::string what;
  const auto say = [&what](std::string_view lead, const std::vector<std::string>& names) {
    if (!names.empty()) {
      what += fmt::format("{}{} {}", what.empty() ? "" : "; ", lead, named(names));
    }
  };
  say("without", missing);
  say("with", extra);
  say("twice", repeated);
  findings.add(finding_kind::keys, {}, line,
               what.empty() ? fmt::format("its keys are not in the order of the {} form", model::to_string(*form_))
                            : fmt::format("not the keys of the {} form: {}", model::to_string(*form_), what));
}

void record_check::check_types(std::int64_t line, tally& findings) {
  times_.fill(std::nullopt);
  for (std::size_t i = 0; i < record::column_count; ++i) {
    const auto which = static_cast<column>(i);
    if (!event_.has(which)) {
      continue;
    }
    const record::column_info& info = record::info_of(which);
    const record::value before = event_[which];
    base::instant when;
    const bool fits = !record::coerce(event_, which, when);
    const bool is_time = info.type == column_type::timestamp;
    if (fits && is_time) {
      times_[i] = when;
    }
    const bool spelled =
        !is_time || (before.text.size() > separator_byte && before.text[separator_byte] == separator_of(*form_));
    if (!fits || !spelled || !is_same(before, event_[which])) {
      findings.add(finding_kind::type, info.name, line,
                   fmt::format("{} is {}, not {}", info.name, shown(before), type_name(info.type, *form_)));
    }
  }
}

void record_check::check_project(std::int64_t line, tally& findings) {
  const record::value& app = event_[column::app];
  std::int64_t project = 0;
  std::from_chars(app.text.data(), app.text.data() + app.text.size(), project);
  if (!event_.has(column::app) || project != name_.owner) {
    findings.add(finding_kind::app, {}, line,
                 fmt::format("app is {}, and the key says project {}",
                             event_.is_absent(column::app) ? std::string("absent") : shown(app), name_.owner));
  }
}

void record_check::check_hour(std::int64_t line, tally& findings) {
  uploaded_at_.reset();
  for (const column source : {column::server_upload_time, column::server_received_time}) {
    if (!event_.has(source)) {
      continue;
    }
    uploaded_at_ = times_[static_cast<std::size_t>(source)];
    if (uploaded_at_ && model::hour_of(*uploaded_at_) != name_.hour) {
      findings.add(
          finding_kind::hour, {}, line,
          fmt::format("a record in the wrong hour: {} is {}", record::info_of(source).name, shown(event_[source])));
    }
    return;
  }
  findings.add(finding_kind::hour, {}, line, "neither server_upload_time nor server_received_time");
}

// Bytes: 'i', device_id, ff, $insert_id; or 'u' and the uuid in lower case.
std::optional<record_identity> record_check::identity() {
  const record::value& insert_id = event_[column::insert_id];
  const record::value& uuid = event_[column::uuid];
  if (!uploaded_at_) {
    return std::nullopt;
  }
  identity_text_.clear();
  if (event_.has(column::insert_id) && !insert_id.text.empty()) {
    identity_text_ += 'i';
    if (event_.has(column::device_id)) {
      append_characters(event_[column::device_id], identity_text_);
    }
    identity_text_ += part_end;
    append_characters(insert_id, identity_text_);
  } else if (event_.has(column::uuid)) {
    identity_text_ += 'u';
    for (const char c : uuid.text) {
      identity_text_ += static_cast<char>(c >= 'A' && c <= 'F' ? c | 0x20 : c);
    }
  } else {
    return std::nullopt;
  }
  return record_identity{base::hash128_of(identity_text_), *uploaded_at_};
}

}  // namespace spillway::check
