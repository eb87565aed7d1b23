#include "store/duplicate_index.hpp"

#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <random>
#include <unordered_map>
#include <vector>

namespace spillway::store::duplicate_index_tests {
namespace {

constexpr std::int64_t week_us = std::int64_t{7} * 24 * 3600 * 1'000'000;
constexpr std::int64_t day_us = week_us / 7;
constexpr std::size_t no_filters = 0;
constexpr std::size_t one_filter = 26'007'000;  // beside the table: of a full row
constexpr index_limits one_key{index_limits().memory_bytes, 1};
const std::int64_t start_us = base::to_us(std::chrono::sys_days{std::chrono::year{2020} / 1 / 25});

struct low_half {
  std::size_t operator()(const key_hash& hash) const { return hash.low; }
};
template <class Value>
using by_hash = std::unordered_map<key_hash, Value, low_half>;

// The rule, said without any index: the times at which each key was kept.
class model_index {
public:
  novelty admit(const seen_key& key) {
    std::vector<std::int64_t>& kept = kept_[key.hash];
    const bool near =
        std::ranges::any_of(kept, [&](std::int64_t at) { return std::abs(at - key.uploaded_at_us) <= week_us; });
    if (near) {
      return novelty::duplicate;
    }
    kept.push_back(key.uploaded_at_us);
    return novelty::kept;
  }

private:
  by_hash<std::vector<std::int64_t>> kept_;
};

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");

  duplicate_index open(index_limits limits = {}) {
    auto opened = duplicate_index::open(state.database(), limits);
    REQUIRE_OK(opened);
    return std::move(*opened);
  }
  // Without an end of the transaction, as when the process is killed in it.
  void write(duplicate_index& index) {
    REQUIRE_OK(write_keys(state.database(), index.take_unsaved()));
    if (index.needs_merge()) {
      REQUIRE_OK(index.merge(state.database()));
    }
  }
  void save(duplicate_index& index) {
    auto commit = db::transaction::begin(state.database());
    REQUIRE_OK(commit);
    write(index);
    REQUIRE_OK(commit->commit());
  }
  static std::vector<novelty> admit(duplicate_index& index, const std::vector<seen_key>& keys) {
    auto verdicts = index.admit(keys);
    REQUIRE_OK(verdicts);
    return *verdicts;
  }
  static novelty admit_one(duplicate_index& index, const seen_key& key) { return admit(index, {key}).front(); }
};

// What a random history is made of.
struct history {
  std::size_t keys = 0;
  std::size_t hashes = 0;  // distinct ones: few make many repetitions
  std::int64_t days = 0;   // over which times spread
  std::size_t batch_max = 0;
  index_limits limits;
  int reopen_percent = 0;  // after a batch
  std::uint64_t seed = 0;
  std::int64_t from_us = start_us;
};

class random_keys {
public:
  explicit random_keys(const history& of) : of_(of), engine_(of.seed) {
    for (std::size_t i = 0; i < of.hashes; ++i) {
      // Some share their first half, and some are at the ends, where the order of signed numbers would be another.
      const std::uint64_t high = below(4) == 0 ? below(2) * UINT64_MAX : engine_();
      hashes_.push_back({high, static_cast<std::uint32_t>(engine_())});
    }
  }

  seen_key next() {
    const key_hash hash = hashes_[below(hashes_.size())];
    const auto before = last_.find(hash);
    if (before == last_.end() || below(3) == 0) {
      last_[hash] = of_.from_us + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(of_.days * day_us)));
    } else {
      // As near the edge of the window as it gets, on both sides, in both directions.
      constexpr std::int64_t steps[] = {0, 1, week_us - 1, week_us, week_us + 1};
      const std::int64_t step = steps[below(std::size(steps))];
      before->second += below(2) == 0 ? step : -step;
    }
    return {hash, last_[hash]};
  }
  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(engine_);
  }

private:
  history of_;
  std::mt19937_64 engine_;
  std::vector<key_hash> hashes_;
  by_hash<std::int64_t> last_;
};

std::string describe(const seen_key& key) {
  return std::to_string(key.hash.high) + "/" + std::to_string(key.hash.low) + " at " +
         std::to_string(key.uploaded_at_us);
}

void check_history(fixture& with, const history& which) {
  random_keys random(which);
  model_index model;
  duplicate_index index = with.open(which.limits);
  std::size_t kept = 0;
  for (std::size_t done = 0; done < which.keys;) {
    std::vector<seen_key> keys(std::min<std::size_t>(which.keys - done, 1 + random.below(which.batch_max)));
    std::ranges::generate(keys, [&] { return random.next(); });
    const std::vector<novelty> verdicts = fixture::admit(index, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const novelty wanted = model.admit(keys[i]);
      kept += wanted == novelty::kept ? 1 : 0;
      BOOST_REQUIRE_MESSAGE(verdicts[i] == wanted, "key " << done + i << ": " << describe(keys[i]));
    }
    with.save(index);
    index.needs_merge();  // may plan a merge, which others come before
    done += keys.size();
    if (random.below(100) < static_cast<std::uint64_t>(which.reopen_percent)) {
      index = with.open(which.limits);
    }
  }
  BOOST_TEST(kept < which.keys);  // else the history has shown nothing
}

BOOST_FIXTURE_TEST_SUITE(store_duplicate_index, fixture)

BOOST_AUTO_TEST_CASE(a_key_is_a_duplicate_up_to_seven_days_away_in_both_directions) {
  duplicate_index index = open();
  const key_hash hash{1, 2};
  BOOST_CHECK(admit_one(index, {hash, start_us}) == novelty::kept);
  BOOST_CHECK(admit_one(index, {hash, start_us + week_us}) == novelty::duplicate);
  BOOST_CHECK(admit_one(index, {hash, start_us - week_us}) == novelty::duplicate);
  BOOST_CHECK(admit_one(index, {{1, 3}, start_us}) == novelty::kept);
  BOOST_CHECK(admit_one(index, {{2, 2}, start_us}) == novelty::kept);
  BOOST_CHECK(admit_one(index, {hash, start_us + week_us + 1}) == novelty::kept);
  BOOST_CHECK(admit_one(index, {hash, start_us - week_us - 1}) == novelty::kept);
}

BOOST_AUTO_TEST_CASE(the_window_is_counted_from_the_event_that_was_kept) {
  duplicate_index index = open();
  const key_hash hash{1, 2};
  BOOST_CHECK(admit_one(index, {hash, start_us}) == novelty::kept);
  BOOST_CHECK(admit_one(index, {hash, start_us + week_us}) == novelty::duplicate);
  // Within seven days of the duplicate, but not of what was kept.
  BOOST_CHECK(admit_one(index, {hash, start_us + week_us + day_us}) == novelty::kept);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_repeated_within_a_batch_is_kept_once) {
  duplicate_index index = open();
  const std::vector<novelty> verdicts = admit(index, {{{1, 1}, start_us}, {{2, 2}, start_us}, {{1, 1}, start_us + 1}});
  BOOST_CHECK((verdicts == std::vector{novelty::kept, novelty::kept, novelty::duplicate}));
  BOOST_CHECK(admit(index, {}).empty());
}

BOOST_AUTO_TEST_CASE(the_edges_of_the_window_hold_after_a_merge_and_in_a_fresh_index) {
  {
    duplicate_index index = open(one_key);
    BOOST_CHECK(admit_one(index, {{1, 2}, start_us + 12345}) == novelty::kept);
    save(index);
    BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM duplicate_row") == 1);
    BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM duplicate_batch") == 0);
    BOOST_CHECK(admit_one(index, {{1, 2}, start_us + 12345 + week_us}) == novelty::duplicate);
    BOOST_CHECK(admit_one(index, {{1, 2}, start_us + 12345 - week_us}) == novelty::duplicate);
  }
  duplicate_index index = open(one_key);
  BOOST_CHECK(admit_one(index, {{1, 2}, start_us + 12345 + week_us}) == novelty::duplicate);
  BOOST_CHECK(admit_one(index, {{1, 2}, start_us + 12345 - week_us}) == novelty::duplicate);
  BOOST_CHECK(admit_one(index, {{1, 2}, start_us + 12345 + week_us + 1}) == novelty::kept);
  BOOST_CHECK(admit_one(index, {{1, 2}, start_us + 12345 - week_us - 1}) == novelty::kept);
}

BOOST_AUTO_TEST_CASE(small_histories_agree_with_the_rule) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      fixture fresh;
      check_history(
          fresh,
          {300, 1 + seed * 3, 20, 1 + seed, {index_limits().memory_bytes, 1 + seed * seed % 97}, 30, seed, start_us});
    }
  }
}

BOOST_AUTO_TEST_CASE(histories_with_many_runs_agree_with_the_rule_with_filters_and_without) {
  for (const std::size_t memory_bytes : {index_limits().memory_bytes, no_filters, one_filter}) {
    BOOST_TEST_CONTEXT(memory_bytes << " bytes") {
      fixture fresh;
      check_history(fresh, {60'000, 30'000, 3, 4'000, {memory_bytes, 5'000}, 20, 7, start_us});
      // Merged, so that most rows are full.
      const std::int64_t rows = test::number_of(fresh.state.database(), "SELECT count(*) FROM duplicate_row");
      BOOST_TEST(rows > 3);
      BOOST_TEST(test::number_of(fresh.state.database(), "SELECT max(length(keys)) FROM duplicate_row") == 65'280);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_history_of_600000_keys_agrees_with_the_rule) {
  check_history(*this, {600'000, 560'000, 40, 40'000, {index_limits().memory_bytes, 150'000}, 10, 11, start_us});
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM duplicate_row") > 0);
}

// Runs of half a million keys take more than one step to merge.
BOOST_AUTO_TEST_CASE(between_the_steps_of_a_merge_every_key_is_found_also_by_a_fresh_index) {
  constexpr std::uint64_t count = 700'000;
  const index_limits limits{index_limits().memory_bytes, 100'000};
  const auto key = [](std::uint64_t number) {
    return seen_key{key_hash_of(base::hash128_of("key " + std::to_string(number))),
                    start_us + static_cast<std::int64_t>(number)};
  };
  duplicate_index index = open(limits);
  int steps = 0;
  for (std::uint64_t number = 0; number < count;) {
    std::vector<seen_key> keys;
    for (; keys.size() < 50'000; ++number) {
      keys.push_back(key(number));
    }
    BOOST_TEST(std::ranges::count(admit(index, keys), novelty::duplicate) == 0);
    save(index);
    while (index.needs_merge()) {
      ++steps;
      save(index);
      const std::vector<seen_key> sample{key(0), key(number / 3), key(number / 2), key(number - 1),
                                         key(number - 60'000)};
      BOOST_TEST(std::ranges::count(admit(index, sample), novelty::kept) == 0);
      duplicate_index again = open(limits);
      BOOST_TEST(std::ranges::count(admit(again, sample), novelty::kept) == 0);
    }
  }
  BOOST_TEST(steps > 1);
  BOOST_TEST(test::number_of(state.database(), "SELECT sum(length(keys))/17 FROM duplicate_row") == count);
  BOOST_TEST(test::number_of(state.database(), "SELECT count(DISTINCT run) FROM duplicate_row") <= 4);
}

BOOST_AUTO_TEST_CASE(weeks_that_are_left_behind_are_merged_into_one_run) {
  duplicate_index index = open(one_key);
  for (std::int64_t i = 0; i < 40; ++i) {
    admit_one(index, {{static_cast<std::uint64_t>(i), 1}, start_us + i / 10 * week_us});
    save(index);
    while (index.needs_merge()) {
      save(index);
    }
  }
  BOOST_TEST(test::number_of(state.database(), "SELECT count(DISTINCT week) FROM duplicate_row") == 4);
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM (SELECT DISTINCT week, run FROM duplicate_row)") <=
             3 + 4);
}

BOOST_AUTO_TEST_CASE(times_before_1970_have_days_too) {
  check_history(*this, {2'000, 400, 30, 100, {no_filters, 50}, 20, 3, -15 * day_us});
}

BOOST_AUTO_TEST_CASE(a_fresh_index_knows_what_was_committed_and_nothing_else) {
  for (const index_limits limits : {index_limits{}, one_key}) {
    fixture fresh;
    duplicate_index index = fresh.open(limits);
    admit_one(index, {{1, 1}, start_us});
    fresh.save(index);
    admit_one(index, {{2, 2}, start_us});
    {
      auto dropped = db::transaction::begin(fresh.state.database());
      REQUIRE_OK(dropped);
      fresh.write(index);
    }
    duplicate_index again = fresh.open(limits);
    BOOST_CHECK(admit_one(again, {{1, 1}, start_us}) == novelty::duplicate);
    BOOST_CHECK(admit_one(again, {{2, 2}, start_us}) == novelty::kept);
    fresh.save(again);
    duplicate_index last = fresh.open(limits);
    BOOST_CHECK(admit_one(last, {{2, 2}, start_us}) == novelty::duplicate);
  }
}

BOOST_AUTO_TEST_CASE(keys_are_written_as_the_header_says) {
  duplicate_index index = open();
  admit_one(index, {{0x1122334455667788, 0x99aabbcc}, 0x00'05'9c'f8'5f'f8'70'00});
  save(index);
  BOOST_TEST(test::number_of(state.database(),
                             "SELECT keys=x'8877665544332211ccbbaa990070f85ff89c0500' FROM duplicate_batch") == 1);
  auto commit = db::transaction::begin(state.database());
  REQUIRE_OK(commit);
  REQUIRE_OK(index.merge(state.database()));
  REQUIRE_OK(commit->commit());
  BOOST_TEST(test::number_of(state.database(),
                             "SELECT keys=x'8877665544332211ccbbaa9900f07b0d35' AND week=2612 FROM duplicate_row") ==
             1);
}

BOOST_AUTO_TEST_CASE(saving_nothing_writes_nothing) {
  duplicate_index index = open();
  save(index);
  admit_one(index, {{1, 1}, start_us});
  save(index);
  save(index);
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM duplicate_batch") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::duplicate_index_tests
