// Where variables of the environment come from, so that tests have others.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace spillway::base {

// Reads a variable; nullopt: it is not set, or empty.
using environment = std::function<std::optional<std::string>(const std::string& name)>;
environment system_environment();

}  // namespace spillway::base
