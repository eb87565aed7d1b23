// The state file of a verb that may be run dry: the real one, or a copy.
#pragma once

#include "cli/intake_options.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace spillway::cli {

// The state file to work on, as its worker: the real one, or for a dry run a copy that goes with its owner.
class working_state {
public:
  // `wanted`: whether the real one may be made.
  static result<working_state> open(const session& with, std::string_view doing, const intake_options& options,
                                    store::access wanted);
  ~working_state();
  working_state(working_state&& other) noexcept;
  working_state& operator=(working_state&&) = delete;

  store::state_file& file() { return *file_; }

private:
  working_state() = default;
  std::filesystem::path copy_;  // the directory of the copy; empty without one
  std::optional<store::state_file> file_;
};

// Makes this process the worker, and has jobs wait again that a killed one has left running. errc::locked: another
// process is at work, and ends them.
result<void> begin_work(store::state_file& state, std::string_view doing, const session& with);

// The same if nobody else is at work. False: somebody is.
result<bool> work_if_nobody_does(store::state_file& state, std::string_view doing, const session& with);

}  // namespace spillway::cli
