// spillway run: every connection at work, hour by hour, or once.
#include "base/bytes.hpp"
#include "bucket/retry.hpp"
#include "cli/connection_bucket.hpp"
#include "cli/connection_output.hpp"
#include "cli/json_output.hpp"
#include "cli/mail_delivery.hpp"
#include "cli/program.hpp"
#include "cli/shared_options.hpp"
#include "cli/working_state.hpp"
#include "connection/outbox.hpp"
#include "connection/scheduler.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

struct run_options {
  bool once = false;
  bool close_open_hours = false;
  std::size_t threads = 0;
  std::string smtp_file;
  std::string on_incident;
};

// How the round ended: access that is refused comes first, then everything else.
std::optional<failure> worst_of(const std::vector<connection::step_report>& reports) {
  std::optional<failure> worst;
  const auto take = [&worst](const failure& each) {
    if (!worst || (each.code == errc::denied && worst->code != errc::denied)) {
      worst = each;
    }
  };
  for (const connection::step_report& each : reports) {
    if (each.outcome.failed) {
      take(base::while_doing(fmt::format("connection {}", each.connection.id), *each.outcome.failed));
    }
    for (const failure& failed : each.outcome.failures()) {
      take(base::while_doing(fmt::format("connection {}", each.connection.id), failed));
    }
  }
  return worst;
}

result<void> print_reports(const std::vector<connection::step_report>& reports, const session& with) {
  if (with.output == session::output::json) {
    json::array all;
    for (const connection::step_report& each : reports) {
      all.push_back(cli::to_json(each));
    }
    return print_json(json::object{{"connections", std::move(all)}});
  }
  std::string text;
  for (const connection::step_report& each : reports) {
    text += cli::describe(each);
  }
  return print(reports.empty() ? with.suggested("no connection is enabled: spillway connection create\n") : text);
}

result<exit_status> run_once(store::state_file& state, connection::agent_world& world,
                             const std::optional<connection::mail_sender>& mail, session& with) {
  SPILLWAY_TRY_ASSIGN(const auto reports, connection::run_once(state, world, with.stop));
  // Before the mails, whose server may take its time.
  const auto printed = print_reports(reports, with);
  if (mail) {
    SPILLWAY_TRY(connection::send_due_mails(state.database(), *mail, *with.clock, with.stop));
  }
  SPILLWAY_TRY(printed);
  const std::optional<failure> worst = worst_of(reports);
  return worst ? result<exit_status>(*worst) : exit_status::done;
}

// A line for each report; flushed, since somebody follows them.
void say(const connection::step_report& report, const session& with) {
  const std::string text = with.output == session::output::json
                               ? json_text(cli::to_json(report)) + "\n"
                               : base::format_utc(with.clock->now()) + " " + cli::describe(report);
  if (print(text)) {
    std::fflush(stdout);
  }
}

result<exit_status> run_on(store::state_file& state, connection::agent_world& world,
                           const std::optional<connection::mail_sender>& mail, session& with) {
  std::optional<connection::outbox_thread> outbox;
  if (mail) {
    SPILLWAY_TRY_ASSIGN(store::state_file shared, state.share());
    outbox.emplace(std::move(shared), *mail, *with.clock, [](const failure& failed) {
      print_note(fmt::format("mails wait: {}\n", base::printable(failed.text(), base::shown_failure_bytes_max)));
    });
  }
  SPILLWAY_TRY(
      connection::run(state, world, with.stop, [&with](const connection::step_report& each) { say(each, with); }));
  return exit_status::done;
}

result<exit_status> run_connections(const run_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(const std::optional<connection::mail_sender> mail, find_mail_sender(wanted.smtp_file, with.stop));
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY(begin_work(state, wanted.once ? "run --once" : "run", with));
  connection::agent_world world{*with.clock,
                                make_opener(with),
                                bucket::make_retry_world(with.stop).random,
                                make_incident_sink(wanted.on_incident, with.stop),
                                std::max<std::size_t>(threads_of(wanted.threads), 1),
                                wanted.close_open_hours ? exporting::open_hours::close : exporting::open_hours::leave};
  return wanted.once ? run_once(state, world, mail, with) : run_on(state, world, mail, with);
}

}  // namespace

void add_run(program& to) {
  auto wanted = std::make_shared<run_options>();
  CLI::App& verb = to.add_verb("run", "Deliver every connection's hours as they close", program::uses_state::yes,
                               [wanted](session& with) { return run_connections(*wanted, with); });
  CLI::Option* once = verb.add_flag("--once", wanted->once, "Deliver what is due now, and end");
  verb.add_flag("--close-open-hours", wanted->close_open_hours,
                "Deliver hours that have not ended, and late events at once")
      ->needs(once);
  verb.add_option("--threads", wanted->threads, "Threads of each connection (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, 256).description(""));
  verb.add_option("--smtp-file", wanted->smtp_file,
                  "A file with the URL of a mail server (default: $SPILLWAY_SMTP_URL, else mails wait)")
      ->type_name("FILE");
  verb.add_option("--on-incident", wanted->on_incident,
                  "A command that gets an incident as JSON on its standard input")
      ->type_name("COMMAND");
}

}  // namespace spillway::cli
