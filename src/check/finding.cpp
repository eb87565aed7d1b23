#include "check/finding.hpp"

#include <algorithm>
#include <vector>

namespace spillway::check {

std::string_view to_string(finding_kind kind) {
  switch (kind) {
    case finding_kind::note: return "note";
    case finding_kind::name: return "name";
    case finding_kind::gzip: return "gzip";
    case finding_kind::text: return "text";
    case finding_kind::record: return "record";
    case finding_kind::form: return "form";
    case finding_kind::keys: return "keys";
    case finding_kind::type: return "type";
    case finding_kind::app: return "app";
    case finding_kind::hour: return "hour";
    case finding_kind::duplicate: return "duplicate";
    case finding_kind::merge: return "merge";
    case finding_kind::marker: return "marker";
    case finding_kind::unmarked: return "unmarked";
    case finding_kind::gap: return "gap";
    case finding_kind::ledger: return "ledger";
    case finding_kind::foreign: return "foreign";
    case finding_kind::empty: return "empty";
    case finding_kind::unread: return "unread";
    case finding_kind::gone: return "gone";
  }
  return "unknown";
}

void tally::add(finding_kind kind, std::string_view about, std::int64_t line, std::string what) {
  const auto [place, is_new] = findings_.try_emplace(subject{kind, std::string(about)});
  if (is_new) {
    place->second = {kind, key_, line, std::move(what), 1};
  } else {
    ++place->second.count;
  }
}

bool tally::has(finding_kind kind, std::string_view about) const {
  return findings_.contains(subject{kind, std::string(about)});
}

result<void> tally::report(const finding_sink& sink) const {
  std::vector<const finding*> in_order;
  for (const auto& each : findings_) {
    in_order.push_back(&each.second);
  }
  std::ranges::stable_sort(in_order, {}, &finding::line);
  for (const finding* each : in_order) {
    SPILLWAY_TRY(sink(*each));
  }
  return {};
}

}  // namespace spillway::check
