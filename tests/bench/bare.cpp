// Measures the machine: the least that any program has to do for an export, with the same parser and the same DEFLATE,
// and nothing to stand on. Whole lines are read, checked and encoded, duplicates left out, an object an hour written.
// There is no store, no ledger, no sync and no limit on memory, and which of two duplicates stays is left to the
// threads.
//
//   bench_bare INPUT DIRECTORY THREADS
#include "cli/heap.hpp"
#include "codec/segment.hpp"
#include "codec/stitch.hpp"
#include "model/hour.hpp"
#include "record/record_reader.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <boost/unordered/unordered_flat_set.hpp>

using namespace spillway;

namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;

template <class... Arguments>
void give_up(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
  fmt::print(stderr, "bench_bare: {}\n", fmt::format(text, std::forward<Arguments>(arguments)...));
  std::exit(1);
}

// A file in numbered blocks of whole lines. Thread rule: any thread.
class line_blocks {
public:
  explicit line_blocks(const char* name) : file_(std::fopen(name, "rb")) {
    if (file_ == nullptr) {
      give_up("can't open {}", name);
    }
    std::setvbuf(file_, nullptr, _IONBF, 0);
  }

  // The block's number; nullopt at the end.
  std::optional<std::size_t> read(std::string& block) {
    const std::scoped_lock lock(mutex_);
    block.resize(block_bytes);
    rest_.copy(block.data(), rest_.size());
    block.resize(rest_.size() + std::fread(block.data() + rest_.size(), 1, block_bytes - rest_.size(), file_));
    const std::size_t end = block.rfind('\n') + 1;
    rest_ = block.substr(end);
    block.resize(end);
    return block.empty() ? std::nullopt : std::optional(next_++);
  }

private:
  std::mutex mutex_;
  std::FILE* file_;
  std::string rest_;
  std::size_t next_ = 0;
};

class known_keys {
public:
  bool add(const record::duplicate_key& key) {
    const std::scoped_lock lock(mutex_);
    return keys_.insert(key.hash.high).second;
  }

private:
  std::mutex mutex_;
  boost::unordered_flat_set<std::uint64_t> keys_;
};

using segments_by_block = std::map<std::size_t, codec::segment>;

struct made_hours {
  std::mutex mutex;
  std::map<model::hour, segments_by_block> hours;
};

// The encoded lines of a block, by hour.
std::map<model::hour, std::string> encode(const std::string& block, record::record_reader& reader, known_keys& known) {
  std::map<model::hour, std::string> texts;
  std::string line;
  reader.look_ahead(block);
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t end = block.find('\n', at);
    line.clear();
    const auto taken = reader.take_line(std::string_view(block).substr(at, end - at), {at}, line);
    if (!taken) {
      give_up("a line can't be taken: {}", taken.error().reason);
    }
    if (!taken->key || known.add(*taken->key)) {
      texts[model::hour_of(taken->uploaded_at)] += line;
    }
    at = end + 1;
  }
  reader.look_ahead({});
  return texts;
}

void work(line_blocks& input, known_keys& known, made_hours& made) {
  record::intake_rules rules;
  rules.now = base::instant_max - record::upload_ahead_max;
  record::record_reader reader(rules, {});
  codec::segment_compressor compressor({});
  std::string block;
  while (const auto number = input.read(block)) {
    for (const auto& [hour, text] : encode(block, reader, known)) {
      auto compressed = compressor.compress(text);
      const std::scoped_lock lock(made.mutex);
      made.hours[hour].emplace(*number, std::move(*compressed));
    }
  }
}

void write_object(const std::string& name, const segments_by_block& segments) {
  std::ofstream file(name, std::ios::binary);
  file << codec::gzip_header();
  codec::text_totals totals;
  for (const auto& [number, each] : segments) {
    file << each.deflate;
    totals.append(each.text_bytes, each.text_crc32);
  }
  file << codec::gzip_trailer(totals);
  if (!file.flush()) {
    give_up("can't write {}", name);
  }
}

}  // namespace

int main(int count, char** arguments) {
  cli::set_up_heap();
  if (count != 4) {
    give_up("usage: bench_bare INPUT DIRECTORY THREADS");
  }
  line_blocks input(arguments[1]);
  known_keys known;
  made_hours made;
  std::vector<std::jthread> threads;
  for (int i = 0; i < std::atoi(arguments[3]); ++i) {
    threads.emplace_back([&] { work(input, known, made); });
  }
  threads.clear();
  for (const auto& [hour, segments] : made.hours) {
    write_object(fmt::format("{}/{}.json.gz", arguments[2], model::to_string(hour)), segments);
  }
}
