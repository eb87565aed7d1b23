#include "check/ledger_check.hpp"

#include "store/connections.hpp"

#include "check/small_bucket.hpp"
#include "store/catalog.hpp"
#include "store/state_file.hpp"

namespace spillway::check::ledger_check_tests {
namespace {

const std::string text = "{\"a\":1}\n";
const std::string object_key = "1/1_2020-01-25_17#1.json.gz";
const std::string marker_key = "1/1_2020-01-25_17_complete";
const model::hour the_hour = *model::parse_hour("2020-01-25_17");
const base::instant now = base::from_us(1'579'975'200'000'000);

object_facts facts() {
  const model::manifest_object entry = test::listed(object_key, text);
  object_facts made;
  made.key = object_key;
  made.bytes = static_cast<std::uint64_t>(entry.bytes);
  made.sha256 = base::sha256_of(test::gzip_of(text));
  made.text_bytes = text.size();
  made.text_crc32 = entry.text_crc32;
  made.lines = entry.events;
  made.is_readable = true;
  return made;
}

ledger_view sound_ledger() {
  const object_facts there = facts();
  ledger_view ledger;
  ledger.objects[object_key] = {there.lines,
                                static_cast<std::int64_t>(text.size()),
                                static_cast<std::int64_t>(there.bytes),
                                there.text_crc32,
                                true,
                                there.sha256};
  ledger.hours[{1, the_hour}] = {true, model::marker_kind::manifest};
  return ledger;
}

enum class there { everything, no_object, no_marker };

// "kind key" of each finding.
std::vector<std::string> found(const ledger_view& ledger, there what = there::everything, std::string_view prefix = {},
                               const std::optional<std::string>& marker = "{}") {
  std::vector<std::string> all;
  const finding_sink sink = [&](const finding& each) -> result<void> {
    all.push_back(fmt::format("{} {}", to_string(each.kind), each.key));
    return {};
  };
  ledger_check checker(ledger, prefix);
  tally of_object(object_key);
  tally of_marker(marker_key);
  if (what != there::no_object) {
    checker.take_object(facts(), of_object);
  }
  if (what != there::no_marker) {
    checker.take_marker({model::object_kind::marker, 1, the_hour, 0}, marker, of_marker);
  }
  CHECK_OK(of_object.report(sink));
  CHECK_OK(of_marker.report(sink));
  CHECK_OK(checker.report_missing(sink));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check_ledger_check)

BOOST_AUTO_TEST_CASE(a_bucket_that_agrees_is_right) { BOOST_TEST(found(sound_ledger()).empty()); }

BOOST_AUTO_TEST_CASE(a_missing_marker_is_named_with_the_prefix_of_the_place) {
  BOOST_TEST(found(sound_ledger(), there::no_marker, "analytics/exports") ==
                 test::names{"ledger analytics/exports/" + marker_key},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_delivered_and_is_not_there_is_found) {
  BOOST_TEST(found(sound_ledger(), there::no_object) == test::names{"ledger " + object_key},
             boost::test_tools::per_element());
  BOOST_TEST(found(sound_ledger(), there::no_marker) == test::names{"ledger " + marker_key},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(markers_that_are_off_are_not_missed) {
  ledger_view ledger = sound_ledger();
  ledger.hours[{1, the_hour}].marker = model::marker_kind::off;
  BOOST_TEST(found(ledger, there::no_marker).empty());
}

BOOST_AUTO_TEST_CASE(a_marker_of_the_other_kind_is_found) {
  BOOST_TEST(found(sound_ledger(), there::everything, {}, "") == test::names{"ledger " + marker_key},
             boost::test_tools::per_element());
  BOOST_TEST(found(sound_ledger(), there::everything, {}, std::nullopt).empty());  // it could not be read
  ledger_view ledger = sound_ledger();
  ledger.hours[{1, the_hour}].marker = model::marker_kind::empty;
  BOOST_TEST(found(ledger, there::everything, {}, "").empty());
  BOOST_TEST(found(ledger) == test::names{"ledger " + marker_key}, boost::test_tools::per_element());
}

// Late events have the hour planned again, with another kind of marker.
BOOST_AUTO_TEST_CASE(the_marker_of_an_hour_that_is_planned_again_may_be_of_the_other_kind) {
  ledger_view ledger = sound_ledger();
  ledger.hours[{1, the_hour}] = {false, model::marker_kind::empty};
  BOOST_TEST(found(ledger).empty());
}

BOOST_AUTO_TEST_CASE(what_is_only_planned_may_be_missing_or_different) {
  ledger_view ledger = sound_ledger();
  ledger.objects[object_key].is_delivered = false;
  ledger.objects[object_key].bytes += 1;
  ledger.hours[{1, the_hour}].is_delivered = false;
  BOOST_TEST(found(ledger).empty());
  BOOST_TEST(found(ledger, there::no_object).empty());
  BOOST_TEST(found(ledger, there::no_marker).empty());
}

BOOST_AUTO_TEST_CASE(every_difference_is_found) {
  void (*const changes[])(ledger_object&) = {
      [](ledger_object& object) { ++object.bytes; },         [](ledger_object& object) { object.sha256[0] ^= 1; },
      [](ledger_object& object) { ++object.events; },        [](ledger_object& object) { ++object.text_bytes; },
      [](ledger_object& object) { object.text_crc32 ^= 1; },
  };
  for (const auto change : changes) {
    ledger_view ledger = sound_ledger();
    change(ledger.objects[object_key]);
    BOOST_TEST(found(ledger) == test::names{"ledger " + object_key}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(what_no_row_names_is_foreign) {
  BOOST_TEST(found({}) == (test::names{"foreign " + object_key, "foreign " + marker_key}),
             boost::test_tools::per_element());
}

// A state file with one organization.
struct organization_file {
  organization_file() { REQUIRE_OK(store::add_organization(file.database(), {1, "local"}, now)); }
  test::temp_dir dir;
  store::state_file file = store::state_file::open(dir / "state.db", store::access::create).value();
};

BOOST_AUTO_TEST_CASE(the_view_holds_the_rows_of_one_destination) {
  organization_file made;
  db::database& state = made.file.database();
  model::project project;
  project.id = 1;
  project.organization = 1;
  REQUIRE_OK(store::add_project(state, project, now));
  for (const char* destination : {"/here", "/elsewhere"}) {
    auto planned = db::transaction::begin(state);
    REQUIRE_OK(planned);
    const auto connection = store::open_connection(state, 1, {destination}, {}, now);
    REQUIRE_OK(connection);
    store::object_row row;
    row.partition = 1;
    row.key = object_key;
    row.events = 1;
    row.text_bytes = 8;
    row.bytes = 30;
    row.text_crc32 = 7;
    REQUIRE_OK(store::plan_job(state, connection->id, store::job_kind::events, the_hour, model::marker_kind::empty, {{row}, 8, 1}, now));
    REQUIRE_OK(planned->commit());
  }
  auto view = read_ledger(state, {"/here"});
  REQUIRE_OK(view);
  BOOST_REQUIRE(view->objects.size() == 1);
  BOOST_TEST(!view->objects[object_key].is_delivered);
  BOOST_TEST(view->objects[object_key].bytes == 30);
  BOOST_REQUIRE(view->hours.size() == 1);
  BOOST_TEST((view->hours[{1, the_hour}].marker == model::marker_kind::empty));

  const auto job = store::find_job(state, store::find_connection(state, 1, {"/here"})->value().id, store::job_kind::events, the_hour);
  REQUIRE_OK(job);
  const auto objects = store::list_objects(state, job->value().id);
  REQUIRE_OK(objects);
  REQUIRE_OK(store::start_job(state, job->value().id));
  REQUIRE_OK(store::finish_object(state, objects->at(0).id, "tag", now));
  REQUIRE_OK(store::finish_job(state, job->value().id, now));
  view = read_ledger(state, {"/here"});
  REQUIRE_OK(view);
  BOOST_TEST(view->objects[object_key].is_delivered);
  BOOST_TEST((view->hours[{1, the_hour}].is_delivered));
  BOOST_TEST(read_ledger(state, {"/nowhere"})->objects.empty());
}

// As of a file of merges, which a connection that knows more of them has put after another one.
BOOST_AUTO_TEST_CASE(of_the_rows_of_one_object_the_one_that_was_delivered_with_most_is_held_against_it) {
  organization_file made;
  db::database& state = made.file.database();
  const std::int64_t counts[] = {2, 3, 1};
  for (model::project_id id = 1; id <= 3; ++id) {
    auto planned = db::transaction::begin(state);
    REQUIRE_OK(planned);
    REQUIRE_OK(store::add_project(state, {id, 1, {}, {}, 0}, now));
    const auto connection = store::open_connection(state, id, {"/here"}, {}, now);
    REQUIRE_OK(connection);
    store::object_row row;
    row.key = "-1/-1_2020-01-25_17.json.gz";
    row.events = counts[id - 1];
    REQUIRE_OK(store::plan_job(state, connection->id, store::job_kind::merges, the_hour, model::marker_kind::off,
                               {{row}, 0, row.events}, now));
    REQUIRE_OK(planned->commit());
  }
  BOOST_TEST(read_ledger(state, {"/here"})->objects.begin()->second.events == 3);
  REQUIRE_OK(state.execute("UPDATE object SET delivered_at=1 WHERE events<3"));
  BOOST_TEST(read_ledger(state, {"/here"})->objects.begin()->second.events == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::ledger_check_tests
