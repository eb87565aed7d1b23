// Merged Amplitude IDs, from lines of their own and from events, on their way into the state file.
#include "store/merge_log.hpp"
#include "support/ingest_run.hpp"

#include <random>
#include <string>
#include <vector>

namespace spillway::ingest::ingest_merges_tests {
namespace {

using test::ingest_run;
using test::test_start;
using test::to_lines;

constexpr std::int64_t start_ms = test_start.time_since_epoch().count() / 1000;

std::string merge_line(std::int64_t amplitude_id, model::organization_id organization = 1, std::int64_t behind_ms = 0) {
  return model::to_line({organization, start_ms, start_ms + behind_ms, amplitude_id, 8});
}

// An event at the start of the tests' hour that says the merge of `amplitude_id`.
std::string telling_event(std::int64_t amplitude_id, const std::string& insert_id, model::project_id project = 1) {
  std::string line = test::to_line({project, insert_id, "", test_start, "device-1", "view", 0});
  line.resize(line.size() - 2);
  return line + ",\"amplitude_id\":" + std::to_string(amplitude_id) + ",\"data\":{\"merged_amplitude_id\":8}}\n";
}

class merge_run : public ingest_run {
public:
  using ingest_run::ingest_run;

  // "9 10 " in the order in which they were taken in.
  std::string ids(model::organization_id organization = 1) {
    const auto read = store::read_merges(state.database(), organization, model::hour_of(test_start), 1'000'000);
    REQUIRE_OK(read);
    std::string all;
    for (const model::merge& each : *read) {
      BOOST_TEST(each.organization == organization);
      all += std::to_string(each.amplitude_id) + ' ';
    }
    return all;
  }
  void check_counts(const summary& taken, const store::input_counts& due, std::int64_t merges) {
    BOOST_TEST(taken.total.received == due.received);
    BOOST_TEST(taken.total.stored == due.stored);
    BOOST_TEST(taken.total.duplicates == due.duplicates);
    BOOST_TEST(taken.total.applied == due.applied);
    BOOST_TEST(taken.total.rejected == due.rejected);
    BOOST_TEST(taken.merges == merges);
  }
};

// Merges of three hours and two organizations, old and new, among events that say some, duplicates and rejects.
std::string mixed_lines(std::size_t count) {
  std::mt19937 random(7);
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<std::int64_t>(random() % (count / 2));
    switch (random() % 8) {
      case 0:
      case 1: lines += merge_line(id, 1 + random() % 2, static_cast<std::int64_t>(random() % 3) * 3'600'000); break;
      case 2: lines += telling_event(id, std::to_string(random() % count), 1 + random() % 3); break;
      case 3: lines += test::to_line({1, "i" + std::to_string(i), "", test_start, "device-1", "$identify", 0}); break;
      case 4: lines += merge_line(id, 0); break;
      case 5: lines += "no json\n"; break;
      default:
        lines += test::to_line({1, std::to_string(random() % count), "", test_start, "device-1", "view", 300});
        break;
    }
  }
  return lines;
}

BOOST_FIXTURE_TEST_SUITE(ingest_ingest_merges, merge_run)

BOOST_AUTO_TEST_CASE(a_new_merge_is_applied_and_one_that_is_there_a_duplicate) {
  check_counts(take_text(merge_line(10) + merge_line(9) + merge_line(10)), {3, 0, 1, 2, 0}, 2);
  BOOST_TEST(ids() == "10 9 ");
  check_counts(take_text(merge_line(9) + merge_line(7)), {2, 0, 1, 1, 0}, 1);
  BOOST_TEST(ids() == "10 9 7 ");
}

BOOST_AUTO_TEST_CASE(merges_stand_among_events_in_any_input) {
  const std::string lines = to_lines(3) + merge_line(9) + "no json\n" + merge_line(10, 0) + to_lines(1) + merge_line(9);
  check_counts(take_text(lines), {8, 3, 2, 1, 2}, 1);
  check_counts(take({write("again.gz", test::gzip_of(lines))}), {8, 0, 6, 0, 2}, 0);
  check_counts(take({write("again.zip", test::zip_of({{"-1_2020-01-25_14.json", merge_line(7)}}))}), {1, 0, 0, 1, 0},
               1);
  BOOST_TEST(ids() == "9 7 ");
  BOOST_TEST(number("SELECT count(*) FROM hour") == 1);
}

BOOST_AUTO_TEST_CASE(a_second_run_of_a_file_adds_nothing) {
  const std::string input = write("merges", mixed_lines(100));
  take({input});
  const std::string before = content();
  check_counts(take({input}), {}, 0);
  BOOST_TEST((content() == before));
}

BOOST_AUTO_TEST_CASE(the_organization_of_a_merge_is_made_on_first_sight) {
  take_text(merge_line(9, 36958) + merge_line(10, 36958));
  BOOST_TEST(number("SELECT count(*) FROM organization WHERE id=36958 AND name='organization 36958'") == 1);
  BOOST_TEST(ids(36958) == "9 10 ");
  BOOST_TEST(number("SELECT count(*) FROM project") == 0);
  // The next run finds the organization of this one again.
  REQUIRE_OK(store::choose_organization(state.database(), std::nullopt, test::test_now));
}

// The organization that a project gets which comes behind these lines, in the same run or in the next one.
struct fresh_file : merge_run {
  std::int64_t owner_behind(const std::string& lines, std::size_t runs) {
    REQUIRE_OK(state.database().execute("DELETE FROM organization"));
    wanted.projects.organization.reset();
    if (runs == 1) {
      take_text(lines + to_lines(1));
    } else {
      take_text(lines);
      take_text(to_lines(1));
    }
    return number("SELECT organization_id FROM project");
  }
};

BOOST_AUTO_TEST_CASE(merges_make_no_organization_but_their_own_and_a_project_belongs_to_the_first) {
  const std::tuple<std::string, std::int64_t, std::int64_t> cases[] = {
      {merge_line(9, 36958), 36958, 1}, {merge_line(9, 36958) + merge_line(9, 5), 36958, 2}, {"", 1, 1}};
  for (const auto& [lines, owner, organizations] : cases) {
    for (const std::size_t runs : {1U, 2U}) {
      fresh_file file;
      BOOST_TEST(file.owner_behind(lines, runs) == owner);
      BOOST_TEST(file.number("SELECT count(*) FROM organization") == organizations);
    }
  }
  fresh_file file;
  BOOST_TEST(file.owner_behind(to_lines(1) + merge_line(9, 36958), 1) == 1);
  BOOST_TEST(file.number("SELECT count(*) FROM organization WHERE name='local'") == 1);
}

BOOST_AUTO_TEST_CASE(with_an_organization_named_merges_of_others_are_rejects) {
  wanted.rules.only_organization = 1;
  check_counts(take_text(merge_line(9) + merge_line(9, 36958)), {2, 0, 0, 1, 1}, 1);
  BOOST_TEST(number("SELECT count(*) FROM organization") == 1);
  BOOST_TEST(number("SELECT reason='scope is -36958, but only organization 1 is taken in' FROM reject") == 1);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_stored_says_its_merge) {
  REQUIRE_OK(store::add_organization(state.database(), {36958, "other"}, {}));
  REQUIRE_OK(store::add_project(state.database(), {5, 36958, {}, {}, 0}, {}));
  check_counts(take_text(telling_event(9, "a") + telling_event(10, "b", 5)), {2, 2, 0, 0, 0}, 2);
  BOOST_TEST(ids() == "9 ");
  BOOST_TEST(ids(36958) == "10 ");
  const auto read = store::read_merges(state.database(), 1, model::hour_of(test_start), 1).value().at(0);
  BOOST_CHECK((read == model::merge{1, start_ms, start_ms, 9, 8}));
}

BOOST_AUTO_TEST_CASE(an_event_that_is_a_duplicate_says_none) {
  check_counts(take_text(telling_event(9, "a") + telling_event(10, "a")), {2, 1, 1, 0, 0}, 1);
  check_counts(take_text(telling_event(11, "a")), {1, 0, 1, 0, 0}, 0);
  BOOST_TEST(ids() == "9 ");
}

BOOST_AUTO_TEST_CASE(a_merge_from_an_event_and_from_a_line_is_one) {
  check_counts(take_text(telling_event(9, "a") + telling_event(9, "b") + merge_line(9)), {3, 2, 1, 0, 0}, 1);
  check_counts(take_text(merge_line(10) + telling_event(10, "c")), {2, 1, 0, 1, 0}, 1);
  BOOST_TEST(ids() == "9 10 ");
}

BOOST_AUTO_TEST_CASE(whatever_comes_every_line_is_accounted_for_once) {
  const std::string lines = mixed_lines(2'000);
  const summary taken = take_text(lines);  // checks the sum of every input and of all
  BOOST_TEST(taken.total.received == 2'000);
  BOOST_TEST(taken.merges == number("SELECT count(*) FROM merge_record"));
  const std::int64_t told = taken.merges - (taken.total.applied - number("SELECT count(*) FROM applied"));
  BOOST_TEST(told > 0);
  BOOST_TEST(told < taken.total.stored);
  BOOST_TEST(taken.total.duplicates > number("SELECT sum(duplicates) FROM hour"));
  BOOST_TEST(number("SELECT count(*) FROM merge_record WHERE hour<>merge_server_time/3600000") == 0);
}

BOOST_AUTO_TEST_CASE(threads_and_batches_do_not_show) {
  const std::string lines = mixed_lines(1'000);
  take_text(lines);
  for (const std::size_t batch_bytes : {std::size_t{1}, std::size_t{20'000}}) {
    merge_run other(4);
    other.wanted.batch_bytes = batch_bytes;
    other.take_text(lines);
    BOOST_TEST((other.content() == content()), batch_bytes << " bytes a batch");
  }
}

struct killed {};

BOOST_AUTO_TEST_CASE(a_run_that_was_killed_goes_on_where_it_was) {
  const auto write_inputs = [](merge_run& run) {
    run.wanted.batch_bytes = 1;
    std::vector<std::string> inputs;
    for (const char* name : {"a", "b", "c", "d"}) {
      inputs.push_back(run.write(name, mixed_lines(50) + merge_line(name[0])));
    }
    return inputs;
  };
  take(write_inputs(*this));
  bool reached = true;
  for (int nth = 1; reached && nth < 100; ++nth) {
    BOOST_TEST_CONTEXT("killed at report " << nth) {
      merge_run run;
      const std::vector<std::string> inputs = write_inputs(run);
      int reports = 0;
      reached = false;
      try {
        (void)run.try_take(inputs, [&](const progress&) {
          if (++reports == nth) {
            reached = true;
            throw killed();
          }
        });
      } catch (const killed&) {
      }
      run.check();
      run.take(inputs);
      BOOST_TEST((run.content() == content()));
    }
  }
  BOOST_TEST(!reached);
}

// A batch whose commit fails leaves neither its merges nor their organization.
BOOST_AUTO_TEST_CASE(merges_come_with_their_batch_or_not_at_all) {
  REQUIRE_OK(
      state.database().execute("CREATE TRIGGER refuse BEFORE INSERT ON reject BEGIN SELECT RAISE(ABORT, 'no'); END"));
  const std::string input = write("merges", merge_line(9, 36958) + telling_event(10, "a") + "no json\n");
  BOOST_TEST(!try_take({input}).has_value());
  BOOST_TEST(number("SELECT count(*) FROM merge_record") == 0);
  BOOST_TEST(number("SELECT count(*) FROM organization") == 1);
  REQUIRE_OK(state.database().execute("DROP TRIGGER refuse"));
  check_counts(take({input}), {3, 1, 0, 1, 1}, 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::ingest_merges_tests
