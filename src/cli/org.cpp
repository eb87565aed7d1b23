// spillway org: organizations, which own projects.
#include "base/bytes.hpp"
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

struct org_options {
  model::organization_id id = 0;
  std::string name;
  std::vector<std::string> administrators;
};

result<std::vector<organization_facts>> read_all(db::database& state) {
  SPILLWAY_TRY_ASSIGN(const auto organizations, store::list_organizations(state));
  SPILLWAY_TRY_ASSIGN(const auto projects, store::overview_of_projects(state));
  return cli::facts_of(organizations, projects);
}

result<organization_facts> read_one(db::database& state, model::organization_id id) {
  SPILLWAY_TRY_ASSIGN(const auto all, read_all(state));
  const auto found = std::ranges::find(all, id, [](const organization_facts& each) { return each.organization.id; });
  if (found == all.end()) {
    return failure{errc::not_found, fmt::format("showing organization {}", id), "there is no such organization",
                   "see which there are: spillway org list"};
  }
  return *found;
}

result<exit_status> show_all(const std::vector<organization_facts>& all, const session& with) {
  SPILLWAY_TRY(with.output == session::output::json ? print_json(json::object{{"organizations", cli::to_json(all)}})
                                                    : print(table_of(all, {})));
  return exit_status::done;
}

result<model::organization> organization_of(const org_options& wanted, const std::string& name) {
  model::organization made{wanted.id, name, {}};
  for (const std::string& each : wanted.administrators) {
    SPILLWAY_TRY_ASSIGN(std::string address, mail_option("--admin", each));
    made.administrators.push_back(std::move(address));
  }
  return made;
}

result<exit_status> create_organization(const org_options& wanted, session& with) {
  const std::string name = wanted.name.empty() ? fmt::format("organization {}", wanted.id) : wanted.name;
  SPILLWAY_TRY(check_name_option(fmt::format("creating organization {}", wanted.id), name));
  SPILLWAY_TRY_ASSIGN(const model::organization made, organization_of(wanted, name));
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::create));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY(store::add_organization(state.database(), made, with.clock->now()));
  SPILLWAY_TRY(change.commit());
  return show_all({{made, {}}}, with);
}

result<exit_status> list_organizations(session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY_ASSIGN(const auto all, read_all(state.database()));
  return show_all(all, with);
}

result<exit_status> show_organization(const org_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY_ASSIGN(const organization_facts found, read_one(state.database(), wanted.id));
  return show_all({found}, with);
}

result<exit_status> change_organization(const org_options& wanted, session& with) {
  const std::string doing = fmt::format("changing organization {}", wanted.id);
  if (wanted.name.empty() && wanted.administrators.empty()) {
    return failure{errc::usage, doing, "nothing is to be changed",
                   "give --name NAME, or --admin MAIL for each of them"};
  }
  SPILLWAY_TRY(check_name_option(doing, wanted.name));
  SPILLWAY_TRY_ASSIGN(const model::organization changed, organization_of(wanted, wanted.name));
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY(store::change_organization(state.database(), changed));
  SPILLWAY_TRY(change.commit());
  SPILLWAY_TRY_ASSIGN(const organization_facts found, read_one(state.database(), wanted.id));
  return show_all({found}, with);
}

result<exit_status> remove_organization(const org_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state.database()));
  SPILLWAY_TRY(store::remove_organization(state.database(), wanted.id));
  SPILLWAY_TRY(change.commit());
  SPILLWAY_TRY(with.output == session::output::json
                   ? print_json(json::object{{"deleted", {{"organization", wanted.id}}}})
                   : print(fmt::format("deleted organization {}\n", wanted.id)));
  return exit_status::done;
}

void add_organization_id(CLI::App& verb, org_options& wanted) {
  add_id_option(verb, wanted.id, "The organization's number");
}

void add_change(program& to, CLI::App& group, const std::shared_ptr<org_options>& wanted) {
  CLI::App& verb =
      to.add_verb(group, "change", "Change the name or the administrators of an organization", program::uses_state::yes,
                  [wanted](session& with) { return change_organization(*wanted, with); });
  add_organization_id(verb, *wanted);
  verb.add_option("--name", wanted->name, "What it is called from now on")->type_name("NAME")->check(not_empty());
  verb.add_option("--admin", wanted->administrators,
                  "Who gets mail when access is refused, in place of those who do; may be given again")
      ->type_name("MAIL");
}

}  // namespace

void add_org(program& to) {
  auto wanted = std::make_shared<org_options>();
  CLI::App& group = to.add_group("org", "Organizations, which own projects");
  CLI::App& made = to.add_verb(group, "create", "Make an organization", program::uses_state::yes,
                               [wanted](session& with) { return create_organization(*wanted, with); });
  add_organization_id(made, *wanted);
  made.add_option("--name", wanted->name, "What it is called (default: \"organization ID\")")->type_name("NAME");
  made.add_option("--admin", wanted->administrators, "Who gets mail when access is refused; may be given again")
      ->type_name("MAIL");
  add_change(to, group, wanted);
  to.add_verb(group, "list", "List all organizations", program::uses_state::yes, list_organizations);
  add_organization_id(to.add_verb(group, "show", "Show an organization", program::uses_state::yes,
                                  [wanted](session& with) { return show_organization(*wanted, with); }),
                      *wanted);
  add_organization_id(to.add_verb(group, "delete", "Delete an organization without projects", program::uses_state::yes,
                                  [wanted](session& with) { return remove_organization(*wanted, with); }),
                      *wanted);
}

}  // namespace spillway::cli
