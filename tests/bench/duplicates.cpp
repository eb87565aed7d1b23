// Measures the duplicate index alone: keys of a week go through it in batches, each committed as intake does, with what
// they make due, and the log is copied behind each by another thread. Keys are numbers that were mixed, so that nothing is hashed here.
//
//   bench_duplicates STATE KEYS BATCH MEMORY_BYTES in_order|shuffled
//
// Prints a line at 1, 10, 50, 100 ... million keys, of the keys since the line before: "KEYS us/event (CPU us/event)
// bytes/key peak_MB", then how long it takes to open the file again, and a batch behind that.
#include "cli/heap.hpp"
#include "store/background_checkpoint.hpp"
#include "store/duplicate_index.hpp"
#include "store/state_file.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <sys/resource.h>

using namespace spillway;

namespace {

constexpr std::int64_t week_us = store::duplicate_window_us;
constexpr std::int64_t start_us = 18'286 * (store::duplicate_window_us / 7);
// One event in fifty comes again, of any time of the week.
constexpr std::uint64_t repeated = 50;

enum class order { in_order, shuffled };

struct wishes {
  std::filesystem::path state;
  std::uint64_t keys = 0;
  std::uint64_t batch = 0;
  store::index_limits limits;
  order times = order::in_order;
};

template <class Value>
Value must(result<Value> got) {
  if (!got) {
    fmt::print(stderr, "bench_duplicates: {}\n", got.error().text());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<Value>) {
    return std::move(*got);
  }
}

// splitmix64
std::uint64_t mixed(std::uint64_t number) {
  number = (number + 1) * 0x9e3779b97f4a7c15;
  number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
  number = (number ^ number >> 27) * 0x94d049bb133111eb;
  return number ^ number >> 31;
}

store::seen_key key_of(std::uint64_t number, const wishes& wanted) {
  const std::uint64_t place = wanted.times == order::in_order ? number : mixed(~number) % wanted.keys;
  const double fraction = static_cast<double>(place) / static_cast<double>(wanted.keys);
  return {{mixed(number), static_cast<std::uint32_t>(mixed(number ^ 0xabcdef))},
          start_us + static_cast<std::int64_t>(fraction * static_cast<double>(week_us))};
}

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double peak_mb() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1e3;
}

void merge(store::duplicate_index& index, db::database& state) {
  auto merged = must(db::transaction::begin(state));
  must(index.merge(state));
  must(merged.commit());
}

// Returns how many were kept.
std::uint64_t take_batch(store::duplicate_index& index, db::database& state, store::background_checkpoint& copies,
                         const std::vector<store::seen_key>& keys) {
  std::uint64_t kept = 0;
  for (const store::novelty each : must(index.admit(keys))) {
    kept += each == store::novelty::kept ? 1 : 0;
  }
  auto commit = must(db::transaction::begin(state));
  must(store::write_keys(state, index.take_unsaved()));
  must(commit.commit());
  must(copies.after_commit());
  return kept;
}

std::vector<store::seen_key> next_batch(std::uint64_t& number, const wishes& wanted) {
  std::vector<store::seen_key> keys;
  for (std::uint64_t i = 0; i < wanted.batch && number < wanted.keys; ++i, ++number) {
    keys.push_back(key_of(number % repeated == 0 ? mixed(number) % (number + 1) : number, wanted));
  }
  return keys;
}

void fill(const wishes& wanted) {
  store::state_file state = must(store::state_file::open(wanted.state, store::access::create));
  db::database reads = must(state.open_reader());
  store::duplicate_index index = must(store::duplicate_index::open(reads, wanted.limits));
  store::background_checkpoint copies(state.database(), must(state.open_copier()));
  std::uint64_t number = 0;
  std::uint64_t kept = 0;
  std::uint64_t line_began = 0;
  std::uint64_t next_line = 1'000'000;
  double seconds = 0;
  double cpu = 0;
  while (number < wanted.keys) {
    const std::vector<store::seen_key> keys = next_batch(number, wanted);
    const auto began = std::chrono::steady_clock::now();
    const double cpu_before = cpu_seconds();
    for (int step = 0; step < store::merge_steps_per_commit && index.needs_merge(); ++step) {
      merge(index, state.database());
    }
    kept += take_batch(index, state.database(), copies, keys);
    seconds += seconds_since(began);
    cpu += cpu_seconds() - cpu_before;
    if (number >= std::min(next_line, wanted.keys)) {
      must(state.database().checkpoint());
      const auto bytes = static_cast<double>(std::filesystem::file_size(wanted.state));
      fmt::print("{:11} {:6.2f} us/event ({:.2f} of CPU) {:6.1f} bytes/key {:5.0f} MB for the index, {:.0f} MB peak\n",
                 number, seconds * 1e6 / static_cast<double>(number - line_began),
                 cpu * 1e6 / static_cast<double>(number - line_began), bytes / static_cast<double>(kept),
                 static_cast<double>(index.memory_bytes()) / 1e6, peak_mb());
      std::fflush(stdout);
      line_began = number;
      seconds = cpu = 0;
      next_line = number < 10'000'000 ? 10'000'000 : number < 50'000'000 ? 50'000'000 : number + 50'000'000;
    }
  }
  fmt::print("{} of {} were kept\n", kept, number);
}

void open_again(const wishes& wanted) {
  auto began = std::chrono::steady_clock::now();
  store::state_file state = must(store::state_file::open(wanted.state, store::access::create));
  db::database reads = must(state.open_reader());
  store::duplicate_index index = must(store::duplicate_index::open(reads, wanted.limits));
  fmt::print("opened in {:.3f} s\n", seconds_since(began));
  std::uint64_t number = wanted.keys / 2;
  const std::vector<store::seen_key> keys = next_batch(number, wanted);
  began = std::chrono::steady_clock::now();
  must(index.admit(keys));
  fmt::print("{} keys behind that in {:.3f} s\n", keys.size(), seconds_since(began));
}

}  // namespace

int main(int argc, char** argv) {
  cli::set_up_heap();
  if (argc != 6) {
    fmt::print(stderr, "usage: bench_duplicates STATE KEYS BATCH MEMORY_BYTES in_order|shuffled\n");
    return 2;
  }
  wishes wanted{argv[1],
                std::stoull(argv[2]),
                std::stoull(argv[3]),
                {},
                std::string(argv[5]) == "shuffled" ? order::shuffled : order::in_order};
  wanted.limits.memory_bytes = std::stoull(argv[4]);
  fill(wanted);
  open_again(wanted);
}
