#include "export/backfill.hpp"

#include "store/retention.hpp"
#include "support/export_run.hpp"

#include <filesystem>
#include <fstream>

namespace spillway::exporting::backfill_tests {
namespace {

using calls = std::vector<std::string>;
const std::string first_key = "1/1_2020-01-25_14#1.json.gz";
const std::string marker = "1/1_2020-01-25_14_complete";

struct fixture : test::export_run {
  explicit fixture(model::marker_kind kind = model::marker_kind::manifest) : export_run(1) {
    to.marker = kind;
    add(5);
    add(5, 1);
    REQUIRE_OK(plan());
  }
  result<summary> try_backfill(model::foreign_objects foreign = model::foreign_objects::refuse) {
    settings range = to;
    range.hours = model::hour_range{hour(0), hour(1)};
    range.foreign = foreign;
    summary done;
    bucket().forget_calls();
    SPILLWAY_TRY(store::recover_jobs(state.database()));
    const auto project = store::find_project(state.database(), 1).value().value();
    SPILLWAY_TRY(backfill_hours(state, project, connections.at(0), range,
                                {tried_bucket(), clock, {}, [](const auto&) {}}, done));
    return done;
  }
  summary backfill(model::foreign_objects foreign = model::foreign_objects::refuse) {
    const auto made = try_backfill(foreign);
    REQUIRE_OK(made);
    BOOST_TEST(made->failures.empty());
    check_all();
    return *made;
  }
  void put(const std::string& key, const std::string& text) {
    bucket::memory_body body(text);
    REQUIRE_OK(bucket().put(key, body, {}));
  }
  // As a bad sector does it: one byte, and nothing that tells of a change.
  void rot(const std::string& key) {
    const std::filesystem::path file = std::filesystem::path(to.place.destination) / key;
    const auto written_at = std::filesystem::last_write_time(file);
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(20);
    bytes.put('\x55');
    bytes.close();
    std::filesystem::last_write_time(file, written_at);
  }
  std::ptrdiff_t place_of(const std::string& call) {
    const calls made = bucket().calls();
    return std::ranges::find(made, call) - made.begin();
  }
};

BOOST_AUTO_TEST_SUITE(export_backfill)

BOOST_AUTO_TEST_CASE(hours_are_delivered_once_and_a_second_time_puts_nothing) {
  for (const model::marker_kind kind :
       {model::marker_kind::manifest, model::marker_kind::empty, model::marker_kind::off}) {
    BOOST_TEST_CONTEXT(model::to_string(kind)) {
      fixture run(kind);
      BOOST_TEST(run.backfill().objects == 2);
      const summary again = run.backfill();
      BOOST_TEST(again.hours == 0);
      const calls made = run.bucket().calls();
      BOOST_TEST(std::ranges::none_of(
          made, [](const std::string& each) { return each.starts_with("put") || each.starts_with("remove"); }));
    }
  }
}

// A directory is read whole for each listing, and S3 is paid for each.
BOOST_AUTO_TEST_CASE(a_day_is_listed_once_for_all_its_hours) {
  fixture run;
  run.backfill();
  const calls made = run.bucket().calls();
  BOOST_TEST(std::ranges::count(made, "list 1/1_2020-01-25_") == 1);
  BOOST_TEST(std::ranges::count_if(made, [](const std::string& each) { return each.starts_with("list "); }) == 1);
}

BOOST_AUTO_TEST_CASE(what_is_damaged_is_put_right_and_nothing_else_is_touched) {
  using damage = std::function<void(fixture&)>;
  const std::pair<const char*, damage> rows[] = {
      {"gone", [](fixture& run) { REQUIRE_OK(run.bucket().remove(first_key)); }},
      {"altered", [](fixture& run) { run.put(first_key, "altered"); }},
      {"as long, and altered",
       [](fixture& run) { run.put(first_key, std::string(run.objects().at(first_key).size(), 'x')); }},
      {"rotten", [](fixture& run) { run.rot(first_key); }},
      {"marker gone", [](fixture& run) { REQUIRE_OK(run.bucket().remove(marker)); }},
      {"marker altered", [](fixture& run) { run.put(marker, "{}"); }},
      {"marker longer", [](fixture& run) { run.put(marker, run.objects().at(marker) + "x"); }},
      {"marker empty", [](fixture& run) { run.put(marker, ""); }},
  };
  for (const auto& [name, harm] : rows) {
    BOOST_TEST_CONTEXT(name) {
      fixture run;
      run.backfill();
      const test::tree whole = run.objects();
      harm(run);
      run.backfill();
      BOOST_TEST(test::difference(run.objects(), whole) == "");
      const calls made = run.bucket().calls();
      BOOST_TEST(std::ranges::none_of(made, [](const std::string& each) {
        return each.starts_with("put") && each.find("_15") != std::string::npos;
      }));
    }
  }
}

BOOST_AUTO_TEST_CASE(hours_get_the_kind_of_marker_that_is_wanted_now_and_keep_one_that_is_there) {
  const auto kinds = {model::marker_kind::manifest, model::marker_kind::empty, model::marker_kind::off};
  for (const model::marker_kind before : kinds) {
    for (const model::marker_kind now : kinds) {
      BOOST_TEST_CONTEXT(model::to_string(before) << ", then " << model::to_string(now)) {
        fixture run(before);
        run.backfill();
        run.to.marker = now;
        run.backfill();
        fixture other(now == model::marker_kind::off ? before : now);
        other.backfill();
        BOOST_TEST(test::difference(run.objects(), other.objects()) == "");
        BOOST_TEST(run.backfill().hours == 0);
      }
    }
  }
}

// What is to be delivered anyway needs no reason.
BOOST_AUTO_TEST_CASE(the_ledger_says_why_an_hour_is_put_again) {
  fixture run;
  db::database& ledger = run.state.database();
  REQUIRE_OK(
      ledger.execute("CREATE TEMP TABLE reopened(reason TEXT); CREATE TEMP TRIGGER noted AFTER UPDATE OF reason ON "
                     "job WHEN new.state='waiting' BEGIN INSERT INTO reopened VALUES(new.reason); END"));
  const auto backfill_for = [&] {
    REQUIRE_OK(ledger.execute("DELETE FROM reopened"));
    run.backfill();
    auto rows = ledger.query("SELECT reason FROM reopened");
    REQUIRE_OK(rows);
    auto reasons = db::collect(std::move(*rows), [](const db::statement& row) { return std::string(row.text(0)); });
    REQUIRE_OK(reasons);
    return *reasons;
  };
  const calls none;
  const calls damaged = {"found damaged by a backfill"};
  const std::string other_kind = "its marker is to be of another kind";
  BOOST_TEST(backfill_for() == none);
  run.put(marker, "{}");
  BOOST_TEST(backfill_for() == damaged);
  run.to.marker = model::marker_kind::empty;
  BOOST_TEST(backfill_for() == (calls{other_kind, other_kind}));
  run.to.marker = model::marker_kind::manifest;
  run.rot(first_key);
  BOOST_TEST(backfill_for() == (calls{damaged.front(), other_kind}));
  BOOST_TEST(backfill_for() == none);
}

// The manifest of an hour says what is there, also once no more markers are wanted.
BOOST_AUTO_TEST_CASE(a_marker_that_is_there_lists_what_comes_late_without_markers) {
  fixture run;
  run.backfill();
  run.to.marker = model::marker_kind::off;
  run.add(2);
  BOOST_TEST(run.backfill().objects == 1);
  BOOST_TEST(run.objects().at(marker).find("#2.json.gz") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_marker_goes_before_an_object_is_put_again) {
  fixture run;
  run.backfill();
  REQUIRE_OK(run.bucket().remove(first_key));
  run.backfill();
  BOOST_TEST(run.place_of("remove " + marker) < run.place_of("put " + first_key));
  BOOST_TEST(run.place_of("put " + first_key) < run.place_of("put " + marker));
}

BOOST_AUTO_TEST_CASE(the_marker_goes_before_a_foreign_object_is_deleted) {
  const std::string foreign = "1/1_2020-01-25_14#7.json.gz";
  fixture run;
  run.backfill();
  run.put(foreign, "foreign");
  run.bucket().forget_calls();
  run.backfill(model::foreign_objects::replace);
  BOOST_TEST(run.place_of("remove " + marker) < run.place_of("remove " + foreign));
  BOOST_TEST(run.place_of("remove " + foreign) < run.place_of("put " + marker));
}

// It is in the hands of the connection that had the history before.
BOOST_AUTO_TEST_CASE(an_hour_whose_job_is_running_is_left_alone) {
  fixture run;
  run.backfill();
  REQUIRE_OK(run.bucket().remove(first_key));
  REQUIRE_OK(run.state.database().execute("UPDATE job SET state='running'"));
  settings range = run.to;
  range.hours = model::hour_range{run.hour(0), run.hour(1)};
  summary done;
  REQUIRE_OK(backfill_hours(run.state, store::find_project(run.state.database(), 1).value().value(),
                            run.connections.at(0), range, {run.bucket(), run.clock, {}, [](const auto&) {}}, done));
  BOOST_TEST(done.objects == 0);
  BOOST_TEST(!run.objects().contains(first_key));
}

// Late events make the job wait before its objects are looked at; the damaged one has to be put again all the same.
BOOST_AUTO_TEST_CASE(a_damaged_hour_with_late_events_is_put_right_too) {
  fixture run;
  run.backfill();
  REQUIRE_OK(run.bucket().remove(first_key));
  run.add(2);
  BOOST_TEST(run.backfill().objects == 2);
  BOOST_TEST((test::text_in(run.objects(), 1, run.hour()) == test::read_text(run.state.database(), {1, run.hour()})));
}

BOOST_AUTO_TEST_CASE(foreign_objects_stop_it_before_anything_is_changed_or_are_deleted) {
  fixture run;
  run.backfill();
  const test::tree whole = run.objects();
  REQUIRE_OK(run.bucket().remove("1/1_2020-01-25_15#1.json.gz"));
  run.put("1/1_2020-01-25_14#7.json.gz", "foreign");
  run.put("1/1_2020-01-25_14#x", "no name of ours");
  const test::tree before = run.objects();
  CHECK_FAILS(run.try_backfill(), errc::conflict);
  BOOST_TEST(test::difference(run.objects(), before) == "");
  run.backfill(model::foreign_objects::replace);
  test::tree wanted = whole;
  wanted["1/1_2020-01-25_14#x"] = "no name of ours";
  BOOST_TEST(test::difference(run.objects(), wanted) == "");
}

BOOST_AUTO_TEST_CASE(a_foreign_file_of_merges_in_an_hour_without_merges_is_one_too) {
  const std::string merges = "-1/-1_2020-01-25_14.json.gz";
  const std::string of_another_hour = "-1/-1_2020-01-25_20.json.gz";
  fixture run;
  run.connections.at(0).data = model::data_choice::both;
  run.backfill();
  run.put(merges, "foreign");
  run.put(of_another_hour, "not asked for");
  CHECK_FAILS(run.try_backfill(), errc::conflict);
  BOOST_TEST(run.objects().contains(merges));
  run.backfill(model::foreign_objects::replace);
  BOOST_TEST(!run.objects().contains(merges));
  BOOST_TEST(run.objects().contains(of_another_hour));
}

BOOST_AUTO_TEST_CASE(of_an_hour_that_was_pruned_what_came_late_is_put_again) {
  const std::string late = "1/1_2020-01-25_14#2.json.gz";
  fixture run;
  run.backfill();
  REQUIRE_OK(
      store::prune_hours(run.state.database(), run.hour(2), run.clock.now(), store::filtered_hours::stay, {}, 10));
  run.add(3);
  REQUIRE_OK(run.try_backfill());
  const test::tree whole = run.objects();
  REQUIRE_OK(run.bucket().remove(late));
  BOOST_TEST(run.try_backfill()->pruned.empty());
  BOOST_TEST(test::difference(run.objects(), whole) == "");
  REQUIRE_OK(run.bucket().remove(first_key));
  REQUIRE_OK(run.bucket().remove(late));
  const auto made = run.try_backfill();
  REQUIRE_OK(made);
  BOOST_TEST((made->pruned == std::vector{run.hour()}));
  BOOST_TEST(run.objects().contains(late));
  BOOST_TEST(!run.objects().contains(first_key));
}

BOOST_AUTO_TEST_CASE(one_that_is_cut_off_at_any_call_goes_on) {
  fixture whole;
  whole.backfill();
  for (const auto where : {test::recording_bucket::lost::request, test::recording_bucket::lost::answer}) {
    for (int nth = 1, last = 1; nth <= last; ++nth) {
      BOOST_TEST_CONTEXT("call " << nth) {
        fixture run;
        run.backfill();
        REQUIRE_OK(run.bucket().remove(first_key));
        run.put("1/1_2020-01-25_14#7.json.gz", "foreign");
        run.bucket().forget_calls();
        run.bucket().fail(nth, errc::io, where);
        static_cast<void>(run.try_backfill(model::foreign_objects::replace));
        last = static_cast<int>(run.bucket().calls().size()) + (nth == 1 ? 20 : 0);
        last = std::min(last, 40);
        run.bucket().fail(0, errc::io, where, 0);
        run.backfill(model::foreign_objects::replace);
        BOOST_TEST(test::difference(run.objects(), whole.objects()) == "");
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::backfill_tests
