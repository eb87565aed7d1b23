#include "store/connections.hpp"

#include "store/catalog.hpp"
#include "store/ledger.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::store::connections_tests {
namespace {

const base::instant start = base::from_us(1'579'960'800'000'000);

struct fixture {
  fixture() {
    for (const model::organization_id each : {1, 2}) {
      REQUIRE_OK(add_organization(database, {each, "organization"}, start));
      REQUIRE_OK(add_project(database, {each, each, {}, {}, 0}, start));
    }
  }
  model::connection add(const std::string& place, model::project_id project = 1,
                        model::connection_kind kind = model::connection_kind::scheduled) {
    model::connection made;
    made.project = project;
    made.place = {place};
    made.kind = kind;
    made.created_at = start;
    return add_connection(database, made).value();
  }
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& database = state.database();
};

BOOST_FIXTURE_TEST_SUITE(store_connections, fixture)

BOOST_AUTO_TEST_CASE(a_connection_is_read_as_it_was_written) {
  model::connection made = add("s3://raw/x");
  made.state = model::connection_state::disabled;
  made.data = model::data_choice::both;
  made.filter = "{}";
  made.marker = model::marker_kind::empty;
  made.object_bytes_max = 7;
  made.access = {"profile", "region", "bundle", "123456789012", "aws:kms", "key", "md5"};
  made.principal = model::principal_kind::root;
  made.principal_arn = "arn";
  made.claim = model::claim_choice::object;
  made.creator = {"ann", "ann@x"};
  made.start = {438'000};
  made.disabled_at = start;
  REQUIRE_OK(change_connection(database, made));
  const auto read = find_connection(database, made.id).value().value();
  BOOST_CHECK(read.state == made.state && read.data == made.data && read.marker == made.marker &&
              read.kind == made.kind);
  BOOST_CHECK(read.principal == made.principal && read.claim == made.claim && read.disabled_at == made.disabled_at);
  BOOST_CHECK(read.place == made.place && read.start == made.start && read.created_at == start);
  BOOST_TEST(read.filter + read.principal_arn + read.creator.name + read.creator.mail == "{}arnannann@x");
  BOOST_TEST(read.object_bytes_max == 7);
  const auto& access = read.access;
  BOOST_TEST(access.profile + access.region + access.ca_bundle + access.expected_owner + access.sse +
                 access.kms_key_id + access.checksum ==
             "profileregionbundle123456789012aws:kmskeymd5");
}

BOOST_AUTO_TEST_CASE(of_a_place_the_enabled_connection_is_found_else_the_one_that_was_disabled_last) {
  model::connection first = add("/bucket");
  model::connection second = add("/bucket");
  const auto disable = [this](model::connection& which, base::instant when) {
    which.state = model::connection_state::disabled;
    which.disabled_at = when;
    REQUIRE_OK(change_connection(database, which));
  };
  disable(second, start);
  BOOST_TEST(find_connection(database, 1, {"/bucket"}).value()->id == first.id);
  disable(first, start - std::chrono::hours{1});
  BOOST_TEST(find_connection(database, 1, {"/bucket"}).value()->id == second.id);
  disable(first, start + std::chrono::hours{1});
  BOOST_TEST(find_connection(database, 1, {"/bucket"}).value()->id == first.id);
  BOOST_TEST(!find_connection(database, 2, {"/bucket"}).value().has_value());
  BOOST_TEST(!find_connection(database, 1, {"/bucket", "http://x"}).value().has_value());
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_disabled_enabled_anew_or_followed_is_not_what_was_read) {
  const model::connection read = add("/bucket");
  BOOST_TEST(is_unchanged(database, read).value());
  model::connection changed = read;
  changed.start = {438'000};
  REQUIRE_OK(change_connection(database, changed));
  BOOST_TEST(!is_unchanged(database, read).value());
  changed.state = model::connection_state::disabled;
  REQUIRE_OK(change_connection(database, changed));
  BOOST_TEST(is_unchanged(database, changed).value());  // it has the history, until another one goes on there
  add("/bucket");
  BOOST_TEST(!is_unchanged(database, changed).value());
  REQUIRE_OK(remove_connection(database, read.id));
  BOOST_TEST(!is_unchanged(database, changed).value());
}

BOOST_AUTO_TEST_CASE(an_hour_that_two_connections_have_is_handed_over_to_neither) {
  add("/bucket");
  add("/bucket");
  auto change = db::transaction::begin(database).value();
  for (const model::connection_id id : {1, 2}) {
    REQUIRE_OK(plan_job(database, id, job_kind::events, {438'000}, marker_kind::off, {}, start));
  }
  const auto moved = move_history(database, 1, 2);
  CHECK_FAILS(moved, errc::conflict);
  BOOST_TEST(moved.error().text().find("both have hour 2019-12-20_0") != std::string::npos, moved.error().text());
}

BOOST_AUTO_TEST_CASE(an_hour_of_events_and_the_same_of_merges_are_two) {
  add("/bucket");
  add("/bucket");
  auto change = db::transaction::begin(database).value();
  REQUIRE_OK(plan_job(database, 1, job_kind::events, {438'000}, marker_kind::off, {}, start));
  REQUIRE_OK(plan_job(database, 2, job_kind::merges, {438'000}, marker_kind::off, {}, start));
  CHECK_OK(move_history(database, 1, 2));
}

BOOST_AUTO_TEST_CASE(a_refusal_that_is_handed_over_is_tried_at_once) {
  add("/bucket");
  add("/bucket");
  access_trouble seen;
  seen.since = start;
  seen.next_try_at = start + std::chrono::minutes{15};
  REQUIRE_OK(put_trouble(database, 1, seen));
  REQUIRE_OK(move_history(database, 1, 2));
  BOOST_TEST(!find_trouble(database, 1).value().has_value());
  BOOST_CHECK(find_trouble(database, 2).value().value().next_try_at == start);
}

BOOST_AUTO_TEST_CASE(a_bucket_has_one_owner_with_all_of_its_prefixes) {
  add("s3://raw/x");
  add("/bucket");
  add("s3://implicit", 1, model::connection_kind::implicit);
  const std::pair<const char*, bool> rows[] = {{"s3://raw", true}, {"s3://raw/y", true},     {"s3://raw2", false},
                                               {"s3://ra", false}, {"/bucket", true},        {"/bucket/x", false},
                                               {"/bucke", false},  {"s3://implicit", false}, {"s3://r_w/y", false}};
  for (const auto& [place, is_owned] : rows) {
    BOOST_TEST_CONTEXT(place) {
      BOOST_TEST(find_other_owner(database, {place}, 2).value().has_value() == is_owned);
      BOOST_TEST(!find_other_owner(database, {place}, 1).value().has_value());
      BOOST_TEST(count_enabled(database, {place}, 1).value() == (is_owned ? 1 : 0));
    }
  }
}

BOOST_AUTO_TEST_CASE(who_has_delivered_by_export_is_known_and_who_has_only_tried_is_not) {
  const auto made = add("s3://raw/x", 1, model::connection_kind::implicit);
  const auto is_known = [this](const std::string& place, model::organization_id own) {
    return find_other_exporter(database, {place}, own).value().has_value();
  };
  auto change = db::transaction::begin(database).value();
  REQUIRE_OK(plan_job(database, made.id, job_kind::events, {5}, marker_kind::manifest, {}, start));
  BOOST_TEST(!is_known("s3://raw", 2));
  REQUIRE_OK(start_job(database, 1));
  REQUIRE_OK(finish_job(database, 1, start));
  BOOST_TEST(is_known("s3://raw/y", 2));
  BOOST_TEST(!is_known("s3://raw/y", 1));
  BOOST_TEST(!is_known("s3://other", 2));
  BOOST_TEST(!find_other_owner(database, {"s3://raw"}, 2).value().has_value());
}

BOOST_AUTO_TEST_CASE(with_a_connection_goes_all_that_hangs_on_it) {
  const auto made = add("/bucket");
  auto change = db::transaction::begin(database).value();
  object_row object;
  object.key = "k";
  REQUIRE_OK(plan_job(database, made.id, job_kind::events, {5}, marker_kind::manifest, {{object}, 1, 1}, start));
  REQUIRE_OK(add_gap(database, made.id, {{1}, {2}}));
  REQUIRE_OK(put_trouble(database, made.id, {start, 1, start, start, "s3:PutObject", "denied"}));
  REQUIRE_OK(remove_connection(database, made.id));
  REQUIRE_OK(change.commit());
  for (const char* table : {"connection", "job", "object", "gap", "access_trouble"}) {
    BOOST_TEST(test::number_of(database, std::string("SELECT count(*) FROM ") + table) == 0, table);
  }
}

BOOST_AUTO_TEST_CASE(the_id_of_a_deleted_connection_is_not_used_again) {
  REQUIRE_OK(remove_connection(database, add("/one").id));
  BOOST_TEST(add("/two").id == 2);
}

BOOST_AUTO_TEST_CASE(trouble_is_kept_until_it_is_over) {
  add("/bucket");
  REQUIRE_OK(put_trouble(database, 1, {start, 1, start, std::nullopt, "", "denied"}));
  REQUIRE_OK(put_trouble(database, 1, {start, 2, start + std::chrono::minutes{1}, start, "s3:PutObject", "again"}));
  const auto seen = find_trouble(database, 1).value().value();
  BOOST_TEST(seen.attempts == 2);
  BOOST_CHECK(seen.blocked_at == start);
  BOOST_TEST(seen.permission == "s3:PutObject");
  REQUIRE_OK(end_trouble(database, 1));
  BOOST_TEST(!find_trouble(database, 1).value().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::connections_tests
