// What holds of every export, a connection's and that of one command: what may be a source, and whose a bucket is.
// Source: the specification's "You can't use portfolio projects as data sources", and that a bucket is of one
// organization.
#pragma once

#include "bucket/bucket.hpp"
#include "store/connections.hpp"

#include <optional>
#include <string>

namespace spillway::connection {

// errc::usage: a portfolio, which has no events of its own. `doing` begins the message.
result<void> check_source(const model::project& project, std::string doing);

// Whether a project that has no connection at `to` comes to a bucket that another organization has exported to.
// errc::conflict: it does.
result<void> check_exporters(db::database& state, const model::project& project, const model::place& to);

// A claim that another installation has made counts for those that make none, too. Who may not read it is not held up.
// errc::conflict: another organization has claimed the bucket.
result<void> check_claim(bucket::bucket& in, model::organization_id own);

// Whether what the store holds, or one project of it, may be exported to a place by one command, before anything is
// planned or asked of the bucket; without a project named portfolios are passed over. errc::usage: the one that is
// named is a portfolio. errc::conflict: events of several organizations, another one's connection is enabled in the
// bucket, or another one has exported there before this one ever did.
result<void> check_export(db::database& state, const model::place& to, std::optional<model::project_id> only_project);

}  // namespace spillway::connection
