// What is thrown, as a failure: at the root of the program and of each of its threads, since nothing above would catch
// it.
#pragma once

#include "base/result.hpp"

#include <exception>
#include <string>

namespace spillway::base {

// Memory and threads may run out anywhere, and are the only exceptions that are no errc::bug.
failure failure_of(const std::exception& thrown, std::string doing);

}  // namespace spillway::base
