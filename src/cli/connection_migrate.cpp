// spillway connection migrate: from the account root to a role and KMS, step by step, and back.
#include "cli/connection_migrate.hpp"

#include "base/bytes.hpp"
#include "cli/connection_bucket.hpp"
#include "cli/connection_wizard.hpp"
#include "cli/json_output.hpp"
#include "cli/working_state.hpp"
#include "connection/migration.hpp"
#include "fs/directory.hpp"

#include <cerrno>
#include <charconv>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

constexpr std::size_t document_bytes_max = std::size_t{64} << 10;

struct migrate_options {
  std::vector<std::string> words;  // "1"; "rollback 1" and "1 rollback" are the way back
  connection::migration_request asked;
  std::string admin_profile;
  std::vector<int> done;
  bool dryrun = false;
  bool yes = false;

  bool is_rollback = false;
};

result<void> read_words(migrate_options& wanted) {
  for (const std::string& each : wanted.words) {
    if (each == "rollback" && !wanted.is_rollback) {
      wanted.is_rollback = true;
      continue;
    }
    if (wanted.asked.connection != 0) {
      return failure{errc::usage, "reading the command line",
                     fmt::format("{} and {} are two connections", wanted.asked.connection, base::printable(each)),
                     "migrate one after the other"};
    }
    const auto read = std::from_chars(each.data(), each.data() + each.size(), wanted.asked.connection);
    if (read.ec != std::errc() || read.ptr != each.data() + each.size() || each.empty()) {
      return failure{errc::usage, "reading the command line",
                     fmt::format("{} is not a connection's number", base::printable(each)),
                     "write spillway connection migrate 1, or spillway connection migrate rollback 1"};
    }
  }
  if (wanted.asked.connection == 0) {
    return failure{errc::usage, "reading the command line", "which connection?", "see them: spillway connection list"};
  }
  wanted.asked.done = {wanted.done.begin(), wanted.done.end()};
  return {};
}

json::object to_json(const connection::migration_report& report) {
  json::array said;
  for (const std::string& each : report.said) {
    said.emplace_back(each);
  }
  json::object documents;
  for (const connection::migration_document& each : report.documents) {
    boost::system::error_code error;
    json::value parsed = json::parse(each.text, error);
    documents[each.file] = error ? json::value(each.text) : std::move(parsed);
  }
  return {
      {"step", report.step}, {"title", report.title}, {"said", std::move(said)}, {"documents", std::move(documents)}};
}

std::string describe(const connection::migration_report& report, int steps, const suggesting& suggested) {
  std::string text = fmt::format("step {} of {}: {}\n", report.step, steps, report.title);
  for (const std::string& each : report.said) {
    text += "  " + suggested(base::printable(each, base::shown_line_bytes_max)) + "\n";
  }
  for (const connection::migration_document& each : report.documents) {
    // Line by line: printable() would show the line ends.
    text += fmt::format("  {}:\n", each.file);
    std::string_view left = std::string_view(each.text).substr(0, document_bytes_max);
    while (!left.empty()) {
      const std::size_t end = left.find('\n');
      text += "    " + base::printable(left.substr(0, end), document_bytes_max) + "\n";
      left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
    }
  }
  return text;
}

// What is printed: step by step, or with --json one document in the end, also of what failed half-way.
class printer {
public:
  printer(const migrate_options& wanted, const session& with)
      : with_(with),
        steps_(wanted.is_rollback ? connection::rollback_steps : store::migration_steps) {}

  result<void> add(const connection::migration_report& report) {
    if (is_json()) {
      reports_.push_back(to_json(report));
      return {};
    }
    SPILLWAY_TRY(print(describe(report, steps_, with_.suggested)));
    return std::fflush(stdout) == 0 ? result<void>() : base::from_errno(errno, "writing to standard output");
  }

  result<void> end(std::string_view name, json::object facts, const std::string& text) {
    if (!is_json()) {
      return print(with_.suggested(text));
    }
    facts["steps"] = std::move(reports_);
    return print_json(json::object{{name, std::move(facts)}});
  }

private:
  bool is_json() const { return with_.output == session::output::json; }

  const session& with_;
  const int steps_;
  json::array reports_;
};

result<bool> is_confirmed(const migrate_options& wanted, const session& with) {
  if (wanted.yes) {
    return true;
  }
  const std::string question =
      wanted.is_rollback
          ? fmt::format("remove the new connection of {}, and put the bucket's settings back?", wanted.asked.connection)
          : fmt::format(
                "migrate connection {}? It stops delivering until the new one is made, and the bucket's settings "
                "change",
                wanted.asked.connection);
  const std::string doing = wanted.is_rollback
                                ? fmt::format("rolling the migration of connection {} back", wanted.asked.connection)
                                : fmt::format("migrating connection {}", wanted.asked.connection);
  if (!can_ask()) {
    return failure{errc::usage, doing, "nobody can be asked", "look with --dryrun, then give --yes"};
  }
  return ask(question, {doing, with.stop});
}

json::object facts_of(const connection::migration_outcome& made) {
  const store::migration_row& row = made.migration;
  return {{"connection", row.old_connection},
          {"new_connection", row.new_connection ? json::value(*row.new_connection) : json::value(nullptr)},
          {"kms_key_id", text_or_null(row.kms_key_id)},
          {"principal", row.principal_arn},
          {"step", row.step},
          {"finished", row.is_finished()},
          {"continue_at", json_time(made.continue_at)}};
}

std::string end_of(const connection::migration_outcome& made) {
  const store::migration_row& row = made.migration;
  if (row.is_finished()) {
    return fmt::format("connection {} is migrated: connection {} has taken its place\n", row.old_connection,
                       row.new_connection.value_or(0));
  }
  const std::string when = made.continue_at ? " after " + base::format_utc(*made.continue_at) : "";
  return fmt::format("step {} of {} is done; continue{}: spillway connection migrate {}\n", row.step,
                     store::migration_steps, when, row.old_connection);
}

result<exit_status> go_forward(const migrate_options& wanted, const connection::migration_world& world, printer& out) {
  auto made = connection::migrate(world, wanted.asked);
  if (!made) {
    SPILLWAY_TRY(out.end("migration", {{"connection", wanted.asked.connection}, {"error", made.error().text()}}, ""));
    return made.error();
  }
  SPILLWAY_TRY(out.end("migration", facts_of(*made), end_of(*made)));
  return exit_status::done;
}

result<exit_status> go_back(const migrate_options& wanted, const connection::migration_world& world, printer& out) {
  auto made = connection::roll_back(world, wanted.asked.connection, wanted.asked.done);
  if (!made) {
    SPILLWAY_TRY(out.end("rollback", {{"connection", wanted.asked.connection}, {"error", made.error().text()}}, ""));
    return made.error();
  }
  SPILLWAY_TRY(out.end("rollback",
                       {{"connection", wanted.asked.connection},
                        {"enabled", made->old.has_value()},
                        {"kms_key_id", text_or_null(made->kms_key_id)}},
                       fmt::format("connection {} is as it was\n", wanted.asked.connection)));
  return exit_status::done;
}

result<exit_status> preview(const migrate_options& wanted, const connection::migration_world& world, printer& out) {
  SPILLWAY_TRY_ASSIGN(const auto planned, wanted.is_rollback
                                              ? connection::preview_rollback(world, wanted.asked.connection)
                                              : connection::preview_migration(world, wanted.asked));
  for (const connection::migration_report& each : planned) {
    SPILLWAY_TRY(out.add(each));
  }
  SPILLWAY_TRY(out.end(wanted.is_rollback ? "rollback" : "migration",
                       {{"connection", wanted.asked.connection}, {"dryrun", true}}, "nothing was changed\n"));
  return exit_status::done;
}

result<exit_status> migrate(migrate_options& wanted, session& with) {
  SPILLWAY_TRY(read_words(wanted));
  SPILLWAY_TRY_ASSIGN(store::state_file state,
                      with.open_state(wanted.dryrun ? store::access::read : store::access::change));
  const connection::bucket_opener as_administrator = [&](const model::connection& of) {
    model::connection opened = of;
    if (!wanted.admin_profile.empty()) {
      opened.access.profile = wanted.admin_profile;
    }
    return open_bucket_of(opened, make_bucket::no, with);
  };
  connection::agent_world agents = make_one_shot_world(with);
  printer out(wanted, with);
  connection::migration_world world{state, agents, as_administrator,
                                    [&out](const connection::migration_report& each) { return out.add(each); },
                                    [] { return fs::random_name(); }};
  world.stop = with.stop;
  if (wanted.dryrun) {
    return preview(wanted, world, out);
  }
  SPILLWAY_TRY_ASSIGN(const bool is_wanted, is_confirmed(wanted, with));
  if (!is_wanted) {
    return exit_status::failed;
  }
  SPILLWAY_TRY_ASSIGN(const bool is_ours, work_if_nobody_does(state, "connection migrate", with));
  using worker = connection::migration_world::worker;
  world.who_delivers = is_ours ? worker::us : worker::another;
  return wanted.is_rollback ? go_back(wanted, world, out) : go_forward(wanted, world, out);
}

}  // namespace

void add_connection_migrate(program& to, CLI::App& group) {
  auto wanted = std::make_shared<migrate_options>();
  CLI::App& verb =
      to.add_verb(group, "migrate", "Move a connection of the old kind to KMS and a role in 11 steps, or rollback",
                  program::uses_state::yes, [wanted](session& with) { return migrate(*wanted, with); });
  verb.add_option("ID", wanted->words, "The connection's number; 'rollback ID' goes back")
      ->required()
      ->expected(1, 2);
  verb.add_option("--kms-key", wanted->asked.kms_key_id,
                  "An ARN, an id or an alias of the key, once it is made (step 1)")
      ->type_name("KEY");
  verb.add_option("--account", wanted->asked.account,
                  "The AWS account whose role exports (default: the one that is trusted)")
      ->type_name("ACCOUNT");
  verb.add_option("--principal", wanted->asked.principal_arn,
                  "The role (default: arn:aws:iam::ACCOUNT:role/spillway-export-PROJECT)")
      ->type_name("ARN");
  verb.add_option("--admin-profile", wanted->admin_profile,
                  "The AWS profile that may change the bucket's settings (default: the connection's)")
      ->type_name("NAME");
  verb.add_option("--export-profile", wanted->asked.export_profile,
                  "The AWS profile of the role, for the new connection (default: the old one's)")
      ->type_name("NAME");
  verb.add_option("--until", wanted->asked.until, "Stop behind this step")
      ->check(CLI::Range(0, store::migration_steps).description(""))
      ->type_name("N");
  verb.add_option("--done", wanted->done, "This step was done by hand; may be given for several")
      ->check(CLI::Range(1, store::migration_steps).description(""))
      ->allow_extra_args(false)  // or it would take the connection's number for a step
      ->type_name("N");
  verb.add_flag("--dryrun,--dry-run", wanted->dryrun, "Say what would be done, and change nothing");
  verb.add_flag("--yes", wanted->yes, "Ask nothing");
}

}  // namespace spillway::cli
