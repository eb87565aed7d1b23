// Inputs that can't be taken in as they are, and what remains of the run.
#include "support/ingest_run.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <utility>

namespace spillway::ingest::ingest_troubles_tests {
namespace {

using test::to_lines;

struct fixture : test::ingest_run {
  std::string good(const std::string& name, std::size_t count = 5) {
    return write(name, to_lines(count, {}, std::chrono::seconds{1}, name));
  }
  // Good lines enough for several blocks, compressed, and then damage.
  std::string damaged() {
    std::string zipped = test::gzip_of(to_lines(3'000, {1, "", "", test::test_start, "device-9", "view", 1'000}));
    return write("damaged.gz", zipped.substr(0, zipped.size() - 100) + std::string(200, 'x'));
  }
  std::int64_t stored() { return number("SELECT coalesce(sum(stored), 0) FROM input"); }
};

// Opens what begins as a zip does as lines, once `meanwhile` has been done.
intake::zip_opener opener_of_lines(std::function<void()> meanwhile) {
  class lines final : public intake::text_source {
  public:
    explicit lines(intake::byte_reader& source) : source_(source) {}
    result<std::optional<std::string>> next() override {
      return std::exchange(given_, true) ? std::nullopt : std::optional(std::string());
    }
    result<std::size_t> read(char* out, std::size_t bytes_max) override { return source_.read(out, bytes_max); }

  private:
    intake::byte_reader& source_;
    bool given_ = false;
  };
  return [meanwhile = std::move(meanwhile)](intake::byte_reader& source, codec::gunzip_limits) {
    meanwhile();
    return result<std::unique_ptr<intake::text_source>>(std::make_unique<lines>(source));
  };
}

BOOST_FIXTURE_TEST_SUITE(ingest_ingest_troubles, fixture)

BOOST_AUTO_TEST_CASE(of_a_file_that_is_replaced_behind_the_look_at_its_front_no_line_is_taken) {
  const std::string first = "PK\x03\x04\n";
  const std::string known = first + to_lines(3, {}, std::chrono::seconds{1}, "known");
  const std::string grown = known + to_lines(2, {}, std::chrono::seconds{1}, "grown");
  const std::string other = first + to_lines(9, {}, std::chrono::seconds{1}, "other");
  // Not behind a rename: the file that is open is the one that changes.
  const auto replace = [&] { std::ofstream(dir / "log", std::ios::binary) << other; };
  wanted.open_zip = opener_of_lines([] {});
  BOOST_TEST(take({write("log", known)}).total.stored == 3);
  wanted.open_zip = opener_of_lines(replace);
  const auto taken = try_take({write("log", grown)});
  CHECK_FAILS(taken, errc::io);
  BOOST_TEST(taken.error().text().find("it was replaced while it was read") != std::string::npos);
  BOOST_TEST(stored() == 3);
  wanted.open_zip = opener_of_lines([] {});
  BOOST_TEST(take({(dir / "log").string(), write("log.1", grown)}).total.stored == 11);
  // Of a file that is new, too.
  wanted.open_zip = opener_of_lines([&] { std::ofstream(dir / "new", std::ios::binary) << other + "more"; });
  CHECK_FAILS(try_take({write("new", first + to_lines(9, {}, std::chrono::seconds{1}, "new"))}), errc::io);
}

BOOST_AUTO_TEST_CASE(an_input_that_is_not_there_ends_the_run_behind_those_before_it) {
  const auto taken = try_take({good("a"), (dir / "nowhere").string(), good("c")});
  CHECK_FAILS(taken, errc::not_found);
  BOOST_TEST(taken.error().text().find("nowhere") != std::string::npos);
  check();
  BOOST_TEST(stored() == 5);
  BOOST_TEST(number("SELECT count(*) FROM input") == 1);
}

BOOST_AUTO_TEST_CASE(keep_going_takes_the_other_inputs) {
  wanted.trouble = on_trouble::keep_going;
  const summary taken = take({good("a"), (dir / "nowhere").string(), dir.path().string(), good("c")});
  BOOST_TEST(taken.troubles.size() == 2U);
  BOOST_TEST(taken.total.stored == 10);
  BOOST_REQUIRE(taken.inputs.size() == 4U);
  BOOST_TEST(taken.inputs[1].counts.received == 0);
  BOOST_TEST(taken.inputs[3].counts.stored == 5);
}

BOOST_AUTO_TEST_CASE(what_stands_before_damage_is_taken_in_once) {
  for (const on_trouble each : {on_trouble::stop, on_trouble::keep_going}) {
    fixture run;
    run.wanted.trouble = each;
    const std::string input = run.damaged();
    const auto taken = run.try_take({input, run.good("b")});
    BOOST_TEST(taken.has_value() == (each == on_trouble::keep_going));
    BOOST_CHECK((taken ? taken->troubles.front() : taken.error()).code == errc::corrupt);
    run.check();
    const std::int64_t stored = run.stored();
    BOOST_TEST(stored > 500);
    BOOST_TEST(run.number("SELECT count(*) FROM input WHERE finished") == (each == on_trouble::keep_going ? 1 : 0));
    // Once more: it fails again, and adds nothing.
    BOOST_TEST(run.try_take({input}).has_value() == (each == on_trouble::keep_going));
    run.check();
    BOOST_TEST(run.stored() == stored);
    BOOST_TEST(run.number("SELECT sum(duplicates) FROM input") == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_damaged_input_adds_nothing) {
  wanted.trouble = on_trouble::keep_going;
  const std::string input = damaged();
  std::filesystem::copy_file(input, dir / "copy.gz");
  const summary taken = take({input, (dir / "copy.gz").string(), good("c")});
  BOOST_TEST(taken.troubles.size() == 2U);
  BOOST_TEST(taken.total.duplicates == 0);
  BOOST_TEST(taken.inputs[1].counts.received == 0);
  BOOST_TEST(taken.inputs[2].counts.stored == 5);
}

BOOST_AUTO_TEST_CASE(a_zip_needs_its_reader) {
  wanted.open_zip = {};
  CHECK_FAILS(try_take({write("a.zip", test::zip_of({{"x", to_lines(3)}}))}), errc::invalid);
}

BOOST_AUTO_TEST_CASE(more_rejects_than_are_kept_end_the_run) {
  wanted.rejects_max = 3;
  const std::string bad = "bad\nbad\n" + to_lines(2) + "bad\nbad\n" + to_lines(1, {}, std::chrono::seconds{1}, "last");
  const auto taken = try_take({write("bad", bad), good("b")});
  CHECK_FAILS(taken, errc::invalid);
  BOOST_TEST(taken.error().hint.find("--keep-going") != std::string::npos);
  check();
  BOOST_TEST(number("SELECT count(*) FROM reject") == 3);
  BOOST_TEST(number("SELECT count(*) FROM input") == 1);
  // Nor does the same command get any further, however often it is given.
  for (int again = 0; again < 2; ++again) {
    CHECK_FAILS(try_take({(dir / "bad").string()}), errc::invalid);
    BOOST_TEST(number("SELECT count(*) FROM input WHERE finished") == 0);
  }
  wanted.trouble = on_trouble::keep_going;
  BOOST_TEST(take({(dir / "bad").string()}).troubles.empty());
  BOOST_TEST(number("SELECT count(*) FROM input WHERE finished") == 1);
  BOOST_TEST(stored() == 3);
}

BOOST_AUTO_TEST_CASE(what_earlier_runs_have_rejected_of_an_input_is_known_of_it) {
  const std::string input = write("bad", "bad\nbad\n" + to_lines(2));
  BOOST_TEST(take({input}).inputs[0].rejected_before == 0);
  const summary again = take({input});
  BOOST_TEST(again.total.rejected == 0);
  BOOST_TEST(again.inputs[0].rejected_before == 2);
}

BOOST_AUTO_TEST_CASE(what_earlier_runs_have_rejected_of_an_input_that_is_named_twice_is_told_once) {
  const std::string bad = "bad\nbad\n" + to_lines(2);
  const std::vector<std::string> inputs = {write("bad", bad), write("copy", bad), (dir / "bad").string()};
  const auto before = [&] {
    std::vector<std::int64_t> told;
    for (const input_summary& each : take(inputs).inputs) {
      told.push_back(each.rejected_before);
    }
    return told;
  };
  BOOST_TEST(before() == (std::vector<std::int64_t>{0, 0, 0}), boost::test_tools::per_element());
  BOOST_TEST(before() == (std::vector<std::int64_t>{2, 0, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(as_many_rejects_as_are_kept_end_nothing) {
  wanted.rejects_max = 3;
  const summary taken = take({write("bad", "bad\nbad\nbad\n" + to_lines(2)), good("b")});
  BOOST_TEST(taken.total.rejected == 3);
  BOOST_TEST(taken.total.stored == 7);
}

BOOST_AUTO_TEST_CASE(keep_going_goes_on_behind_the_rejects) {
  wanted.rejects_max = 3;
  wanted.trouble = on_trouble::keep_going;
  const std::string bad = "bad\nbad\n" + to_lines(2) + "bad\nbad\nbad\n" + to_lines(1, {}, std::chrono::seconds{1}, "last");
  const summary taken = take({write("bad", bad), good("b")});
  BOOST_TEST(taken.total.rejected == 5);
  BOOST_TEST(taken.total.stored == 8);
  BOOST_TEST(number("SELECT count(*) FROM reject") == 3);
  // The limit is one of the input, over all runs.
  const summary grown = take({write("bad", bad + "bad\n" + to_lines(1, {}, std::chrono::seconds{1}, "more"))});
  BOOST_TEST(grown.total.rejected == 1);
  BOOST_TEST(grown.total.stored == 1);
  BOOST_TEST(number("SELECT count(*) FROM reject") == 3);
}

BOOST_AUTO_TEST_CASE(rejects_of_a_front_that_the_same_run_has_taken_count_too) {
  wanted.rejects_max = 3;
  const std::string front = "bad\nbad\n" + to_lines(2);
  const std::string more = front + "bad\n";
  const std::string most = more + "bad\n" + to_lines(1, {}, std::chrono::seconds{1}, "last");
  const std::vector<std::string> inputs = {write("a", front), write("b", more), write("c", most)};
  CHECK_FAILS(try_take(inputs), errc::invalid);
  check();
  BOOST_TEST(number("SELECT rejected FROM input") == 4);
  BOOST_TEST(number("SELECT count(*) FROM reject") == 3);
  fixture other;
  other.wanted.rejects_max = 3;
  other.wanted.trouble = on_trouble::keep_going;
  const summary taken = other.take({other.write("a", front), other.write("b", more), other.write("c", most)});
  BOOST_TEST(taken.total.rejected == 4);
  BOOST_TEST(other.stored() == 3);
  BOOST_TEST(other.number("SELECT count(*) FROM reject") == 3);
}

BOOST_AUTO_TEST_CASE(of_a_long_reject_the_front_is_kept) {
  take_text(std::string(200'000, 'x') + "\n" + std::string(5 << 20, 'y') + "\n" + to_lines(1));
  BOOST_TEST(number("SELECT count(*) FROM reject WHERE length(text)=65536") == 2);
  BOOST_TEST(number("SELECT text_bytes FROM reject WHERE line=1") == 200'000);
  BOOST_TEST(number("SELECT text_bytes FROM reject WHERE line=2") == 5 << 20);
  BOOST_TEST(stored() == 1);
}

BOOST_AUTO_TEST_CASE(a_form_or_compression_that_is_fixed_can_not_be_another) {
  take_text(to_lines(3));
  const std::string before = content();
  wanted.projects.form = model::record_form::observed;
  const auto other_form = try_take({good("b")});
  CHECK_FAILS(other_form, errc::usage);
  BOOST_TEST(other_form.error().hint.find("--record") != std::string::npos);
  wanted.projects.form = model::record_form::documented;
  wanted.projects.engine = model::compression{6};
  const auto other_engine = try_take({good("b")});
  CHECK_FAILS(other_engine, errc::usage);
  BOOST_TEST(other_engine.error().hint.find("--compression") != std::string::npos);
  BOOST_TEST((content() == before));
  wanted.projects.engine = model::compression{};
  BOOST_TEST(take({good("b")}).total.stored == 5);
}

// The first lines are of a new project, which is not made either.
BOOST_AUTO_TEST_CASE(a_conflict_in_the_middle_stores_nothing_of_its_batch) {
  take_text(to_lines(3));
  const std::string before = content();
  wanted.projects.form = model::record_form::observed;
  CHECK_FAILS(try_take({write("b", to_lines(3, {2, "", "", test::test_start, "device-1", "view", 0}) +
                                       to_lines(3, {}, std::chrono::seconds{1}, "b"))}),
              errc::usage);
  BOOST_TEST((content() == before));
}

BOOST_AUTO_TEST_CASE(a_project_without_events_takes_the_form_that_is_asked_for) {
  REQUIRE_OK(store::add_project(state.database(), {1, 1, model::record_form::documented, {}, 0}, clock.now()));
  wanted.projects.form = model::record_form::observed;
  wanted.projects.engine = model::compression{6};
  take_text(to_lines(3));
  BOOST_TEST(number("SELECT record_form='observed' AND compression='6' FROM project") == 1);
  BOOST_TEST(test::read_text(state.database(), {1, model::hour_of(test::test_start)}).starts_with("{\"$insert_id\":\"event-0\""));
}

BOOST_AUTO_TEST_CASE(a_project_never_changes_its_organization) {
  take_text(to_lines(3));
  wanted.projects.organization = 2;
  BOOST_TEST(take_text(to_lines(4)).total.stored == 1);
  BOOST_TEST(number("SELECT organization_id FROM project WHERE id=1") == 1);
  // A new project is made in the organization that was named.
  BOOST_TEST(take_text(to_lines(3, {2, "", "", test::test_start, "device-1", "view", 0})).total.stored == 3);
  BOOST_TEST(number("SELECT organization_id FROM project WHERE id=2") == 2);
}

BOOST_AUTO_TEST_CASE(among_several_organizations_only_a_new_project_needs_one_to_be_named) {
  take_text(to_lines(3));
  REQUIRE_OK(store::add_organization(state.database(), {2, "other"}, clock.now()));
  REQUIRE_OK(store::add_project(state.database(), {2, 2, {}, {}, 0}, clock.now()));
  wanted.projects.organization.reset();
  BOOST_TEST(take_text(to_lines(5)).total.stored == 2);
  const auto taken = try_take({write("new", to_lines(3, {3, "", "", test::test_start, "device-1", "view", 0}))});
  CHECK_FAILS(taken, errc::usage);
  BOOST_TEST(taken.error().text() ==
             "taking in events of project 3, which is new: choosing an organization: the state file has several: 1, 2");
  BOOST_TEST(taken.error().hint.find("--org") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_organization_is_made_with_the_first_project_of_it) {
  wanted.projects.organization = 5;
  take_text("{}\n");
  BOOST_TEST(number("SELECT count(*) FROM organization WHERE id=5") == 0);
  take_text(to_lines(3));
  BOOST_TEST(number("SELECT count(*) FROM organization WHERE id=5 AND name='organization 5'") == 1);
  wanted.projects.organization = 6;
  BOOST_TEST(take_text(to_lines(4)).total.stored == 1);
  BOOST_TEST(number("SELECT count(*) FROM organization WHERE id=6") == 0);
}

BOOST_AUTO_TEST_CASE(an_event_of_another_project_than_the_one_named_is_a_reject) {
  wanted.rules.only_project = 1;
  const summary taken = take_text(to_lines(3) + to_lines(2, {2, "", "", test::test_start, "device-1", "view", 0}));
  BOOST_TEST(taken.total.stored == 3);
  BOOST_TEST(taken.total.rejected == 2);
  BOOST_TEST(number("SELECT count(*) FROM project") == 1);
}

BOOST_AUTO_TEST_CASE(an_event_of_a_portfolio_is_a_reject_and_the_others_are_taken) {
  REQUIRE_OK(store::add_project(state.database(), {2, 1, {}, {}, 0, "", model::project_kind::portfolio}, {}));
  const summary taken = take_text(to_lines(3) + to_lines(2, {2, "", "", test::test_start, "device-1", "view", 0}));
  BOOST_TEST(taken.total.stored == 3);
  BOOST_TEST(taken.total.rejected == 2);
  BOOST_TEST(number("SELECT count(*) FROM reject WHERE reason LIKE 'project 2 is a portfolio%'") == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::ingest_troubles_tests
