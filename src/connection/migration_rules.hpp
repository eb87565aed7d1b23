// What migrations forbid to everybody else.
#pragma once

#include "store/connections.hpp"

namespace spillway::connection {

// For set-up. errc::conflict: a migration of the project is under way in that place, which has the history; or the
// wanted one is of the old kind, and a migration of the project in that bucket is finished. Source: the specification's
// "Will it be possible to roll back to the previous bucket policy?": no.
result<void> check_migrations(db::database& state, const model::connection& wanted);

// For the life cycle. errc::conflict: the connection is part of a migration that is not finished; only its new one may
// be enabled again.
result<void> check_may_be_enabled(db::database& state, model::connection_id id);
result<void> check_may_be_deleted(db::database& state, model::connection_id id);

}  // namespace spillway::connection
