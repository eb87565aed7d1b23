#include "cli/progress.hpp"

#include "base/bytes.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace spillway::cli {
namespace {

constexpr auto redraw_every = std::chrono::milliseconds{100};

// Before this, rates and what is left of the time jump about too much to be read.
constexpr auto rates_after = std::chrono::seconds{1};

constexpr std::size_t columns_if_unknown = 80;

// Carriage return, then "erase to the end of the line".
constexpr std::string_view erase = "\r\x1b[K";

bool is_drawable() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

// One less than there are: a character in the last column makes some terminals begin a line.
std::size_t columns_of_terminal() {
  struct winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return (known ? size.ws_col : columns_if_unknown) - 1;
}

// "0:12", "1:02:03".
std::string clock_text(std::chrono::seconds span) {
  const auto seconds = span.count();
  return seconds < 3600 ? fmt::format("{}:{:02}", seconds / 60, seconds % 60)
                        : fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string count(std::uint64_t number) { return grouped(static_cast<std::int64_t>(number)); }

// What is left takes as long as what is done took; empty if that can't be told.
std::string time_left(double done, double total, double elapsed_s) {
  if (done <= 0 || total < done) {
    return {};
  }
  const double left_s = elapsed_s * (total - done) / done;
  constexpr double worth_telling_max_s = 1e6;
  if (left_s > worth_telling_max_s) {
    return {};
  }
  return fmt::format(", {} left", clock_text(std::chrono::seconds{static_cast<std::int64_t>(left_s + 0.5)}));
}

}  // namespace

std::string format_progress(const progress_facts& facts, std::uint64_t raw_bytes_total,
                            std::chrono::milliseconds elapsed, std::size_t columns) {
  const double elapsed_s = std::chrono::duration<double>(elapsed).count();
  const bool knows_rates = elapsed >= rates_after;
  std::string line;
  if (facts.hours_total != 0) {
    line = fmt::format("{} of {} hours, {}", count(facts.hours_done), count(facts.hours_total),
                       base::human_bytes(facts.raw_bytes));
    if (knows_rates) {
      line += time_left(static_cast<double>(facts.hours_done), static_cast<double>(facts.hours_total), elapsed_s);
    }
    return line.substr(0, columns);
  }
  line = fmt::format("{} events, {}", count(facts.events), base::human_bytes(facts.raw_bytes));
  if (raw_bytes_total != 0) {
    line += " of " + base::human_bytes(raw_bytes_total);
  }
  if (knows_rates) {
    line +=
        fmt::format(", {} events/s", grouped(static_cast<std::int64_t>(static_cast<double>(facts.events) / elapsed_s)));
    line += time_left(static_cast<double>(facts.raw_bytes), static_cast<double>(raw_bytes_total), elapsed_s);
  }
  return line.substr(0, columns);
}

progress_line::progress_line(std::uint64_t raw_bytes_total)
    : raw_bytes_total_(raw_bytes_total), shows_(is_drawable()), began_(steady::now()) {}

progress_line::~progress_line() { end(); }

void progress_line::update(const progress_facts& now) {
  if (!shows_) {
    return;
  }
  const steady::time_point when = steady::now();
  if (drawn_at_ && when - *drawn_at_ < redraw_every) {
    return;
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(when - began_);
  print_note(fmt::format("{}{}", erase, format_progress(now, raw_bytes_total_, elapsed, columns_of_terminal())));
  drawn_ = true;
  drawn_at_ = when;
}

void progress_line::end() {
  if (drawn_) {
    print_note(erase);
    drawn_ = false;
  }
}

}  // namespace spillway::cli
