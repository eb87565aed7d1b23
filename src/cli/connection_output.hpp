// How connections are shown, by their own verb and by status.
#pragma once

#include "cli/suggestion.hpp"
#include "connection/scheduler.hpp"
#include "store/connections.hpp"
#include "store/ledger.hpp"
#include "store/migration_log.hpp"

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace spillway::cli {

struct connection_facts {
  model::connection connection;
  model::organization_id organization = 0;
  std::optional<store::access_trouble> trouble;
  store::undelivered waiting;
  std::vector<store::gap> gaps;
  std::optional<store::migration_row> migration;  // that is under way
};
// Whether the worker is `spillway run`, which follows what comes meanwhile; others, and `run --once`, do what they
// began with. REQUIRES: there is a worker.
result<bool> is_run_at_work(db::database& state);

result<connection_facts> read_facts(db::database& state, model::connection of);

// {"id":1,"project":187520,"organization":36958,"destination":"/srv/bucket","endpoint":null,"kind":"scheduled",
//  "state":"enabled","data":"events","filter":null,...,"access":null,"gaps":[],"migration":null}
boost::json::object to_json(const connection_facts& facts);
std::string table_of(const std::vector<connection_facts>& all, const suggesting& suggested);

// "enabled", "disabled", "refused", "blocked"; "by export" of an implicit one.
std::string health_of(const connection_facts& facts);

// What somebody should know or do about a connection, a line each: refused access, gaps, the old kind of principal,
// a migration that is under way.
std::string notes_on(const connection_facts& facts, const suggesting& suggested);

// "2 hours delivered to s3://raw/analytics: 3 objects, 1,234 events, 12.3 MB", and what failed.
std::string describe(const connection::step_report& report);
boost::json::object to_json(const connection::step_report& report);

}  // namespace spillway::cli
