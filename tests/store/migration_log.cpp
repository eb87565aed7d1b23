#include "store/migration_log.hpp"

#include "store/catalog.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::store::migration_log_tests {
namespace {

struct fixture {
  fixture() {
    REQUIRE_OK(choose_organization(state.database(), 1, now));
    REQUIRE_OK(
        state.database().run("INSERT INTO project(id, organization_id, record_form, compression, created_at) "
                             "VALUES(7, 1, 'documented', 'fast', 0)"));
  }

  migration_row add(const std::string& destination, model::connection_id of) {
    migration_row row;
    row.old_connection = of;
    row.project = 7;
    row.place.destination = destination;
    row.created_at = now;
    const auto added = add_migration(state.database(), row);
    REQUIRE_OK(added);
    return *added;
  }
  void finish(migration_row row) {
    row.step = migration_steps;
    REQUIRE_OK(change_migration(state.database(), row));
  }

  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  const base::instant now{std::chrono::hours{1}};
};

BOOST_FIXTURE_TEST_SUITE(store_migration_log, fixture)

BOOST_AUTO_TEST_CASE(everything_that_is_written_is_read) {
  migration_row row = add("s3://raw/a", 3);
  row.new_connection = 4;
  row.kms_key_id = "key";
  row.principal_arn = "arn:aws:iam::111122223333:role/x";
  row.export_profile = "exports";
  row.step = 9;
  row.going = migration_row::direction::back;
  row.old_state = migration_row::was::disabled;
  row.policy.setting = R"({"Statement":[]})";
  row.encryption.by = keeper::person;
  row.encryption.setting = {model::encryption::sse_kms, "old", model::encryption_setting::bucket_keys::on, "<x/>"};
  row.last_job = 5;
  row.last_object = 6;
  REQUIRE_OK(change_migration(state.database(), row));
  const migration_row read = find_migration(state.database(), 3).value().value();
  BOOST_TEST(read.new_connection.value() == 4);
  BOOST_TEST(read.kms_key_id == row.kms_key_id);
  BOOST_TEST(read.principal_arn == row.principal_arn);
  BOOST_TEST(read.export_profile == row.export_profile);
  BOOST_TEST(read.step == 9);
  BOOST_CHECK(read.going == row.going);
  BOOST_CHECK(read.old_state == row.old_state);
  BOOST_CHECK(read.policy == row.policy);
  BOOST_CHECK(read.encryption == row.encryption);
  BOOST_TEST(read.last_job == 5);
  BOOST_TEST(read.last_object == 6);
  BOOST_CHECK(read.created_at == now);
}

BOOST_AUTO_TEST_CASE(a_bucket_without_settings_is_told_from_one_whose_settings_are_empty) {
  migration_row row = add("s3://raw", 3);
  row.policy.setting = "";
  REQUIRE_OK(change_migration(state.database(), row));
  BOOST_CHECK(find_migration(state.database(), 3).value()->policy == row.policy);
  row.policy.setting.reset();
  REQUIRE_OK(change_migration(state.database(), row));
  BOOST_CHECK(find_migration(state.database(), 3).value()->policy == row.policy);
}

BOOST_AUTO_TEST_CASE(a_change_is_written_whole_or_not_at_all) {
  migration_row row = add("s3://raw", 3);
  row.step = migration_step::save;
  row.policy = {keeper::us, "{}"};
  for (const char* column : {"policy", "encryption", "new_connection_id", "ended_at"}) {
    BOOST_TEST_CONTEXT(column) {
      const std::string trigger = std::string("CREATE TEMP TRIGGER cut BEFORE UPDATE OF ") + column +
                                  " ON migration BEGIN SELECT RAISE(ABORT, 'cut off'); END";
      REQUIRE_OK(state.database().execute(trigger.c_str()));
      row.ended_at = now;
      BOOST_TEST(!change_migration(state.database(), row).has_value());
      const migration_row read = find_migration(state.database(), 3).value().value();
      BOOST_TEST(read.step == migration_step::permissions);
      BOOST_CHECK(read.policy == migration_row().policy);
      REQUIRE_OK(state.database().execute("DROP TRIGGER cut"));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_another_process_has_changed_since_is_not_written_over) {
  migration_row row = add("s3://raw", 3);
  migration_row other = row;
  row.step = 2;
  REQUIRE_OK(change_migration(state.database(), row));
  REQUIRE_OK(change_migration(state.database(), row));
  other.step = 1;
  CHECK_FAILS(change_migration(state.database(), other), errc::conflict);
  other = row;
  row.going = migration_row::direction::back;
  REQUIRE_OK(change_migration(state.database(), row));
  CHECK_FAILS(change_migration(state.database(), other), errc::conflict);
  REQUIRE_OK(remove_migration(state.database(), row.id));
  CHECK_FAILS(change_migration(state.database(), row), errc::conflict);
  BOOST_TEST(!find_migration(state.database(), 3).value().has_value());
}

BOOST_AUTO_TEST_CASE(the_one_that_is_under_way_goes_before_those_that_are_finished) {
  finish(add("s3://raw/a", 3));
  const migration_row open = add("s3://raw/b", 3);
  BOOST_TEST(find_migration(state.database(), 3).value()->id == open.id);
  BOOST_TEST(find_open_migration(state.database(), {"s3://raw/c", {}}).value()->id == open.id);
  BOOST_TEST(!find_open_migration(state.database(), {"s3://other", {}}).value().has_value());
  BOOST_TEST(!find_open_migration(state.database(), {"s3://raw/c", "http://minio:9000"}).value().has_value());
  REQUIRE_OK(remove_migration(state.database(), open.id));
  BOOST_TEST(find_migration(state.database(), 3).value()->is_finished());
}

BOOST_AUTO_TEST_CASE(a_finished_one_is_remembered_of_its_project_and_bucket) {
  finish(add("s3://raw/a", 3));
  BOOST_TEST(find_finished_migration(state.database(), 7, {"s3://raw/b", {}}).value().has_value());
  BOOST_TEST(!find_finished_migration(state.database(), 8, {"s3://raw/b", {}}).value().has_value());
  BOOST_TEST(!find_finished_migration(state.database(), 7, {"s3://other", {}}).value().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::migration_log_tests
