// spillway project: projects, with the record form and compression that are fixed once they have an event.
#include "cli/catalog_output.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/shared_options.hpp"
#include "store/catalog.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace spillway::cli {
namespace json = boost::json;
namespace {

struct project_options {
  model::project_id id = 0;
  std::optional<model::organization_id> organization;
  std::string name;
  bool is_portfolio = false;
  std::string form = "documented";
  std::string engine = "fast";
};

result<exit_status> show_all(const std::vector<store::project_overview>& all, const session& with) {
  SPILLWAY_TRY(with.output == session::output::json ? print_json(json::object{{"projects", cli::to_json(all)}})
                                                    : print(table_of(all, {})));
  return exit_status::done;
}

result<exit_status> create_project(const project_options& wanted, session& with) {
  SPILLWAY_TRY(check_name_option(fmt::format("creating project {}", wanted.id), wanted.name));
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::create));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY_ASSIGN(const model::organization owner,
                      store::choose_organization(state.database(), wanted.organization, with.clock->now()));
  store::project_overview made;
  made.project = {wanted.id,
                  owner.id,
                  base::parse_name<model::record_form>(wanted.form).value_or(model::record_form::documented),
                  model::parse_compression(wanted.engine).value_or(model::compression{}),
                  0,
                  wanted.name,
                  wanted.is_portfolio ? model::project_kind::portfolio : model::project_kind::source};
  SPILLWAY_TRY(store::add_project(state.database(), made.project, with.clock->now()));
  SPILLWAY_TRY(change.commit());
  return show_all({made}, with);
}

result<exit_status> list_projects(session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY_ASSIGN(const auto all, store::overview_of_projects(state.database()));
  return show_all(all, with);
}

result<exit_status> show_project(const project_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY_ASSIGN(const auto all, store::overview_of_projects(state.database()));
  const auto found =
      std::ranges::find(all, wanted.id, [](const store::project_overview& each) { return each.project.id; });
  if (found == all.end()) {
    return failure{errc::not_found, fmt::format("showing project {}", wanted.id), "there is no such project",
                   "see which there are: spillway project list"};
  }
  return show_all({*found}, with);
}

result<exit_status> remove_project(const project_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY(store::remove_project(state.database(), wanted.id));
  SPILLWAY_TRY(change.commit());
  SPILLWAY_TRY(with.output == session::output::json ? print_json(json::object{{"deleted", {{"project", wanted.id}}}})
                                                    : print(fmt::format("deleted project {}\n", wanted.id)));
  return exit_status::done;
}

void add_project_id(CLI::App& verb, project_options& wanted) {
  add_id_option(verb, wanted.id, "The project's number, which its events have as app");
}

void add_create(program& to, CLI::App& group, const std::shared_ptr<project_options>& wanted) {
  CLI::App& verb = to.add_verb(group, "create", "Make a project", program::uses_state::yes,
                               [wanted](session& with) { return create_project(*wanted, with); });
  add_project_id(verb, *wanted);
  verb.add_option("--org", wanted->organization,
                  "The organization that owns it (made if absent; default: the only one)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, model::id_max).description(""));
  verb.add_option("--name", wanted->name, "What it is called")->type_name("NAME");
  verb.add_flag("--portfolio", wanted->is_portfolio, "One that gathers other projects, and is no source of exports");
  verb.add_option("--record", wanted->form, "How events are written; fixed with the first one")
      ->type_name("FORM")
      ->check(one_of<model::record_form>())
      ->capture_default_str();
  verb.add_option("--compression", wanted->engine, "fast, or zlib's level 1 to 9; fixed with the first event")
      ->type_name("ENGINE")
      ->check(CLI::IsMember({"fast", "1", "2", "3", "4", "5", "6", "7", "8", "9"}))
      ->capture_default_str();
}

}  // namespace

void add_project(program& to) {
  auto wanted = std::make_shared<project_options>();
  CLI::App& group = to.add_group("project", "Projects, whose events are exported to files of their own");
  add_create(to, group, wanted);
  to.add_verb(group, "list", "List all projects", program::uses_state::yes, list_projects);
  add_project_id(to.add_verb(group, "show", "Show a project", program::uses_state::yes,
                             [wanted](session& with) { return show_project(*wanted, with); }),
                 *wanted);
  add_project_id(
      to.add_verb(group, "delete", "Delete a project without events and deliveries", program::uses_state::yes,
                  [wanted](session& with) { return remove_project(*wanted, with); }),
      *wanted);
}

}  // namespace spillway::cli
