#include "check/check.hpp"

#include "check/duplicate_window.hpp"
#include "check/listing.hpp"
#include "check/marker_check.hpp"
#include "check/merge_check.hpp"
#include "check/object_check.hpp"
#include "check/record_check.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace spillway::check {
namespace {

std::uint32_t narrowed(std::int64_t number) {
  return static_cast<std::uint32_t>(std::min<std::int64_t>(number, std::numeric_limits<std::uint32_t>::max()));
}

class checker {
public:
  checker(bucket::bucket& from, const settings& wanted, const ledger_view* ledger, const finding_sink& sink)
      : from_(from), wanted_(wanted), given_(sink), sink_([this](const finding& each) { return count(each); }) {
    if (ledger != nullptr) {
      ledger_.emplace(*ledger, wanted.prefix);
    }
  }

  result<check_report> run() {
    SPILLWAY_TRY_ASSIGN(const listing listed, list_bucket(from_, wanted_.prefix, sink_));
    report_.objects = listed.objects;
    report_.bytes = listed.bytes;
    for (const auto& [path, folder] : listed.folders) {
      SPILLWAY_TRY(check_folder(folder));
    }
    if (ledger_) {
      SPILLWAY_TRY(ledger_->report_missing(sink_));
      report_.undelivered_hours = ledger_->undelivered_hours();
    }
    if (listed.folders.empty() && report_.is_right()) {
      SPILLWAY_TRY(sink_({finding_kind::empty, wanted_.prefix, 0, "no events, merges or markers are there", 1}));
    }
    return report_;
  }

private:
  result<void> count(const finding& each) {
    ++(each.kind == finding_kind::note ? report_.notes : report_.findings);
    return given_(each);
  }

  result<void> check_folder(const listing_folder& folder) {
    form_.reset();
    is_form_mixed_ = false;
    window_.clear();
    std::optional<std::int64_t> hour;
    for (std::size_t i = 0; i < folder.entries.size(); ++i) {
      if (wanted_.stop.stop_requested()) {
        return failure{errc::interrupted, "checking " + from_.name(), "asked to stop", {}};
      }
      const listing_entry& entry = folder.entries[i];
      if (hour != entry.hour) {
        hour = entry.hour;
        of_hour_.clear();
        report_.hours += folder.scope == 0 ? 1 : 0;
        window_.begin_hour(model::hour{entry.hour}.start());
      }
      SPILLWAY_TRY(check_entry(folder, i));
    }
    if (folder.scope != 0) {
      return {};
    }
    const unmarked_hours unmarked = ledger_ ? ledger_->unmarked_of(folder.owner) : unmarked_hours();
    return check_gaps(folder, wanted_.gaps, unmarked, sink_);
  }

  result<void> check_entry(const listing_folder& folder, std::size_t index) {
    const listing_entry& entry = folder.entries[index];
    tally findings(folder.key_of(entry));
    switch (entry.kind) {
      case model::object_kind::events: SPILLWAY_TRY(check_events(folder, index, findings)); break;
      case model::object_kind::merges: SPILLWAY_TRY(check_merges(folder, entry, findings)); break;
      case model::object_kind::marker: SPILLWAY_TRY(check_marker_of(folder, entry, findings)); break;
    }
    return findings.report(sink_);
  }

  result<void> check_events(const listing_folder& folder, std::size_t index, tally& findings) {
    records_.open(folder.name_of(folder.entries[index]));
    const auto each_line = [&](std::int64_t line, std::string_view text) {
      const auto identity = records_.check(line, text, findings);
      if (!identity || wanted_.duplicates == duplicates::skip) {
        return;
      }
      const event_place place{narrowed(static_cast<std::int64_t>(index)), narrowed(line)};
      if (const auto first = window_.find_or_add(identity->hash, identity->uploaded_at, place)) {
        const std::string key = folder.key_of(folder.entries[first->object]);
        findings.add(finding_kind::duplicate, {}, line,
                     fmt::format("the event was there already: {}:{}", key, first->line));
      }
    };
    SPILLWAY_TRY_ASSIGN(object_facts facts, read_object(from_, findings, each_line));
    check_form(findings);
    note_object(facts, findings);
    of_hour_.push_back(std::move(facts));
    return {};
  }

  // Said once a project: which of its forms is the wrong one nobody knows.
  void check_form(tally& findings) {
    const auto form = records_.form();
    if (form && !form_) {
      form_ = form;
      form_key_ = findings.key();
    } else if (form && form != form_ && !is_form_mixed_) {
      is_form_mixed_ = true;
      findings.add(finding_kind::form, {}, 0,
                   fmt::format("its records are of the {} form, those of {} of the {} one", model::to_string(*form),
                               form_key_, model::to_string(*form_)));
    }
  }

  result<void> check_merges(const listing_folder& folder, const listing_entry& entry, tally& findings) {
    merges_.open(folder.scope, {entry.hour});
    SPILLWAY_TRY_ASSIGN(const object_facts facts,
                        read_object(from_, findings, [&](std::int64_t line, std::string_view text) {
                          merges_.check(line, text, findings);
                        }));
    note_object(facts, findings);
    return {};
  }

  result<void> check_marker_of(const listing_folder& folder, const listing_entry& entry, tally& findings) {
    SPILLWAY_TRY_ASSIGN(const auto body, read_marker(from_, findings));
    const model::object_name name = folder.name_of(entry);
    if (body) {
      check_marker(*body, name, of_hour_, findings);
    }
    if (ledger_) {
      ledger_->take_marker(name, body, findings);
    }
    return {};
  }

  void note_object(const object_facts& facts, tally& findings) {
    report_.records += facts.lines;
    if (ledger_) {
      ledger_->take_object(facts, findings);
    }
  }

  bucket::bucket& from_;
  const settings& wanted_;
  const finding_sink& given_;
  finding_sink sink_;  // counts, and hands on to given_
  check_report report_;
  std::optional<ledger_check> ledger_;
  record_check records_;
  merge_check merges_;

  // Of the project at hand.
  duplicate_window window_;
  std::optional<model::record_form> form_;
  std::string form_key_;  // the first object of that form
  bool is_form_mixed_ = false;
  std::vector<object_facts> of_hour_;  // the objects of the hour, for its marker
};

}  // namespace

result<check_report> check_bucket(bucket::bucket& from, const settings& wanted, const ledger_view* ledger,
                                  const finding_sink& sink) {
  return checker(from, wanted, ledger, sink).run();
}

}  // namespace spillway::check
