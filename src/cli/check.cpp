// spillway check: is a bucket right, by itself and against the ledger?
#include "check/check.hpp"

#include "base/bytes.hpp"
#include "cli/destination.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"
#include "store/overview.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace {

namespace json = boost::json;

struct check_options {
  std::string dest;
  std::string state_path;  // empty: the bucket alone
  bool fill_gaps = false;
  bool skip_duplicates = false;
  std::int64_t findings_max = 1000;
};

std::string line_of(const check::finding& found) {
  std::string line(check::to_string(found.kind));
  if (!found.key.empty()) {
    line += " " + found.key;
  }
  if (found.line > 0) {
    line += fmt::format(":{}", found.line);
  }
  line += ": " + found.what;
  if (found.count > 1) {
    line += fmt::format(" (and {} more like it)", grouped(found.count - 1));
  }
  return base::printable(line, std::numeric_limits<std::size_t>::max()) + "\n";
}

json::object to_json(const check::finding& found) {
  return {{"kind", check::to_string(found.kind)},
          {"key", found.key},
          {"line", found.line > 0 ? json::value(found.line) : json::value()},
          {"what", found.what},
          {"count", found.count}};
}

// Prints findings as they come, or keeps them for the document; of both, only the first ones.
class finding_output {
public:
  finding_output(enum session::output output, std::int64_t findings_max)
      : output_(output), findings_max_(findings_max) {}

  result<void> take(const check::finding& found) {
    if (++taken_ > findings_max_) {
      return {};
    }
    if (output_ == session::output::text) {
      return print(line_of(found));
    }
    kept_.push_back(to_json(found));
    return {};
  }

  result<void> finish(const check::check_report& report) {
    return output_ == session::output::json ? document(report) : summary(report);
  }

private:
  std::int64_t left_out() const { return std::max<std::int64_t>(0, taken_ - findings_max_); }

  result<void> document(const check::check_report& report) {
    return print_json(json::object{{"findings", std::move(kept_)},
                                   {"findings_left_out", left_out()},
                                   {"objects", report.objects},
                                   {"bytes", report.bytes},
                                   {"records", report.records},
                                   {"hours", report.hours},
                                   {"undelivered_hours", report.undelivered_hours},
                                   {"ok", report.is_right()}});
  }

  result<void> summary(const check::check_report& report) const {
    std::string text;
    if (left_out() > 0) {
      text = fmt::format("... and {} not shown (--max-findings)\n", grouped(left_out()));
    }
    text += fmt::format("{}, {} in {}: {}", count_of(static_cast<std::int64_t>(report.objects), "object"),
                        count_of(report.records, "record"), count_of(report.hours, "hour"),
                        report.is_right() ? "all right" : count_of(report.findings, "finding"));
    if (report.undelivered_hours > 0) {
      text += "; not delivered yet: " + count_of(report.undelivered_hours, "hour");
    }
    return print(text + "\n");
  }

  enum session::output output_;
  std::int64_t findings_max_;
  std::int64_t taken_ = 0;
  json::array kept_;
};

result<std::optional<check::ledger_view>> read_ledger_of(const std::string& state_path,
                                                         const store::place& in) {
  if (state_path.empty()) {
    return std::optional<check::ledger_view>();
  }
  SPILLWAY_TRY_ASSIGN(store::state_file state, store::state_file::open(state_path, store::access::read));
  SPILLWAY_TRY_ASSIGN(check::ledger_view ledger, check::read_ledger(state.database(), in));
  // Otherwise every object would be foreign, a line each, for a slip in one name.
  if (ledger.objects.empty() && ledger.hours.empty()) {
    return failure{errc::not_found, "comparing with " + base::printable(state_path),
                   fmt::format("it has delivered nothing to {}", base::printable(in.destination)),
                   "name the state file that delivered to it; without --state and $SPILLWAY_STATE, the bucket is "
                   "checked by itself"};
  }
  return std::optional(std::move(ledger));
}

// The bucket is listed and the ledger is read one behind the other.
result<void> say_who_is_delivering(const std::string& state_path) {
  if (state_path.empty()) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const store::worker_lock lock, store::look_at_worker_lock(state_path));
  if (lock == store::worker_lock::held) {
    print_note("somebody is working on the state file: what was delivered meanwhile may be among the findings\n");
  }
  return {};
}

result<exit_status> check_destination(const check_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(const destination from, open_destination(wanted.dest, make_bucket::no, with));
  SPILLWAY_TRY_ASSIGN(const auto ledger, read_ledger_of(wanted.state_path, from.place));
  check::settings settings;
  settings.prefix = from.prefix;
  settings.gaps = wanted.fill_gaps ? check::gap_rule::all : check::gap_rule::bounded;
  settings.duplicates = wanted.skip_duplicates ? check::duplicates::skip : check::duplicates::find;
  settings.stop = with.stop;
  finding_output output(with.output, wanted.findings_max);
  SPILLWAY_TRY_ASSIGN(const check::check_report report,
                      check::check_bucket(*from.opened, settings, ledger ? &*ledger : nullptr,
                                          [&](const check::finding& found) { return output.take(found); }));
  SPILLWAY_TRY(output.finish(report));
  if (report.is_right()) {
    return exit_status::done;
  }
  SPILLWAY_TRY(say_who_is_delivering(wanted.state_path));
  return exit_status::failed;
}

}  // namespace

void add_check(program& to) {
  auto wanted = std::make_shared<check_options>();
  // Without a state file named, the bucket is checked by itself, so that one beside it by chance says nothing.
  CLI::App& verb =
      to.add_verb("check", "Check a bucket: names, records, duplicates, markers, gaps", program::uses_state::no,
                  [wanted](session& with) { return check_destination(*wanted, with); });
  verb.add_option("DEST", wanted->dest, "The bucket: s3://BUCKET/PREFIX, or a directory")->required();
  to.add_destination_options(verb);
  verb.add_option("--state", wanted->state_path, "Also compare with the ledger of this state file")
      ->type_name("FILE")
      ->envname("SPILLWAY_STATE");
  verb.add_flag("--fill-gaps", wanted->fill_gaps, "Hours without data need a marker however long the pause is");
  verb.add_flag("--skip-duplicates", wanted->skip_duplicates,
                "Do not look for duplicates, which takes up to 128 bytes for each event of a week");
  verb.add_option("--max-findings", wanted->findings_max, "How many findings to print")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 62).description(""))
      ->capture_default_str();
}

}  // namespace spillway::cli
