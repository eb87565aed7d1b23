// Runs a program to its end: what it is given on standard input, what it prints, and for how long it may.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace spillway::fs {

// ours: signals of the terminal reach it as they reach us, and it may ask somebody there for a password.
// own: what it has started is ended with it.
enum class process_group { ours, own };

// fail: more output than `output_bytes_max` ends it. drop: what is more is read and thrown away.
enum class excess_output { fail, drop };

// output: standard error goes to ours. both: it is read with standard output.
enum class output_streams { output, both };

struct program {
  std::vector<std::string> words;  // the program, looked up in PATH, and its arguments; no shell sees them
  std::string input;               // its standard input; it may stay unread
  std::optional<std::vector<std::string>> environment;  // as "NAME=value"; nullopt: ours
  process_group group = process_group::ours;
  output_streams streams = output_streams::output;
  excess_output excess = excess_output::fail;
  std::size_t output_bytes_max = std::size_t{64} << 10;
};

struct program_ending {
  std::string output;
  int exit_status = 0;  // if no signal ended it
  int signal = 0;       // 0: it ended by itself
};

// Waits until the program has ended; what it has left running in the background is not waited for. It has none of our
// files and sockets, and no signal blocked or ignored. At the deadline and on a stop it is killed: in a group of its
// own with the whole group. `program.words` is not empty. errc::not_found, errc::io: it can't be started.
// errc::too_large: it printed too much. errc::unavailable: it did not end in time. errc::interrupted. Failures say
// nothing of its words, input and output, and not what was being done. Thread rule: any thread.
result<program_ending> run_program(const program& what, std::chrono::milliseconds patience,
                                   const std::stop_token& stop);

}  // namespace spillway::fs
