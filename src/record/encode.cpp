#include "record/encode.hpp"

#include "base/result.hpp"
#include "base/text_growth.hpp"
#include "record/json_text.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace spillway::record {
namespace {

// What stands before each value of a form: `{"app":` for the first, `,"app":` for the others.
struct layout {
  // Leads are copied whole, whatever their length: a copy of fixed size is a few instructions, a call costs more.
  static constexpr std::size_t lead_room = 32;
  struct place {
    std::array<char, lead_room> lead{};
    std::size_t lead_bytes = 0;
    column which;
    std::array<char, 4> absent;  // "null", "{}"
    std::size_t absent_bytes;
    bool is_timestamp;
  };
  std::vector<place> places;
  std::size_t lead_bytes = lead_room;  // of all leads, quotes and absent values together, and room behind the last
  char separator = ' ';        // between date and time
};

layout make_layout(model::record_form form) {
  layout made;
  made.separator = form == model::record_form::documented ? 'T' : ' ';
  for (const column which : columns_of(form)) {
    const column_info& info = info_of(which);
    std::string lead = made.places.empty() ? "{" : ",";
    append_quoted(info.name, lead);
    lead += ':';
    SPILLWAY_ASSERT(lead.size() <= layout::lead_room);
    made.lead_bytes += lead.size() + sizeof("null\"\"");
    layout::place place{{}, lead.size(), which, {}, info.absent.size(), info.type == column_type::timestamp};
    std::ranges::copy(lead, place.lead.begin());
    std::ranges::copy(info.absent, place.absent.begin());
    made.places.push_back(place);
  }
  return made;
}

const layout& layout_of(model::record_form form) {
  static const layout documented = make_layout(model::record_form::documented);
  static const layout observed = make_layout(model::record_form::observed);
  return form == model::record_form::documented ? documented : observed;
}

// The first and the last `Bytes` of a text, which overlap or meet.
template <std::size_t Bytes>
void copy_ends(char* to, std::string_view text) {
  std::memcpy(to, text.data(), Bytes);
  std::memcpy(to + text.size() - Bytes, text.data() + text.size() - Bytes, Bytes);
}

// Most values are short: a copy of known size is an instruction or two, where a call finds out the size first.
char* put(char* to, std::string_view text) {
  if (text.size() > 32) {
    std::memcpy(to, text.data(), text.size());
  } else if (text.size() >= 16) {
    copy_ends<16>(to, text);
  } else if (text.size() >= 8) {
    copy_ends<8>(to, text);
  } else if (text.size() >= 4) {
    copy_ends<4>(to, text);
  } else {
    for (std::size_t i = 0; i < text.size(); ++i) {
      to[i] = text[i];
    }
  }
  return to + text.size();
}

char* put_value(char* to, const value& held, const layout::place& place, char separator) {
  switch (held.kind) {
    case value_kind::absent: std::memcpy(to, place.absent.data(), place.absent.size()); return to + place.absent_bytes;
    case value_kind::null: std::memcpy(to, "null", 4); return to + 4;
    case value_kind::string: break;
    default: return put(to, held.text);
  }
  *to++ = '"';
  char* const text = to;
  to = put(to, held.text);
  if (place.is_timestamp) {
    text[10] = separator;
  }
  *to++ = '"';
  return to;
}

std::size_t line_bytes_max(const columns& event, const layout& form) {
  std::size_t bytes = form.lead_bytes + 2;
  for (const value& held : event.values) {
    bytes += held.text.size();
  }
  return bytes;
}

void encode_spaced(const columns& event, const layout& form, std::string& out) {
  for (const layout::place& place : form.places) {
    const value& held = event[place.which];
    out.append(place.lead.data(), place.lead_bytes);
    if (held.kind == value_kind::object || held.kind == value_kind::array) {
      append_compact(held.text, out);
      continue;
    }
    const std::size_t at = out.size();
    out.resize(at + held.text.size() + sizeof("null\"\""));
    const char* const end = put_value(out.data() + at, held, place, form.separator);
    out.resize(static_cast<std::size_t>(end - out.data()));
  }
  out += "}\n";
}

}  // namespace

void encode(const columns& event, model::record_form form, std::string& out) {
  const layout& places = layout_of(form);
  if (event.spaced == spacing::spaced) {
    encode_spaced(event, places, out);
    return;
  }
  const std::size_t at = out.size();
  base::resize_unwritten(out, at + line_bytes_max(event, places));
  char* to = out.data() + at;
  for (const layout::place& place : places.places) {
    std::memcpy(to, place.lead.data(), layout::lead_room);
    to += place.lead_bytes;
    to = put_value(to, event[place.which], place, places.separator);
  }
  to = put(to, "}\n");
  out.resize(static_cast<std::size_t>(to - out.data()));
}

namespace {
constexpr std::size_t names_max = 1000;    // a file of random keys must not fill the memory
constexpr std::size_t name_bytes_max = 200;

// How much of a name is kept: whole characters.
std::size_t front_bytes(std::string_view name) {
  std::size_t bytes = std::min(name.size(), name_bytes_max);
  while (bytes > 0 && bytes < name.size() && (static_cast<unsigned char>(name[bytes]) & 0xc0) == 0x80) {
    --bytes;
  }
  return bytes;
}
}  // namespace

void dropped_keys::add(std::string_view name, std::uint64_t count) {
  const std::string_view shown = name.substr(0, front_bytes(name));
  if (const auto found = counts_.find(shown); found != counts_.end()) {
    found->second += count;
    return;
  }
  counts_[counts_.size() < names_max ? std::string(shown) : std::string("(others)")] += count;
}

void dropped_keys::add_from(const dropped_keys& other) {
  for (const auto& [name, count] : other.counts_) {
    add(name, count);
  }
}

}  // namespace spillway::record
