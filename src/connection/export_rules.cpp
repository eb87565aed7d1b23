#include "connection/export_rules.hpp"

#include "access/claim.hpp"
#include "connection/life_cycle.hpp"
#include "store/catalog.hpp"

#include <fmt/format.h>

namespace spillway::connection {
namespace {

failure several_owners(const model::project& one, const model::project& other, const model::place& to) {
  return {errc::conflict, "exporting to " + to.destination,
          fmt::format("project {} is of organization {} and project {} of {}, and a bucket belongs to one organization",
                      one.id, one.organization, other.id, other.organization),
          fmt::format("name one project (--project {}), and another destination for each organization", one.id)};
}

}  // namespace

// Who has delivered there before goes on; who comes new to a bucket finds it another organization's.
result<void> check_exporters(db::database& state, const model::project& project, const model::place& to) {
  SPILLWAY_TRY_ASSIGN(const auto own, store::find_connection(state, project.id, to));
  SPILLWAY_TRY_ASSIGN(const auto other, store::find_other_exporter(state, to, project.organization));
  if (other && !own) {
    return failure{errc::conflict, "exporting to " + to.destination,
                   fmt::format("organization {} ({}) has exported there, and a bucket belongs to one organization",
                               other->id, other->name),
                   fmt::format("choose another destination for project {}", project.id)};
  }
  return {};
}

result<void> check_source(const model::project& project, std::string doing) {
  if (project.kind == model::project_kind::portfolio) {
    return failure{errc::usage, std::move(doing),
                   fmt::format("project {} is a portfolio, which can't be the source of an export", project.id),
                   "choose one of the projects that it gathers"};
  }
  return {};
}

result<void> check_claim(bucket::bucket& in, model::organization_id own) {
  const auto found = access::find_claim(in);
  if (!found) {
    return found.error().code == errc::denied ? result<void>() : found.error();
  }
  if (*found && (*found)->owner.id != own) {
    return failure{errc::conflict, "looking whose bucket it is",
                   fmt::format("{} is claimed by organization {} ({}) since {}", in.name(), (*found)->owner.id,
                               (*found)->owner.name, base::format_utc((*found)->claimed_at)),
                   "disable or delete the connections there first, or choose another bucket"};
  }
  return {};
}

result<void> check_export(db::database& state, const model::place& to, std::optional<model::project_id> only_project) {
  SPILLWAY_TRY_ASSIGN(const std::vector<model::project> projects, store::list_projects(state));
  const model::project* first = nullptr;
  for (const model::project& each : projects) {
    const bool is_portfolio = each.kind == model::project_kind::portfolio;
    const bool is_asked_for = only_project ? each.id == *only_project : each.events > 0 && !is_portfolio;
    if (!is_asked_for) {
      continue;
    }
    SPILLWAY_TRY(check_source(each, "exporting to " + to.destination));
    first = first == nullptr ? &each : first;
    if (each.organization != first->organization) {
      return several_owners(*first, each, to);
    }
  }
  if (first == nullptr) {
    return {};
  }
  model::connection wanted;
  wanted.project = first->id;
  wanted.place = to;
  SPILLWAY_TRY(check_owner(state, wanted));
  return check_exporters(state, *first, to);
}

}  // namespace spillway::connection
