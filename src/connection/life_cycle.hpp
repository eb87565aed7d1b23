// Disable, enable, delete: what each does to a connection's history and to the hours that it is to deliver.
//
// Of a project and a place at most one connection is enabled, and it has the history of all that came before it. So
// hours are never delivered twice, and late events of hours that an earlier connection delivered find their way.
//
// Thread rule: as the database. Every function needs a transaction of its caller's.
#pragma once

#include "store/connections.hpp"

#include <optional>
#include <string>

namespace spillway::connection {

// The connection with this id. errc::not_found; errc::usage: it is an implicit one, which has no life cycle.
result<model::connection> require_connection(db::database& state, model::connection_id id);

// Nothing new is begun; jobs that are running end. Refusals that are no incident yet are forgotten: enabled again, they
// are counted anew. errc::conflict: it is disabled already.
result<model::connection> disable(db::database& state, model::connection_id id, base::instant now);

struct enabled {
  model::connection connection;
  std::optional<store::gap> gap;  // hours that nobody delivers by themselves
};

// Whether none but `of` is enabled there. errc::conflict, which begins with `doing`: another one is.
result<void> check_alone(db::database& state, const model::connection& of, std::string doing);

// errc::conflict: it is enabled; another connection delivers there; another organization has the bucket; or it is
// being migrated.
result<void> check_enable(db::database& state, const model::connection& of);

// Within 24 hours it goes on where it stopped; later with today, and what lies between is a gap. errc::conflict: see
// check_enable().
result<enabled> enable(db::database& state, model::connection_id id, base::instant now);

// What sets a connection up that goes on with the history of one that `export` has made: "spillway connection create
// --project 1 ./bucket".
std::string create_command(const model::connection& implicit);

// What fills a gap: "spillway backfill 1 --from 2020-01-25 --to 2020-01-26".
std::string backfill_command(model::connection_id of, const store::gap& gap);

// The first hour of events, from its start on, that a disabled connection has not delivered. One of merged IDs only
// passes over all of those behind the history that it has. None: nobody has ever delivered events there.
result<std::optional<model::hour>> find_stop(db::database& state, const model::connection& of);

// Of the same project and place, the connection that was disabled last: it has the history, if none that is enabled
// has it, and gets that of one that is deleted. nullopt: there is none, and the history goes.
result<std::optional<model::connection>> find_disabled_twin(db::database& state, const model::connection& of);

// Takes the connection away with its history, which goes to the disabled connection that it took over from, if that is
// still there: enabled again, that one goes on where this one stopped. What is in the bucket stays. errc::conflict: a
// job is running; or it is being migrated.
result<void> remove(db::database& state, model::connection_id id, base::instant now);

// errc::conflict: another organization's connection is enabled there.
result<void> check_owner(db::database& state, const model::connection& of);

}  // namespace spillway::connection
