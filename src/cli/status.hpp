// What status tells; the verb is in status.cpp.
#pragma once

#include "cli/catalog_output.hpp"
#include "cli/connection_output.hpp"
#include "cli/suggestion.hpp"
#include "store/mail_log.hpp"
#include "store/overview.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spillway::cli {

struct status_facts {
  std::string path;
  std::uint64_t bytes = 0;                  // of the state file
  std::uint64_t wal_bytes = 0;              // of the write-ahead log beside it
  std::optional<store::worker_row> worker;  // who has the worker lock now
  std::vector<organization_facts> organizations;
  std::vector<store::project_overview> projects;
  store::input_overview inputs;
  std::int64_t rejects = 0;  // kept lines
  struct connection_status {
    store::connection_overview overview;
    connection_facts facts;
  };
  std::vector<connection_status> connections;
  std::int64_t waiting_mails = 0;
  std::vector<store::mail_row> refused_mails;
};

// {"state_file":{...},"worker":null,"organizations":[...],"projects":[...],"inputs":{...},"rejects":0,
//  "connections":[...],"mails":{"waiting":0,"refused":[]}}
boost::json::object to_json(const status_facts& facts);
std::string describe(const status_facts& facts, const suggesting& suggested = as_it_is);

}  // namespace spillway::cli
