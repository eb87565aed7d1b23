// The bucket of a connection, opened with the settings that it names.
#pragma once

#include "cli/destination.hpp"
#include "connection/agent.hpp"

namespace spillway::cli {

// The command line's options as a connection keeps them, and back: a CA bundle by its absolute path. `endpoint` is the
// place's.
model::access_settings access_settings_of(const aws_choice& chosen);
aws_choice aws_choice_of(const model::access_settings& kept, const std::string& endpoint);

// errc::usage: the environment now names another endpoint than the connection was made for.
result<connection::opened_bucket> open_bucket_of(const model::connection& of, make_bucket make, const session& with);

// For agents, on any thread. `with` outlives it.
connection::bucket_opener make_opener(const session& with);

// Of agents that take one step for a command: nothing is tried again at random, and nobody is told but the person
// there.
connection::agent_world make_one_shot_world(const session& with);

}  // namespace spillway::cli
