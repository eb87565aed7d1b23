// spillway connection migrate: added to the group by connection.cpp.
#pragma once

#include "cli/program.hpp"

namespace spillway::cli {

void add_connection_migrate(program& to, CLI::App& group);

}  // namespace spillway::cli
