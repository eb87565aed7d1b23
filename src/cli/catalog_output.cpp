#include "cli/catalog_output.hpp"

#include "cli/json_output.hpp"
#include "cli/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

template <class Facts>
json::array array_of(const std::vector<Facts>& all) {
  json::array made;
  for (const Facts& each : all) {
    made.push_back(cli::to_json(each));
  }
  return made;
}

template <class Values>
std::string list_of(const Values& values) {
  return values.empty() ? "-" : fmt::format("{}", fmt::join(values, ", "));
}

std::string text_of(const std::optional<model::hour>& which) { return which ? model::to_string(*which) : "-"; }

}  // namespace

std::vector<organization_facts> facts_of(const std::vector<model::organization>& organizations,
                                         const std::vector<store::project_overview>& projects) {
  std::vector<organization_facts> all;
  for (const model::organization& each : organizations) {
    organization_facts made{each, {}};
    for (const store::project_overview& candidate : projects) {
      if (candidate.project.organization == each.id) {
        made.projects.push_back(candidate.project.id);
      }
    }
    all.push_back(std::move(made));
  }
  return all;
}

json::object to_json(const organization_facts& facts) {
  return {{"id", facts.organization.id},
          {"name", facts.organization.name},
          {"administrators",
           json::array(facts.organization.administrators.begin(), facts.organization.administrators.end())},
          {"projects", json::array(facts.projects.begin(), facts.projects.end())}};
}

json::object to_json(const store::project_overview& facts) {
  return {{"id", facts.project.id},
          {"organization", facts.project.organization},
          {"name", text_or_null(facts.project.name)},
          {"kind", json::string(model::to_string(facts.project.kind))},
          {"record", json::string(model::to_string(facts.project.form))},
          {"compression", model::to_string(facts.project.engine)},
          {"events", facts.project.events},
          {"duplicates", facts.duplicates},
          {"hours", facts.hours},
          {"first_hour", json_hour(facts.first_hour)},
          {"last_hour", json_hour(facts.last_hour)}};
}

json::array to_json(const std::vector<organization_facts>& all) { return array_of(all); }
json::array to_json(const std::vector<store::project_overview>& all) { return array_of(all); }

std::string table_of(const std::vector<organization_facts>& all, std::string_view margin) {
  table shown({{"ORGANIZATION", align::right}, {"NAME"}, {"ADMINISTRATORS"}, {"PROJECTS"}});
  for (const organization_facts& each : all) {
    shown.add({fmt::format("{}", each.organization.id), each.organization.name,
               list_of(each.organization.administrators), list_of(each.projects)});
  }
  return shown.text(margin);
}

std::string table_of(const std::vector<store::project_overview>& all, std::string_view margin) {
  table shown({{"PROJECT", align::right},
               {"NAME"},
               {"ORGANIZATION", align::right},
               {"RECORD"},
               {"COMPRESSION"},
               {"EVENTS", align::right},
               {"DUPLICATES", align::right},
               {"HOURS", align::right},
               {"FIRST HOUR"},
               {"LAST HOUR"}});
  for (const store::project_overview& each : all) {
    const bool is_portfolio = each.project.kind == model::project_kind::portfolio;
    const std::string name = each.project.name.empty() ? "-" : each.project.name;
    shown.add({fmt::format("{}", each.project.id), name + (is_portfolio ? " (portfolio)" : ""),
               fmt::format("{}", each.project.organization),
               std::string(model::to_string(each.project.form)), model::to_string(each.project.engine),
               grouped(each.project.events), grouped(each.duplicates), grouped(each.hours), text_of(each.first_hour),
               text_of(each.last_hour)});
  }
  return shown.text(margin);
}

}  // namespace spillway::cli
