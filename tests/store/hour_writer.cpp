#include "store/hour_writer.hpp"

#include "store/catalog.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <random>
#include <string>
#include <vector>

namespace spillway::store::hour_writer_tests {
namespace {

constexpr auto mib = static_cast<std::size_t>(segment_stretch_bytes);
constexpr model::compression engine{};
const hour_key the_hour{1, {438'782}};

std::string line_of(std::size_t bytes, char filler) { return std::string(bytes - 1, filler) + "\n"; }

// Lines of every size: most are small, some are larger than a MiB.
std::vector<std::string> some_lines(std::size_t text_bytes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::string> lines;
  for (std::size_t bytes = 0; bytes < text_bytes; bytes += lines.back().size()) {
    const std::uint64_t kind = random() % 100;
    const std::size_t size = kind < 2 ? mib + random() % mib : kind < 30 ? 20'000 + random() % 60'000 : 2 + random() % 3'000;
    lines.push_back(line_of(size, static_cast<char>('a' + random() % 26)));
  }
  return lines;
}

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  base::thread_pool pool{2};
  std::int64_t appended = 0;

  fixture() {
    REQUIRE_OK(add_organization(state.database(), {1, "local"}, {}));
    REQUIRE_OK(add_project(state.database(), {1, 1, {}, engine, 0}, {}));
  }

  void append(hour_writer& to, const std::string& line, const hour_key& key = the_hour) {
    REQUIRE_OK(to.append(key, engine, line));
    ++appended;
  }

  // One commit, and the invariants behind it.
  void save(hour_writer& from) {
    hour_changes changes = from.take_changes();
    auto pending = start_compressing(changes.cuts, pool, [](std::size_t, model::compression which, std::string_view text) {
      return codec::segment_compressor(which).compress(text);
    });
    REQUIRE_OK(finish_compressing(pending));
    auto commit = db::transaction::begin(state.database());
    REQUIRE_OK(commit);
    REQUIRE_OK(write_changes(state.database(), changes));
    REQUIRE_OK(count_events(state.database(), 1, std::exchange(appended, 0)));
    REQUIRE_OK(commit->commit());
  }
  void seal() {
    hour_writer writer(state.database());
    REQUIRE_OK(writer.cut_tail(the_hour, engine));
    save(writer);
  }
  std::vector<segment_row> segments(const hour_key& key = the_hour) {
    auto found = list_segments(state.database(), key, 0, INT64_MAX);
    REQUIRE_OK(found);
    return *found;
  }
  hour_row row(const hour_key& key = the_hour) {
    auto found = find_hour(state.database(), key);
    REQUIRE_OK(found);
    BOOST_REQUIRE(found->has_value());
    return **found;
  }
};

// Which commits a history has.
enum class saving { every_line, at_random, at_the_end };

// The same lines, committed in one way or another; what the file then holds.
std::string take_in(const std::vector<std::string>& lines, saving when) {
  fixture with;
  hour_writer writer(with.state.database());
  std::mt19937_64 random(5);
  for (const std::string& line : lines) {
    with.append(writer, line);
    if (when == saving::every_line || (when == saving::at_random && random() % 20 == 0)) {
      with.save(writer);
    }
    if (when == saving::at_random && random() % 50 == 0) {
      test::check_events(with.state.database());
    }
  }
  with.save(writer);
  test::check_events(with.state.database());
  std::string whole;
  for (const std::string& line : lines) {
    whole += line;
  }
  BOOST_TEST((test::read_text(with.state.database(), the_hour) == whole));
  return test::describe_content(with.state.database());
}

BOOST_FIXTURE_TEST_SUITE(store_hour_writer, fixture)

BOOST_AUTO_TEST_CASE(a_small_hour_is_one_piece_a_commit) {
  hour_writer writer(state.database());
  append(writer, "a\n");
  append(writer, "b\n");
  save(writer);
  append(writer, "c\n");
  save(writer);
  test::check_events(state.database());
  BOOST_TEST(segments().empty());
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM piece") == 2);
  BOOST_TEST(test::read_text(state.database(), the_hour) == "a\nb\nc\n");
  BOOST_TEST(row().events == 3);
  BOOST_TEST(row().text_bytes == 6);
}

BOOST_AUTO_TEST_CASE(a_segment_holds_the_lines_that_start_in_its_mib) {
  hour_writer writer(state.database());
  append(writer, line_of(mib - 10, 'a'));
  append(writer, line_of(9, 'b'));
  append(writer, line_of(30, 'c'));  // starts at the last byte of the first MiB
  append(writer, line_of(5, 'd'));   // the first of the second
  append(writer, line_of(5, 'e'));
  save(writer);
  test::check_events(state.database());
  const std::vector<segment_row> found = segments();
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].text_offset == 0);
  BOOST_TEST(found[0].text_bytes == static_cast<std::int64_t>(mib) + 29);
  BOOST_TEST(found[0].events == 3);
  BOOST_TEST(found[0].engine == codec::engine_name(engine));
  BOOST_TEST(row().segmented_bytes == found[0].text_bytes);
}

BOOST_AUTO_TEST_CASE(a_line_that_starts_at_a_mib_starts_a_segment) {
  hour_writer writer(state.database());
  append(writer, line_of(mib, 'a'));
  save(writer);
  BOOST_TEST(segments().empty());
  append(writer, "b\n");
  save(writer);
  test::check_events(state.database());
  BOOST_TEST(segments().size() == 1U);
  BOOST_TEST(segments().front().text_bytes == static_cast<std::int64_t>(mib));
}

BOOST_AUTO_TEST_CASE(a_line_larger_than_a_mib_is_in_one_segment) {
  hour_writer writer(state.database());
  append(writer, "a\n");
  append(writer, line_of(3 * mib, 'b'));  // through the second and third MiB
  append(writer, "c\n");
  append(writer, line_of(mib, 'd'));
  append(writer, line_of(4 * mib, 'e'));
  append(writer, "f\n");
  save(writer);
  test::check_events(state.database());
  const std::vector<segment_row> found = segments();
  BOOST_REQUIRE(found.size() == 3U);
  BOOST_TEST(found[0].text_bytes == static_cast<std::int64_t>(3 * mib) + 2);
  BOOST_TEST(found[1].text_bytes == static_cast<std::int64_t>(mib) + 2);
  BOOST_TEST(found[2].text_bytes == static_cast<std::int64_t>(4 * mib));
}

BOOST_AUTO_TEST_CASE(cuts_and_bytes_do_not_depend_on_commits) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const std::vector<std::string> lines = some_lines(6 * mib, seed);
    const std::string whole = take_in(lines, saving::at_the_end);
    BOOST_TEST_CONTEXT("seed " << seed) { BOOST_TEST((take_in(lines, saving::at_random) == whole)); }
  }
}

BOOST_AUTO_TEST_CASE(a_commit_for_every_line_gives_the_same_bytes) {
  const std::vector<std::string> lines = some_lines(3 * mib, 9);
  const std::string whole = take_in(lines, saving::at_the_end);
  BOOST_TEST((take_in(lines, saving::every_line) == whole));
}

BOOST_AUTO_TEST_CASE(lines_given_together_are_cut_as_they_are_one_by_one) {
  const std::vector<std::string> lines = some_lines(8 * mib, 11);
  const std::string whole = take_in(lines, saving::at_the_end);
  hour_writer writer(state.database());
  std::mt19937_64 random(3);
  for (std::size_t i = 0; i < lines.size();) {
    std::string together;
    std::vector<std::size_t> line_bytes;
    for (const std::size_t end = std::min(lines.size(), i + random() % 40); i < end; ++i) {
      together += lines[i];
      line_bytes.push_back(lines[i].size());
    }
    REQUIRE_OK(writer.append(the_hour, engine, together, line_bytes));
    appended += static_cast<std::int64_t>(line_bytes.size());
  }
  save(writer);
  test::check_events(state.database());
  BOOST_TEST((test::describe_content(state.database()) == whole));
}

BOOST_AUTO_TEST_CASE(another_writer_goes_on_with_the_tail) {
  const std::vector<std::string> lines = some_lines(3 * mib, 4);
  const std::string whole = take_in(lines, saving::at_the_end);
  for (std::size_t i = 0; i < lines.size();) {
    hour_writer writer(state.database());
    for (std::size_t end = std::min(lines.size(), i + 40); i < end; ++i) {
      append(writer, lines[i]);
    }
    save(writer);
    test::check_events(state.database());
  }
  BOOST_TEST((test::describe_content(state.database()) == whole));
}

BOOST_AUTO_TEST_CASE(a_sealed_tail_is_a_segment_and_later_lines_start_another) {
  hour_writer writer(state.database());
  append(writer, line_of(1'000, 'a'));
  save(writer);
  seal();
  test::check_events(state.database());
  BOOST_TEST(segments().size() == 1U);
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM piece") == 0);
  seal();  // nothing is left to seal
  BOOST_TEST(segments().size() == 1U);

  hour_writer later(state.database());
  append(later, line_of(1'000, 'b'));
  append(later, line_of(mib - 2'000, 'c'));
  append(later, line_of(10, 'd'));  // the first line of the second MiB of the text
  save(later);
  test::check_events(state.database());
  const std::vector<segment_row> found = segments();
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[1].text_offset == 1'000);
  BOOST_TEST(found[1].text_bytes == static_cast<std::int64_t>(mib) - 1'000);
}

BOOST_AUTO_TEST_CASE(a_tail_is_sealed_before_its_first_commit_too) {
  hour_writer writer(state.database());
  append(writer, "a\n");
  REQUIRE_OK(writer.cut_tail(the_hour, engine));
  append(writer, "b\n");
  save(writer);
  test::check_events(state.database());
  BOOST_TEST(segments().size() == 1U);
  BOOST_TEST(test::read_text(state.database(), the_hour) == "a\nb\n");
}

BOOST_AUTO_TEST_CASE(an_hour_without_events_has_nothing_to_seal) {
  seal();
  BOOST_TEST(segments().empty());
  hour_writer writer(state.database());
  REQUIRE_OK(writer.count_duplicate(the_hour));
  REQUIRE_OK(writer.count_duplicate(the_hour));
  save(writer);
  BOOST_TEST(row().duplicates == 2);
  BOOST_TEST(row().events == 0);
  seal();
  test::check_events(state.database());
}

BOOST_AUTO_TEST_CASE(hours_and_projects_are_apart) {
  REQUIRE_OK(add_project(state.database(), {2, 1, {}, {6}, 0}, {}));
  hour_writer writer(state.database());
  const hour_key others[] = {{1, {0}}, {1, {-1}}, {1, {438'783}}};
  for (int round = 0; round < 3; ++round) {
    append(writer, "a\n");
    for (const hour_key& each : others) {
      append(writer, line_of(mib / 2 + 1, 'b'), each);
    }
    save(writer);
  }
  REQUIRE_OK(writer.append({2, the_hour.hour}, {6}, "other\n"));
  save(writer);
  REQUIRE_OK(count_events(state.database(), 2, 1));
  test::check_events(state.database());
  for (const hour_key& each : others) {
    BOOST_TEST(segments(each).size() == 1U);
  }
  BOOST_TEST(test::read_text(state.database(), the_hour) == "a\na\na\n");
  BOOST_TEST(test::read_text(state.database(), {2, the_hour.hour}) == "other\n");
}

// More tails than the writer keeps in memory: they are read from the file again when their segments are cut.
BOOST_AUTO_TEST_CASE(tails_that_memory_does_not_hold_are_cut_alike) {
  const std::size_t hours = hour_writer::cached_bytes_max / (mib / 2) + 8;
  hour_writer writer(state.database());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < hours; ++i) {
      append(writer, line_of(mib / 2 + i, static_cast<char>('a' + round)), {1, {static_cast<std::int64_t>(i)}});
    }
    save(writer);
    BOOST_TEST(writer.cached_bytes() <= hour_writer::cached_bytes_max);
  }
  test::check_events(state.database());
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM segment") == static_cast<std::int64_t>(hours));
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM segment WHERE events<>2") == 0);
}

// More hours than the writer remembers: what it forgets is in the file.
BOOST_AUTO_TEST_CASE(hours_that_memory_does_not_hold_go_on_alike) {
  constexpr std::int64_t hours = 20'100;
  hour_writer writer(state.database());
  for (const std::string line : {"first\n", "second\n", "third\n"}) {
    for (std::int64_t i = 0; i < hours; ++i) {
      append(writer, line, {1, {i}});
      if (i % (hours / 2) == hours / 2 - 1) {
        save(writer);
        writer.forget_written();
      }
    }
  }
  REQUIRE_OK(writer.cut_tail({1, {0}}, engine));
  REQUIRE_OK(writer.cut_tail({1, {hours - 1}}, engine));
  save(writer);
  BOOST_TEST(test::number_of(state.database(), "SELECT count(*) FROM hour WHERE events=3 AND text_bytes=19") == hours);
  BOOST_TEST(test::read_text(state.database(), {1, {0}}) == "first\nsecond\nthird\n");
  BOOST_TEST(test::read_text(state.database(), {1, {hours - 1}}) == "first\nsecond\nthird\n");
  BOOST_TEST(segments({1, {0}}).size() == 1U);
}

// What was taken last is written while the next lines come.
BOOST_AUTO_TEST_CASE(hours_whose_changes_are_not_in_the_file_yet_are_not_forgotten) {
  constexpr std::int64_t hours = 20'100;
  hour_writer writer(state.database());
  for (std::int64_t i = 0; i < hours; ++i) {
    append(writer, "first\n", {1, {i}});
  }
  const hour_changes under_way = writer.take_changes();
  writer.forget_written();
  append(writer, "second\n", {1, {0}});
  auto commit = db::transaction::begin(state.database());
  REQUIRE_OK(commit);
  REQUIRE_OK(write_changes(state.database(), under_way));
  REQUIRE_OK(commit->commit());
  save(writer);
  BOOST_TEST(row({1, {0}}).events == 2);
  BOOST_TEST(test::read_text(state.database(), {1, {0}}) == "first\nsecond\n");
}

BOOST_AUTO_TEST_CASE(a_transaction_that_is_rolled_back_leaves_nothing) {
  hour_writer writer(state.database());
  append(writer, "a\n");
  save(writer);
  const std::string before = test::describe_content(state.database());
  {
    hour_writer lost(state.database());
    REQUIRE_OK(lost.append(the_hour, engine, line_of(2 * mib, 'b')));
    REQUIRE_OK(lost.cut_tail(the_hour, engine));
    hour_changes changes = lost.take_changes();
    auto pending = start_compressing(changes.cuts, pool, [](std::size_t, model::compression which, std::string_view text) {
      return codec::segment_compressor(which).compress(text);
    });
    REQUIRE_OK(finish_compressing(pending));
    auto commit = db::transaction::begin(state.database());
    REQUIRE_OK(commit);
    REQUIRE_OK(write_changes(state.database(), changes));
  }
  BOOST_TEST((test::describe_content(state.database()) == before));
  test::check_events(state.database());
}

BOOST_AUTO_TEST_CASE(the_first_failure_of_compressing_is_told_when_all_have_ended) {
  hour_writer writer(state.database());
  for (std::int64_t i = 0; i < 20; ++i) {
    REQUIRE_OK(writer.append({1, {i}}, engine, "a\n"));
    REQUIRE_OK(writer.cut_tail({1, {i}}, engine));
  }
  hour_changes changes = writer.take_changes();
  BOOST_TEST(changes.cuts.size() == 20U);
  std::atomic<int> ended = 0;
  auto pending = start_compressing(changes.cuts, pool, [&](std::size_t, model::compression, std::string_view) -> result<codec::segment> {
    if (++ended == 3) {
      return failure{errc::too_large, "compressing", "the third", {}};
    }
    return codec::segment{};
  });
  CHECK_FAILS(finish_compressing(pending), errc::too_large);
  BOOST_TEST(ended == 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::hour_writer_tests
