// Objects behind a filter: made while they travel, and always the same.
#include "export/open_body.hpp"
#include "support/export_run.hpp"

#include <random>

namespace spillway::exporting::filtered_tests {
namespace {

constexpr std::string_view some = R"({"column":"$insert_id","operator":"contains","values":["3","7"]})";
constexpr std::string_view others = R"({"column":"$insert_id","operator":"contains","values":["0"]})";
constexpr std::string_view none = R"({"column":"event_type","operator":"is","values":["never seen"]})";

// What `some` selects.
bool is_chosen(std::string_view line) {
  const std::size_t at = line.find("\"$insert_id\":\"") + 14;
  return line.substr(at, line.find('"', at + 1) - at).find_first_of("37") != std::string_view::npos;
}

struct fixture : test::export_run {
  explicit fixture(std::string_view filter = some) : export_run(1) {
    to.filter = filter;
    add(80, 0, 20'000);  // several segments
    add(3, 1);
  }
  std::string chosen_text(std::int64_t behind = 0) {
    std::string all;
    const std::string text = test::read_text(state.database(), {1, hour(behind)});
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n') + 1);
      rest.remove_prefix(line.size());
      all += is_chosen(line) ? std::string(line) : "";
    }
    return all;
  }
  std::vector<store::object_row> rows() { return store::list_objects_of(state.database(), to.place).value(); }
  void lose_objects() {
    REQUIRE_OK(
        state.database().execute("UPDATE object SET delivered_at=NULL, etag=''; UPDATE job SET state='running'"));
    std::filesystem::remove_all(to.place.destination + "/1");
  }
};

BOOST_AUTO_TEST_SUITE(export_filtered)

BOOST_AUTO_TEST_CASE(every_line_is_chosen_once_wherever_objects_are_cut) {
  for (const std::int64_t bytes_max :
       {std::int64_t{1}, std::int64_t{20'000}, std::int64_t{60'000}, object_bytes_max_default}) {
    BOOST_TEST_CONTEXT(bytes_max) {
      fixture run;
      run.to.object_bytes_max = bytes_max;
      run.deliver();
      BOOST_TEST((test::text_in(run.objects(), 1, run.hour()) == run.chosen_text()));
      BOOST_TEST((test::text_in(run.objects(), 1, run.hour(1)) == run.chosen_text(1)));
      for (const store::object_row& each : run.rows()) {
        BOOST_TEST((each.bytes <= bytes_max || each.segment_bytes.size() == 1U));
        BOOST_CHECK(base::sha256_of(run.objects().at(each.key)) == each.sha256);
        BOOST_TEST(each.source_events >= each.events);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(where_nothing_is_chosen_there_is_a_marker_and_no_object) {
  fixture run(none);
  const summary done = run.deliver();
  BOOST_TEST(done.hours == 2);
  BOOST_TEST(done.objects == 0);
  BOOST_TEST(run.objects().size() == 2U);
  BOOST_TEST(run.deliver().hours == 0);
}

BOOST_AUTO_TEST_CASE(any_range_gives_the_bytes_of_the_whole) {
  fixture run;
  run.deliver();
  const store::object_row row = run.rows().at(0);
  const std::string whole = run.objects().at(row.key);
  const auto project = store::find_project(run.state.database(), 1).value().value();
  auto reader = run.state.open_reader().value();
  const auto body = open_body(reader, {project, store::job_kind::events, run.hour()}, row).value();
  const auto read = [&](std::uint64_t first, std::uint64_t count) {
    std::string bytes;
    REQUIRE_OK(body->read_range(first, count, [&bytes](std::string_view piece) -> result<void> {
      bytes += piece;
      return {};
    }));
    return bytes;
  };
  std::mt19937 random(1);
  BOOST_TEST((read(0, whole.size()) == whole));
  for (int i = 0; i < 8; ++i) {
    const std::uint64_t first = random() % whole.size();
    const std::uint64_t count = i == 0 ? 0 : random() % (whole.size() - first) + 1;
    BOOST_TEST((read(first, count) == whole.substr(first, count)), first << " " << count);
  }
}

BOOST_AUTO_TEST_CASE(late_events_go_through_the_filter_and_killed_runs_make_the_same) {
  fixture run;
  run.deliver();
  run.add(5);
  run.clock.set(run.clock.now() + late_partition_interval);
  run.deliver();
  BOOST_TEST((test::text_in(run.objects(), 1, run.hour()) == run.chosen_text()));
  const test::tree before = run.objects();
  run.lose_objects();
  run.deliver();
  BOOST_TEST(test::difference(run.objects(), before) == "");
}

BOOST_AUTO_TEST_CASE(what_was_planned_behind_an_earlier_filter_is_made_again_behind_that_one) {
  fixture run;
  run.deliver();
  const test::tree before = run.objects();
  run.lose_objects();
  for (const std::string_view now : {others, std::string_view()}) {
    REQUIRE_OK(run.state.database().run("UPDATE connection SET filter=?", now));
    run.to.filter = now;
    run.deliver();
    BOOST_TEST(test::difference(run.objects(), before) == "");
    run.lose_objects();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::filtered_tests
