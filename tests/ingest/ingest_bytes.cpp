// What a state file holds follows from the order of lines alone.
#include "record/generator.hpp"
#include "support/ingest_run.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace spillway::ingest::ingest_bytes_tests {
namespace {

using test::ingest_run;
using test::raw_event;
using test::to_line;

// Events of several hours with segments, duplicates, applied events and rejects among them.
std::string mixed_lines(std::uint64_t events) {
  record::event_generator generator({events, 2, 5, test::test_start, 187520});
  std::string lines;
  std::string line;
  for (std::uint64_t i = 0; generator.next(line); ++i) {
    lines += line;
    if (i % 10 == 3) {
      lines += line;
    }
    if (i % 100 == 7) {
      lines += to_line({1, "identify-" + std::to_string(i), "", test::test_start, "device-1", "$identify", 0}) + "no json\n\n";
    }
    line.clear();
  }
  return lines;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

const std::string& the_lines() {
  static const std::string lines = mixed_lines(2'000);  // about 3 MiB, a segment in each hour
  return lines;
}

// What a run that nothing disturbs leaves.
const std::string& wanted_content() {
  static const std::string content = [] {
    ingest_run run(1);
    run.take_text(the_lines());
    BOOST_TEST(run.number("SELECT count(*) FROM segment") >= 2);
    return run.content();
  }();
  return content;
}

// A kill between commits: nothing after it is done, and the state file is as the last commit left it.
struct killed {};

// Files of several kinds, in many small batches.
std::vector<std::string> write_inputs(ingest_run& run) {
  run.wanted.batch_bytes = 800'000;
  const std::string lines = the_lines();
  const std::string other = test::to_lines(600, {1, "", "", test::test_start, "device-2", "view", 900});
  // Events that only their places tell apart, in files that begin with the same ones.
  std::string keyless;
  for (int i = 0; i < 900; ++i) {
    keyless += to_line({1, "", "", test::test_start, "device-3", "view", 900});
  }
  const std::string front = keyless.substr(0, keyless.find('\n', keyless.size() / 2) + 1);
  return {run.write("f.jsonl", keyless),
          run.write("g.jsonl", front + to_line({})),
          run.write("a.jsonl", lines.substr(lines.find('\n', lines.size() * 2 / 3) + 1)),
          run.write("b.gz", test::gzip_of(other)),
          run.write("c.jsonl", lines),
          run.write("d.jsonl", lines),
          run.write("e.zip", test::zip_of({{"x.jsonl", other + "bad\n"}}))};
}

// Takes in until the `nth` report; false: the run ended before it.
bool take_until(ingest_run& run, const std::vector<std::string>& inputs, int nth, const std::function<void()>& then) {
  int reports = 0;
  (void)run.try_take(inputs, [&](const progress&) {
    if (++reports == nth) {
      then();
    }
  });
  return reports >= nth;
}

BOOST_AUTO_TEST_SUITE(ingest_ingest_bytes)

BOOST_AUTO_TEST_CASE(threads_do_not_show) {
  for (const std::size_t threads : {2U, 8U}) {
    ingest_run run(threads);
    run.take_text(the_lines());
    BOOST_TEST((run.content() == wanted_content()), "with " << threads << " threads");
  }
}

BOOST_AUTO_TEST_CASE(batches_do_not_show) {
  ingest_run run;
  run.wanted.batch_bytes = 1;
  run.take_text(the_lines());
  BOOST_TEST((run.content() == wanted_content()));
}

BOOST_AUTO_TEST_CASE(an_input_in_two_files_gives_the_same_bytes) {
  const std::string& lines = the_lines();
  const std::size_t cut = lines.find('\n', lines.size() / 3) + 1;
  ingest_run in_one_run;
  in_one_run.take({in_one_run.write("a", lines.substr(0, cut)), in_one_run.write("b", lines.substr(cut))});
  BOOST_TEST((in_one_run.content() == wanted_content()));
  ingest_run in_two_runs;
  in_two_runs.take_text(lines.substr(0, cut));
  in_two_runs.take_text(lines.substr(cut));
  BOOST_TEST((in_two_runs.content() == wanted_content()));
}

BOOST_AUTO_TEST_CASE(a_growing_file_gives_the_same_bytes) {
  const std::string& lines = the_lines();
  ingest_run run;
  for (const std::size_t part : {1U, 7U, 20U, 55U, 90U, 100U}) {
    run.take({run.write("grows", lines.substr(0, lines.rfind('\n', lines.size() * part / 100) + 1))});
  }
  BOOST_TEST((run.content() == wanted_content()));
  BOOST_TEST(run.number("SELECT count(*) FROM input") == 1);
}

BOOST_AUTO_TEST_CASE(a_file_for_every_line_gives_the_same_bytes) {
  const std::string text = test::to_lines(150, {1, "", "", test::test_start, "device-1", "view", 20'000}) + "no json\n";
  ingest_run whole;
  whole.take_text(text);
  ingest_run line_by_line;
  std::vector<std::string> inputs;
  for (const std::string& line : split_lines(text)) {
    inputs.push_back(line_by_line.write("input-" + std::to_string(1'000 + inputs.size()), line));
  }
  line_by_line.take(inputs);
  BOOST_TEST((line_by_line.content() == whole.content()));
  BOOST_TEST(whole.number("SELECT count(*) FROM segment") == 2);
  ingest_run run_by_run;
  for (std::size_t i = 0; i < inputs.size(); i += 10) {
    run_by_run.take({inputs.begin() + static_cast<std::ptrdiff_t>(i),
                     inputs.begin() + static_cast<std::ptrdiff_t>(std::min(i + 10, inputs.size()))});
  }
  BOOST_TEST((run_by_run.content() == whole.content()));
}

BOOST_AUTO_TEST_CASE(a_run_that_was_killed_goes_on_where_it_was) {
  ingest_run whole;
  whole.take(write_inputs(whole));
  const std::string wanted = whole.content();
  bool reached = true;
  for (int nth = 1; reached; ++nth) {
    BOOST_TEST_CONTEXT("killed at report " << nth) {
      ingest_run run;
      const std::vector<std::string> inputs = write_inputs(run);
      try {
        reached = take_until(run, inputs, nth, [] { throw killed(); });
      } catch (const killed&) {
      }
      run.check();
      run.take(inputs);
      BOOST_TEST((run.content() == wanted));
      BOOST_TEST((!reached || nth < 100));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_every_time_comes_to_its_end) {
  ingest_run whole;
  whole.take(write_inputs(whole));
  ingest_run run;
  const std::vector<std::string> inputs = write_inputs(run);
  bool ended = false;
  // The third report: what the first one reports is only then known to be in the file.
  for (int runs = 0; !ended && runs < 200; ++runs) {
    try {
      ended = !take_until(run, inputs, 3, [] { throw killed(); });
    } catch (const killed&) {
    }
    run.check();
  }
  BOOST_TEST(ended);
  BOOST_TEST((run.content() == whole.content()));
}

BOOST_AUTO_TEST_CASE(a_run_whose_disk_was_full_goes_on_where_it_was) {
  ingest_run whole;
  whole.take(write_inputs(whole));
  ingest_run run;
  const std::vector<std::string> inputs = write_inputs(run);
  int full = 0;
  // SQLite's page limit stands for the disk's; each time there is room for a little more.
  for (std::int64_t room = 1; room < 100; room += 3) {
    const std::int64_t pages = room + run.number("PRAGMA page_count");
    REQUIRE_OK(run.state.database().execute(("PRAGMA max_page_count=" + std::to_string(pages)).c_str()));
    const auto taken = run.try_take(inputs);
    run.check();
    if (taken) {
      break;
    }
    CHECK_FAILS(taken, errc::no_space);
    ++full;
  }
  BOOST_TEST(full > 0);
  BOOST_TEST((run.content() == whole.content()));
}

BOOST_AUTO_TEST_CASE(a_run_that_was_asked_to_stop_goes_on_where_it_was) {
  ingest_run whole;
  whole.take(write_inputs(whole));
  for (int nth = 1; nth <= 6; ++nth) {
    BOOST_TEST_CONTEXT("stopped at report " << nth) {
      ingest_run run;
      const std::vector<std::string> inputs = write_inputs(run);
      std::stop_source stop;
      int reports = 0;
      const auto stop_at_nth = [&](const progress&) {
        if (++reports == nth) {
          stop.request_stop();
        }
      };
      const auto taken = run.try_take(inputs, stop_at_nth, stop.get_token());
      CHECK_FAILS(taken, errc::interrupted);
      run.check();
      run.take(inputs);
      BOOST_TEST((run.content() == whole.content()));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::ingest_bytes_tests
