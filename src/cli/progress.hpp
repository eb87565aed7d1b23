// How far a long command is, in one line on standard error that is redrawn in place; nothing if that is no terminal.
//
//     1,234,567 events, 1.2 GB of 3.4 GB, 412,000 events/s, 0:12 left     taking in
//     12 of 48 hours, 1.2 GB, 0:07 left                                   delivering
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace spillway::cli {

// How far it is. Hours are delivered if hours_total is not 0, else events are taken in.
struct progress_facts {
  std::uint64_t events = 0;
  std::uint64_t raw_bytes = 0;  // read, or delivered
  std::uint64_t hours_done = 0;
  std::uint64_t hours_total = 0;
};

// At most `columns` characters, without an end of line. `raw_bytes_total` is 0 if it is not known.
std::string format_progress(const progress_facts& facts, std::uint64_t raw_bytes_total,
                            std::chrono::milliseconds elapsed, std::size_t columns);

// One a stage: rates count from when it is made. Thread rule: one thread at a time. It draws on what print_failure()
// writes to: end it first.
class progress_line {
public:
  explicit progress_line(std::uint64_t raw_bytes_total);
  ~progress_line();
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  // Costs next to nothing unless the last drawing is a tenth of a second old.
  void update(const progress_facts& now);

  // Takes the line off the screen; update() brings it back.
  void end();

private:
  using steady = std::chrono::steady_clock;

  std::uint64_t raw_bytes_total_;
  bool shows_;
  bool drawn_ = false;
  steady::time_point began_;
  std::optional<steady::time_point> drawn_at_;
};

}  // namespace spillway::cli
