// An event on its way from raw JSON to an encoded line: its columns as they came, then what is known of it.
#pragma once

#include "base/hashes.hpp"
#include "base/time.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"
#include "record/column.hpp"
#include "record/json.hpp"

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>

namespace spillway::record {

// The columns of one event. Values are views of the input line or of `made`, which holds what was converted.
struct columns {
  std::array<value, column_count> values;
  spacing spaced = spacing::compact;
  std::deque<std::string> made;  // a deque: its strings never move

  value& operator[](column which) { return values[static_cast<std::size_t>(which)]; }
  const value& operator[](column which) const { return values[static_cast<std::size_t>(which)]; }
  bool has(column which) const { return (*this)[which].kind > value_kind::null; }
  bool is_absent(column which) const { return (*this)[which].kind == value_kind::absent; }

  // Sets a column to a text that is kept here. A string's text is what stands between the quotes.
  void set(column which, value_kind kind, std::string text) {
    made.push_back(std::move(text));
    (*this)[which] = {made.back(), kind};
  }
  void clear() {
    static_assert(std::is_trivially_copyable_v<value>);
    std::memset(static_cast<void*>(values.data()), 0, sizeof(values));  // all absent; filling one by one takes longer
    made.clear();
  }
};

// What intake is told once, and every event is held against.
struct intake_rules {
  base::instant now;                                // an upload time over an hour later is a reject
  std::optional<model::project_id> only_project;    // --project: a raw event of another `app` is a reject
  model::project_id default_project = 1;            // of input that names none
  std::optional<model::organization_id> only_organization{};  // --org: a merge of another one is a reject
  std::set<model::project_id> portfolios{};  // which gather other projects: an event of one is a reject
};

// Which form each project is written in: its own, or the default of one that is not known yet.
struct form_table {
  model::record_form fallback = model::record_form::documented;
  std::map<model::project_id, model::record_form> known;

  model::record_form form_of(model::project_id project) const {
    const auto found = known.find(project);
    return found == known.end() ? fallback : found->second;
  }
};

// How far behind the clock an upload may be: clocks differ.
inline constexpr std::chrono::hours upload_ahead_max{1};

enum class event_kind : std::uint8_t {
  event,    // is exported
  applied,  // $identify and $groupidentify: kept verbatim, take effect with the identities, never exported
  merge,    // a merged Amplitude ID: no event, and of no project
};

// What makes two events one: the hash of project, device_id and $insert_id, or of project and uuid.
struct duplicate_key {
  base::hash128 hash;
  friend bool operator==(const duplicate_key&, const duplicate_key&) = default;
};

struct event_facts {
  event_kind kind = event_kind::event;
  bool has_merge = false;  // of a merge, and of an event that says one beside itself
  model::project_id project = 0;
  base::instant uploaded_at;  // server_upload_time, else server_received_time: it decides the hour
  std::optional<duplicate_key> key;  // none: nothing is a duplicate of it
};

}  // namespace spillway::record
