#include "ingest/resume.hpp"

#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace spillway::ingest::resume_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  store::state_file state = test::open_state(dir / "state.db");

  std::string write(const std::string& name, std::string_view text) {
    REQUIRE_OK(fs::write_file(dir / name, text, 0600));
    return (dir / name).string();
  }
  // The row of an input of which `taken` was taken in.
  static store::input_row row_of(std::string_view taken, store::input_end end, std::size_t head_bytes = store::input_head_bytes) {
    store::input_row row;
    row.name = "known";
    row.head_bytes = std::min(taken.size(), head_bytes);
    row.head_hash = base::hash128_of(taken.substr(0, row.head_bytes));
    row.progress = {taken.size(), base::hash128_of(taken), taken.size(), 1};
    row.end = end;
    return row;
  }
  std::int64_t know(std::string_view taken, store::input_end end = store::input_end::finished) {
    const store::input_row row = row_of(taken, end);
    const auto id = store::add_input(state.database(), row, {});
    REQUIRE_OK(id);
    REQUIRE_OK(store::advance_input(state.database(), *id, row.progress, {}, end));
    return *id;
  }
  resumption look_up(const std::string& name, const std::vector<store::input_row>& rows = {}) {
    inputs_under_way under_way;
    std::ranges::for_each(rows, [&](const store::input_row& row) { under_way.add(row); });
    const auto found = resume(state.database(), under_way, name);
    REQUIRE_OK(found);
    return *found;
  }
};

std::string text_of(std::size_t bytes, char filler = 'x') { return std::string(bytes, filler); }

BOOST_FIXTURE_TEST_SUITE(ingest_resume, fixture)

BOOST_AUTO_TEST_CASE(an_unknown_file_is_fresh_and_has_a_head) {
  for (const std::size_t bytes : {1U, 255U, 256U, 1'000U}) {
    const std::string text = text_of(bytes);
    const resumption found = look_up(write("a", text));
    BOOST_CHECK(found.what == freshness::fresh);
    BOOST_TEST(found.row.id == 0);
    BOOST_TEST(found.row.name == (dir / "a").string());
    BOOST_TEST(found.row.head_bytes == std::min<std::size_t>(bytes, 256));
    BOOST_CHECK(found.row.head_hash == base::hash128_of(text.substr(0, 256)));
    BOOST_TEST(found.row.progress.raw_bytes == 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_known_file_is_found_by_its_bytes) {
  for (const std::size_t bytes : {1U, 255U, 256U, 257U, 5'000U}) {
    const std::int64_t id = know(text_of(bytes));
    const resumption found = look_up(write("another name", text_of(bytes)));
    BOOST_CHECK(found.what == freshness::taken);
    BOOST_TEST(found.row.id == id);
    BOOST_TEST(found.row.name == (dir / "another name").string());
    REQUIRE_OK(state.database().execute("DELETE FROM input"));
  }
}

BOOST_AUTO_TEST_CASE(what_stands_behind_the_known_front_is_new) {
  for (const std::size_t bytes : {1U, 255U, 256U, 5'000U}) {
    const std::int64_t id = know(text_of(bytes));
    const resumption found = look_up(write("a", text_of(bytes) + "more"));
    BOOST_CHECK(found.what == freshness::grown);
    BOOST_TEST(found.row.id == id);
    BOOST_TEST(found.row.progress.raw_bytes == bytes);
    REQUIRE_OK(state.database().execute("DELETE FROM input"));
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_was_not_taken_to_its_end_goes_on) {
  know(text_of(5'000), store::input_end::open);
  BOOST_CHECK(look_up(write("a", text_of(5'000))).what == freshness::grown);
}

BOOST_AUTO_TEST_CASE(another_file_with_the_same_head_is_fresh) {
  know(text_of(5'000));
  BOOST_CHECK(look_up(write("a", text_of(4'999) + "y" + text_of(100))).what == freshness::fresh);
  BOOST_CHECK(look_up(write("b", text_of(4'999))).what == freshness::fresh);  // it has become shorter
  BOOST_CHECK(look_up(write("c", text_of(5'000, 'z'))).what == freshness::fresh);
}

BOOST_AUTO_TEST_CASE(of_several_fronts_the_longest_counts) {
  know(text_of(10));
  const std::int64_t longest = know(text_of(3'000));
  know(text_of(300));
  know(text_of(3'500, 'y'));
  know(text_of(2'000) + text_of(2'000, 'y'));
  BOOST_TEST(look_up(write("a", text_of(4'000))).row.id == longest);
}

// A snapshot beside the log that it is of: taken in twice, both add nothing.
BOOST_AUTO_TEST_CASE(an_old_copy_of_what_has_grown_is_known) {
  const std::int64_t id = know(text_of(1'000));
  for (const std::size_t bytes : {1'500U, 2'000U}) {
    const store::input_row grown = row_of(text_of(bytes), store::input_end::finished);
    REQUIRE_OK(store::advance_input(state.database(), id, grown.progress, {}, grown.end));
  }
  BOOST_CHECK(look_up(write("old", text_of(1'000))).what == freshness::taken);
  BOOST_CHECK(look_up(write("less old", text_of(1'500))).what == freshness::taken);
  BOOST_CHECK(look_up(write("new", text_of(2'000))).what == freshness::taken);
  BOOST_CHECK(look_up(write("other", text_of(999) + "y")).what == freshness::fresh);
  know(text_of(700));  // what it goes on with counts less than that it is known as a whole
  BOOST_CHECK(look_up(write("old", text_of(1'000))).what == freshness::taken);
}

BOOST_AUTO_TEST_CASE(what_a_run_has_read_in_part_is_no_front) {
  const std::int64_t id = know(text_of(1'000), store::input_end::open);
  const store::input_row grown = row_of(text_of(2'000), store::input_end::finished);
  REQUIRE_OK(store::advance_input(state.database(), id, grown.progress, {}, grown.end));
  BOOST_CHECK(look_up(write("part", text_of(1'000))).what == freshness::fresh);
}

BOOST_AUTO_TEST_CASE(an_old_copy_of_what_has_grown_in_this_run_is_known) {
  const store::input_row front = row_of(text_of(1'000), store::input_end::finished);
  store::input_row grown = row_of(text_of(2'000), store::input_end::finished);
  const resumption found = look_up(write("old", text_of(1'000)), {front, grown});
  BOOST_CHECK(found.what == freshness::taken);
  BOOST_TEST(!found.waits_for_commit);
}

BOOST_AUTO_TEST_CASE(inputs_under_way_are_known_too) {
  const store::input_row under_way = row_of(text_of(1'000), store::input_end::finished);
  BOOST_CHECK(look_up(write("a", text_of(1'000)), {under_way}).what == freshness::taken);
  const resumption found = look_up(write("b", text_of(1'001)), {under_way});
  BOOST_CHECK(found.what == freshness::grown);
  BOOST_TEST(found.waits_for_commit);
  // Of one that is in the file too, what was read counts, not what was committed.
  know(text_of(500), store::input_end::open);
  BOOST_TEST(look_up(write("b", text_of(1'001)), {under_way}).row.progress.raw_bytes == 1'000U);
}

BOOST_AUTO_TEST_CASE(what_was_read_in_this_run_is_gone_on_with_once_it_is_in_the_file) {
  store::input_row under_way = row_of(text_of(1'000), store::input_end::finished);
  under_way.id = know(text_of(1'000), store::input_end::open);
  const std::string grown = write("a", text_of(1'001));
  const std::string copy = write("b", text_of(1'000));
  BOOST_TEST(look_up(grown, {under_way}).waits_for_commit);
  BOOST_TEST(!look_up(copy, {under_way}).waits_for_commit);
  const store::input_counts counts{5, 3, 0, 0, 2};
  REQUIRE_OK(store::advance_input(state.database(), under_way.id, under_way.progress, counts, under_way.end));
  const resumption found = look_up(grown, {under_way});
  BOOST_TEST(!found.waits_for_commit);
  BOOST_CHECK(found.what == freshness::grown);
  BOOST_TEST(found.row.id == under_way.id);
  BOOST_TEST(found.row.counts.rejected == 2);
}

// Else it would depend on the moment which front such an input goes on with.
BOOST_AUTO_TEST_CASE(a_row_that_this_run_has_read_further_decides_nothing) {
  const std::int64_t id = know(text_of(500), store::input_end::open);
  store::input_row under_way = row_of(text_of(1'000), store::input_end::finished);
  const std::string other = write("a", text_of(500) + text_of(500, 'y'));
  BOOST_TEST(look_up(other, {under_way}).waits_for_commit);  // by now the row may be of it
  under_way.id = id;
  BOOST_TEST(look_up(other, {under_way}).waits_for_commit);
  BOOST_TEST(look_up(write("b", text_of(600)), {under_way}).waits_for_commit);
  under_way.id = id + 1;
  BOOST_TEST(!look_up(other, {under_way}).waits_for_commit);
  under_way.id = id;
  REQUIRE_OK(store::advance_input(state.database(), id, under_way.progress, {}, under_way.end));
  const resumption found = look_up(other, {under_way});
  BOOST_CHECK(found.what == freshness::fresh);
  BOOST_TEST(!found.waits_for_commit);
}

BOOST_AUTO_TEST_CASE(of_the_rows_of_one_input_the_last_counts) {
  store::input_row front = row_of(text_of(500), store::input_end::finished);
  store::input_row whole = row_of(text_of(1'000), store::input_end::finished);
  front.id = whole.id = know(text_of(1'000));
  BOOST_CHECK(look_up(write("a", text_of(500) + text_of(500, 'y')), {front, whole}).what == freshness::fresh);
}

// Seen once in some hundred runs: a run that waited for ever for a commit that had been made.
BOOST_AUTO_TEST_CASE(a_row_whose_id_came_late_is_not_found_beside_the_one_that_went_on_with_it) {
  inputs_under_way under_way;
  store::input_row first;
  first.head_bytes = 256;
  first.head_hash = {1, 2};
  first.progress.raw_bytes = 630;
  under_way.add(first);
  store::input_row grown = first;
  grown.id = 1;
  grown.progress.raw_bytes = 1126;
  under_way.add(grown);
  first.id = 1;
  const auto found = under_way.find(256, {1, 2});
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].progress.raw_bytes == 1126U);
}

BOOST_AUTO_TEST_CASE(of_inputs_under_way_the_right_one_is_found_by_what_was_read_of_it_last) {
  std::vector<store::input_row> rows;
  for (const char filler : {'a', 'b', 'c'}) {
    rows.push_back(row_of(text_of(1'000, filler), store::input_end::finished));
    rows.push_back(row_of(text_of(100, filler), store::input_end::finished));
  }
  rows.push_back({});  // standard input has no head
  BOOST_TEST(look_up(write("a", text_of(100, 'c')), rows).row.progress.raw_bytes == 100U);
  BOOST_TEST(look_up(write("b", text_of(1'500, 'b')), rows).row.progress.raw_bytes == 1'000U);
  BOOST_CHECK(look_up(write("c", text_of(1'500, 'd')), rows).what == freshness::fresh);

  inputs_under_way under_way;
  under_way.add(rows.front());
  rows.front().progress = row_of(text_of(1'200, 'a'), store::input_end::finished).progress;
  const auto found = resume(state.database(), under_way, write("d", text_of(1'200, 'a')));
  REQUIRE_OK(found);
  BOOST_CHECK(found->what == freshness::taken);
  BOOST_CHECK(under_way.head_lengths() == std::vector<std::uint64_t>{256});
}

BOOST_AUTO_TEST_CASE(what_has_no_size_has_no_identity) {
  know(text_of(1'000));
  for (const std::string name : {"-", "/dev/null"}) {
    const resumption found = look_up(name);
    BOOST_CHECK(found.what == freshness::fresh);
    BOOST_TEST(found.row.head_bytes == 0U);
  }
  BOOST_TEST(look_up(write("empty", "")).row.head_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_is_a_failure_that_names_it) {
  const auto found = resume(state.database(), {}, (dir / "nowhere").string());
  CHECK_FAILS(found, errc::not_found);
  BOOST_TEST(found.error().text().find("nowhere") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::resume_tests
