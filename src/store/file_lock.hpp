// The lock of a state file: exclusive with who makes the file or works on it, given back by the kernel when the process
// ends, however it ends. Thread rule: any thread; the lock belongs to the open file behind the descriptor.
#pragma once

#include "base/result.hpp"

#include <chrono>

namespace spillway::store {

// Failures do not say what was being done: who asks does.
// Takes it, waiting for at most so long. False: somebody else has it.
result<bool> take_file_lock(int file, std::chrono::milliseconds wait_max);

// The lock of who migrates a connection, beside the one above: also of who does not work on the file. Given back in
// the same way. False: somebody else has it. REQUIRES: the file is open for writing.
result<bool> take_migration_lock(int file);

// False: somebody has it. Asked with a shared lock, for microseconds.
result<bool> is_file_lock_free(int file);

}  // namespace spillway::store
