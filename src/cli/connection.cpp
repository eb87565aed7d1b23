// spillway connection: projects delivering to places by themselves, hour by hour.
#include "base/bytes.hpp"
#include "cli/connection_bucket.hpp"
#include "cli/connection_migrate.hpp"
#include "cli/connection_output.hpp"
#include "cli/connection_wizard.hpp"
#include "cli/destination.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/shared_options.hpp"
#include "cli/table.hpp"
#include "cli/working_state.hpp"
#include "connection/life_cycle.hpp"
#include "connection/set_up.hpp"
#include "fs/directory.hpp"
#include "model/claim.hpp"
#include "s3/policy.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

struct connection_options {
  model::connection_id id = 0;
  bool all = false;
  bool yes = false;
};

struct create_options {
  model::project_id project = 0;
  std::string dest;
  wizard_choices choices{"events", {}};
  std::string marker = "manifest";
  std::int64_t object_bytes_max = exporting::object_bytes_max_default;
  std::vector<std::string> creator;  // NAME MAIL
  std::string account;
  std::string principal;
  bool claims = false;
  bool legacy_root = false;
  bool yes = false;
};

result<exit_status> show_all(const std::vector<connection_facts>& all, const session& with) {
  json::array listed;
  for (const connection_facts& each : all) {
    listed.push_back(to_json(each));
  }
  SPILLWAY_TRY(with.output == session::output::json ? print_json(json::object{{"connections", std::move(listed)}})
                                                    : print(table_of(all, with.suggested)));
  return exit_status::done;
}

result<void> choose_principal(const create_options& wanted, model::connection& made) {
  made.principal = wanted.legacy_root ? model::principal_kind::root : model::principal_kind::role;
  made.principal_arn = wanted.principal;
  if (made.principal_arn.empty() && !wanted.account.empty()) {
    SPILLWAY_TRY_ASSIGN(const std::string role, s3::default_principal(wanted.account, wanted.project));
    made.principal_arn = wanted.legacy_root ? fmt::format("arn:aws:iam::{}:root", wanted.account) : role;
  }
  return {};
}

result<model::connection> connection_of(const create_options& wanted, const session& with) {
  model::connection made;
  made.project = wanted.project;
  SPILLWAY_TRY_ASSIGN(const destination to, locate_destination(wanted.dest, with));
  made.place = to.place;
  made.data = base::parse_name<model::data_choice>(wanted.choices.data).value_or(model::data_choice::events);
  SPILLWAY_TRY_ASSIGN(made.filter, connection::canonical_filter(wanted.choices.filter));
  made.marker = base::parse_name<model::marker_kind>(wanted.marker).value_or(model::marker_kind::manifest);
  made.object_bytes_max = wanted.object_bytes_max;
  made.access = access_settings_of(with.aws);
  made.claim = wanted.claims ? model::claim_choice::object : model::claim_choice::none;
  if (wanted.creator.size() == 2) {
    SPILLWAY_TRY_ASSIGN(std::string mail, mail_option("--created-by", wanted.creator[1]));
    made.creator = {base::printable(wanted.creator[0], 200), std::move(mail)};
  }
  SPILLWAY_TRY(choose_principal(wanted, made));
  return made;
}

std::string describe_created(const connection::created& made) {
  const model::connection& of = made.connection;
  std::string text = fmt::format("connection {} delivers project {} to {}, from hour {} on\n", of.id, of.project,
                                 shown_name(of.place.destination), model::to_string(of.start));
  if (made.took_over) {
    text +=
        fmt::format("it goes on with the history of connection {}{}\n", *made.took_over,
                    made.took_over_other_filter ? ", which had another filter: delivered hours stay as they are" : "");
  }
  return text;
}

// "It ends with verified access and the first hourly exports": now, unless a worker is there to do it.
result<void> deliver_first_hours(store::state_file& state, const model::connection& of, const session& with) {
  if (const auto begun = begin_work(state, "connection create", with); !begun) {
    if (begun.error().code != errc::locked) {
      return begun.error();
    }
    SPILLWAY_TRY_ASSIGN(const bool is_run, is_run_at_work(state.database()));
    print_note(fmt::format("{}; {} the first hours\n", begun.error().cause,
                           is_run ? "it delivers" : "the next spillway run delivers"));
    return {};
  }
  connection::agent_world world = make_one_shot_world(with);
  SPILLWAY_TRY_ASSIGN(store::state_file shared, state.share());
  connection::agent first(std::move(shared), of.id, world);
  SPILLWAY_TRY_ASSIGN(connection::step_outcome made, first.step(connection::patience::none, with.stop));
  const auto failed = [&of](const failure& why) {
    failure told = base::while_doing("delivering the first hours", why);
    if (told.hint.empty()) {  // the same command would find the connection made
      told.hint =
          fmt::format("connection {} is made: when that is put right, spillway run (--once) delivers the rest", of.id);
    }
    return told;
  };
  if (made.failed) {
    return failed(*made.failed);
  }
  if (with.output == session::output::text) {
    SPILLWAY_TRY(print(describe(connection::step_report{of, made})));
  }
  if (!made.done.failures.empty()) {
    return failed(made.done.failures.front());
  }
  return {};
}

result<exit_status> create_connection(create_options& wanted, session& with) {
  const bool asks = !wanted.yes && can_ask();
  const asking by{"setting up a connection", with.stop};
  if (asks) {
    SPILLWAY_TRY(ask_for_choices(wanted.choices, by));
  }
  SPILLWAY_TRY_ASSIGN(const model::connection asked_for, connection_of(wanted, with));
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::create));
  SPILLWAY_TRY(connection::check_allowed(state.database(), asked_for));
  if (asks) {
    SPILLWAY_TRY(show_policies(asked_for, by));
  }
  SPILLWAY_TRY_ASSIGN(const connection::opened_bucket to, open_bucket_of(asked_for, make_bucket::yes, with));
  SPILLWAY_TRY_ASSIGN(const connection::created made,
                      connection::set_up(state.database(), asked_for, to, fs::random_name(), with.clock->now()));
  if (with.output == session::output::text) {
    SPILLWAY_TRY(print(describe_created(made)));
  }
  const auto delivered = deliver_first_hours(state, made.connection, with);
  SPILLWAY_TRY_ASSIGN(const connection_facts facts, read_facts(state.database(), made.connection));
  if (with.output == session::output::json) {
    SPILLWAY_TRY(show_all({facts}, with));
  } else {
    SPILLWAY_TRY(print(notes_on(facts, with.suggested)));
  }
  return delivered ? result<exit_status>(exit_status::done) : delivered.error();
}

result<exit_status> list_connections(const connection_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(state.database()));
  std::vector<connection_facts> shown;
  for (const model::connection& each : all) {
    if (wanted.all || each.kind == model::connection_kind::scheduled) {
      SPILLWAY_TRY_ASSIGN(connection_facts facts, read_facts(state.database(), each));
      shown.push_back(std::move(facts));
    }
  }
  return show_all(shown, with);
}

result<exit_status> show_connection(const connection_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY_ASSIGN(const model::connection found, connection::require_connection(state.database(), wanted.id));
  SPILLWAY_TRY_ASSIGN(const connection_facts facts, read_facts(state.database(), found));
  return show_all({facts}, with);
}

// A claim falls with the organization's last live connection. That it could not be taken away is no reason to stop.
void drop_claim(store::state_file& state, const model::connection& last, const session& with) {
  const auto released = [&]() -> result<std::optional<std::string>> {
    SPILLWAY_TRY_ASSIGN(const bool is_claimed, connection::may_have_claimed(state.database(), last));
    if (!is_claimed) {
      return std::optional<std::string>();
    }
    SPILLWAY_TRY_ASSIGN(const connection::opened_bucket in, open_bucket_of(last, make_bucket::no, with));
    return connection::release_claim(state.database(), last, in);
  }();
  const std::string place = shown_name(last.place.destination);
  if (!released) {
    print_note(fmt::format("note: the claim in {} stays: {}\n", place,
                           base::printable(released.error().text(), base::shown_failure_bytes_max)));
  } else if (*released) {
    print_note(
        fmt::format("note: the claim in {} stays: {}; when nobody of the organization delivers there any more, "
                    "remove the object {} at the bucket's root\n",
                    place, **released, model::claim_key));
  }
}

result<exit_status> disable_connection(const connection_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY_ASSIGN(const model::connection made,
                      connection::disable(state.database(), wanted.id, with.clock->now()));
  SPILLWAY_TRY(change.commit());
  drop_claim(state, made, with);
  SPILLWAY_TRY_ASSIGN(const connection_facts facts, read_facts(state.database(), made));
  return show_all({facts}, with);
}

result<exit_status> enable_connection(const connection_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(const model::connection before, connection::require_connection(state.database(), wanted.id));
  SPILLWAY_TRY(connection::check_enable(state.database(), before));  // a claim that was put first would stay
  SPILLWAY_TRY_ASSIGN(const connection::opened_bucket to, open_bucket_of(before, make_bucket::no, with));
  SPILLWAY_TRY(connection::claim(state.database(), before, to, with.clock->now()));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY_ASSIGN(const connection::enabled made,
                      connection::enable(state.database(), wanted.id, with.clock->now()));
  SPILLWAY_TRY(change.commit());
  SPILLWAY_TRY_ASSIGN(const connection_facts facts, read_facts(state.database(), made.connection));
  return show_all({facts}, with);
}

// `heir`: who gets its history.
result<bool> is_confirmed(const connection_options& wanted, const model::connection& of,
                          const std::optional<model::connection>& heir, const session& with) {
  const std::string history =
      heir ? fmt::format("leaves its history of deliveries to connection {}, which is disabled", heir->id)
           : "removes its history of deliveries";
  print_note(fmt::format("deleting connection {} {}; what is in {} stays\n", of.id, history,
                         shown_name(of.place.destination)));
  if (wanted.yes) {
    return true;
  }
  const std::string deleting = fmt::format("deleting connection {}", of.id);
  if (!can_ask()) {
    return failure{errc::usage, deleting, "nobody can be asked", "give --yes"};
  }
  return ask("delete it?", {deleting, with.stop});
}

result<exit_status> remove_connection(const connection_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(const model::connection found, connection::require_connection(state.database(), wanted.id));
  SPILLWAY_TRY_ASSIGN(const auto heir, connection::find_disabled_twin(state.database(), found));
  SPILLWAY_TRY_ASSIGN(const bool is_wanted, is_confirmed(wanted, found, heir, with));
  if (!is_wanted) {
    return exit_status::failed;
  }
  SPILLWAY_TRY(work_if_nobody_does(state, "connection delete", with));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY(connection::remove(state.database(), wanted.id, with.clock->now()));
  SPILLWAY_TRY(change.commit());
  drop_claim(state, found, with);
  SPILLWAY_TRY(with.output == session::output::json
                   ? print_json(json::object{{"deleted", {{"connection", wanted.id}}}})
                   : print(fmt::format("deleted connection {}\n", wanted.id)));
  return exit_status::done;
}

void add_connection_id(CLI::App& verb, connection_options& wanted) {
  verb.add_option("ID", wanted.id, "The connection's number")->required();
}

void add_create(program& to, CLI::App& group) {
  auto wanted = std::make_shared<create_options>();
  CLI::App& verb =
      to.add_verb(group, "create", "Set a connection up: verified, and with its first hours delivered",
                  program::uses_state::yes, [wanted](session& with) { return create_connection(*wanted, with); });
  verb.add_option("DEST", wanted->dest, "s3://BUCKET/PREFIX or the bucket's directory")->required();
  verb.add_option("--project", wanted->project, "The project that is exported")->required()->type_name("N");
  verb.add_option("--data", wanted->choices.data, "What is exported")
      ->check(one_of<model::data_choice>())
      ->type_name("DATA")
      ->capture_default_str();
  to.add_destination_options(verb);
  to.add_put_options(verb);
  add_object_options(verb, wanted->choices.filter, wanted->marker, wanted->object_bytes_max);
  verb.add_option("--created-by", wanted->creator, "Who gets mail when access is refused")
      ->expected(2)
      ->type_name("NAME MAIL");
  verb.add_option("--account", wanted->account, "The AWS account whose role exports, for the policies that are shown")
      ->type_name("ACCOUNT");
  verb.add_option("--principal", wanted->principal,
                  "Who exports (default: arn:aws:iam::ACCOUNT:role/spillway-export-PROJECT)")
      ->type_name("ARN");
  verb.add_flag("--claim", wanted->claims, "Write into the bucket which organization it belongs to");
  verb.add_flag("--legacy-root", wanted->legacy_root, "The old kind, whose bucket trusts the whole account");
  verb.add_flag("--yes", wanted->yes, "Ask nothing");
}

}  // namespace

void add_connection(program& to) {
  auto wanted = std::make_shared<connection_options>();
  CLI::App& group = to.add_group("connection", "Standing deliveries of projects to buckets, hour by hour");
  add_create(to, group);
  CLI::App& listing = to.add_verb(group, "list", "List all connections", program::uses_state::yes,
                                  [wanted](session& with) { return list_connections(*wanted, with); });
  listing.add_flag("--all", wanted->all, "Those that export has made too");
  add_connection_id(to.add_verb(group, "show", "Show a connection", program::uses_state::yes,
                                [wanted](session& with) { return show_connection(*wanted, with); }),
                    *wanted);
  add_connection_id(
      to.add_verb(group, "enable", "Let it deliver again, where it stopped if that is less than 24 hours ago",
                  program::uses_state::yes, [wanted](session& with) { return enable_connection(*wanted, with); }),
      *wanted);
  add_connection_id(to.add_verb(group, "disable", "Begin nothing new; running jobs end", program::uses_state::yes,
                                [wanted](session& with) { return disable_connection(*wanted, with); }),
                    *wanted);
  CLI::App& deletion =
      to.add_verb(group, "delete", "Delete a connection and its history, not what is in the bucket",
                  program::uses_state::yes, [wanted](session& with) { return remove_connection(*wanted, with); });
  add_connection_id(deletion, *wanted);
  deletion.add_flag("--yes", wanted->yes, "Ask nothing");
  add_connection_migrate(to, group);
}

}  // namespace spillway::cli
