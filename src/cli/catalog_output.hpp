// How organizations and projects are shown, by their own verbs and by status.
#pragma once

#include "model/project.hpp"
#include "store/overview.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace spillway::cli {

// An organization with the ids of its projects.
struct organization_facts {
  model::organization organization;
  std::vector<model::project_id> projects;
};
std::vector<organization_facts> facts_of(const std::vector<model::organization>& organizations,
                                         const std::vector<store::project_overview>& projects);

// {"id":1,"name":"local","administrators":["ops@example.com"],"projects":[187520]}
boost::json::object to_json(const organization_facts& facts);
// {"id":187520,"organization":1,"name":"shop","kind":"source","record":"documented","compression":"fast","events":6,"duplicates":0,"hours":2,
//  "first_hour":"2020-01-25_14","last_hour":"2020-01-25_17"}, whose hours are null without events
boost::json::object to_json(const store::project_overview& facts);

boost::json::array to_json(const std::vector<organization_facts>& all);
boost::json::array to_json(const std::vector<store::project_overview>& all);

std::string table_of(const std::vector<organization_facts>& all, std::string_view margin);
std::string table_of(const std::vector<store::project_overview>& all, std::string_view margin);

}  // namespace spillway::cli
