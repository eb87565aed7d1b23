// Rows that no whole file has: whoever reads them gets a failure, and nobody goes on with what can't be.
#include "store/backfill_log.hpp"
#include "store/catalog.hpp"
#include "store/connections.hpp"
#include "store/duplicate_index.hpp"
#include "store/event_store.hpp"
#include "store/hour_writer.hpp"
#include "store/ledger.hpp"
#include "store/mail_log.hpp"
#include "store/merge_log.hpp"
#include "store/migration_log.hpp"
#include "store/overview.hpp"
#include "store/upload_log.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <functional>

namespace spillway::store::damaged_rows_tests {
namespace {

const base::instant now = base::from_us(1'579'975'200'000'000);  // 2020-01-25T18:00:00Z

struct fixture {
  fixture() {
    REQUIRE_OK(add_organization(file, {1, "local"}, now));
    REQUIRE_OK(add_project(file, {7, 1, {}, {}, 0}, now));
    REQUIRE_OK(open_connection(file, 7, {"/bucket"}, {}, now));
    REQUIRE_OK(put_hour(file, {{7, {5}}, 1, 0, 10, 0}));
    REQUIRE_OK(plan_job(file, 1, job_kind::events, {5}, marker_kind::manifest, {{object_row{}}, 10, 1}, now));
    REQUIRE_OK(add_backfill(file, backfill));
    REQUIRE_OK(add_merge(file, {1, 1'579'975'200'000, 1'579'975'200'000, 2, 3}));
    REQUIRE_OK(add_gap(file, 1, {{1}, {2}}));
    REQUIRE_OK(put_trouble(file, 1, {now, 1, now, now, {}, {}}));
    REQUIRE_OK(add_upload(file, {"/bucket"}, "a", "id", now));
    REQUIRE_OK(add_mail(file, {0, "a@b", {}, "c@d", {}, {}, now, 0, now}));
    REQUIRE_OK(add_migration(file, migration));
    REQUIRE_OK(file.execute("INSERT INTO segment VALUES(1, 7, 5, 0, 10, 0, 1, 9, 'zlib', 0, x'00')"));
    REQUIRE_OK(file.execute("PRAGMA foreign_keys=OFF"));
  }

  backfill_row backfill = [] {
    backfill_row made;
    made.connection = 1;
    made.first = {1};
    made.last = {2};
    made.created_at = now;
    return made;
  }();
  migration_row migration = [] {
    migration_row made;
    made.old_connection = 1;
    made.project = 7;
    made.place = {"/bucket"};
    made.created_at = now;
    return made;
  }();
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();
};

template <class Value>
std::optional<errc> code_of(const result<Value>& read) {
  return read ? std::nullopt : std::optional(read.error().code);
}

struct damage {
  const char* column;  // "hour.hour"
  std::function<std::optional<errc>(db::database&)> read;
};

const auto all_hours = [](db::database& file) { return code_of(list_hours(file, std::nullopt)); };
const auto all_segments = [](db::database& file) { return code_of(list_segments(file, {7, {5}}, 0, INT64_MAX)); };
const auto all_jobs = [](db::database& file) { return code_of(list_jobs(file)); };
const auto all_objects = [](db::database& file) { return code_of(list_objects(file, 1)); };
const auto all_backfills = [](db::database& file) { return code_of(list_backfills(file)); };
const auto all_connections = [](db::database& file) { return code_of(list_connections(file)); };
const auto all_gaps = [](db::database& file) { return code_of(list_gaps(file, 1)); };
const auto the_trouble = [](db::database& file) { return code_of(find_trouble(file, 1)); };
const auto all_mails = [](db::database& file) { return code_of(list_waiting_mails(file)); };
const auto the_migration = [](db::database& file) { return code_of(find_migration(file, 1)); };
const auto all_merge_hours = [](db::database& file) { return code_of(list_merge_hours(file, 1)); };
const auto all_uploads = [](db::database& file) { return code_of(list_uploads(file, {"/bucket"})); };
const auto the_worker = [](db::database& file) { return code_of(find_worker(file)); };
const auto the_projects = [](db::database& file) { return code_of(overview_of_projects(file)); };
const auto what_waits = [](db::database& file) { return code_of(count_undelivered(file, 1)); };

const damage damages[] = {
    {"hour.hour", all_hours},
    {"hour.hour", the_projects},
    {"hour.events", all_hours},
    {"hour.text_bytes", all_hours},
    {"hour.segmented_bytes", all_hours},
    {"segment.text_bytes", all_segments},
    {"segment.deflate_bytes", all_segments},
    {"job.hour", all_jobs},
    {"job.hour", what_waits},
    {"job.planned_at", all_jobs},
    {"job.delivered_at", all_jobs},
    {"job.source_bytes", all_jobs},
    {"object.partition", all_objects},
    {"object.source_offset", all_objects},
    {"object.bytes", all_objects},
    {"object.planned_at", all_objects},
    {"backfill.first_hour", all_backfills},
    {"backfill.last_hour", all_backfills},
    {"backfill.created_at", all_backfills},
    {"connection.start_hour", all_connections},
    {"connection.created_at", all_connections},
    {"connection.disabled_at", all_connections},
    {"gap.first_hour", all_gaps},
    {"access_trouble.since", the_trouble},
    {"access_trouble.blocked_at", the_trouble},
    {"outgoing_mail.next_try_at", all_mails},
    {"migration.step", the_migration},
    {"migration.created_at", the_migration},
    {"merge_record.hour", all_merge_hours},
    {"upload.begun_at", all_uploads},
    {"worker.since", the_worker},
};

// Whoever reads the column with this value in it gets a failure; the file is as before afterwards.
template <class Value>
void check_corrupt(const damage& of, const Value& value, db::database& file) {
  BOOST_TEST_CONTEXT(of.column) {
    const std::string column = of.column;
    const std::size_t dot = column.find('.');
    BOOST_CHECK(of.read(file) == std::nullopt);
    auto damaged = db::transaction::begin(file);
    REQUIRE_OK(damaged);
    REQUIRE_OK(file.run("UPDATE " + column.substr(0, dot) + " SET " + column.substr(dot + 1) + "=?", value));
    BOOST_CHECK(of.read(file) == errc::corrupt);
  }
}

BOOST_FIXTURE_TEST_SUITE(store_damaged_rows, fixture)

BOOST_AUTO_TEST_CASE(a_number_that_can_not_be_is_corrupt) {
  for (const damage& each : damages) {
    check_corrupt(each, INT64_MIN, file);
  }
}

const damage unknown_words[] = {
    {"project.record_form", the_projects},
    {"project.compression", the_projects},
    {"project.kind", the_projects},
    {"connection.kind", all_connections},
    {"connection.state", all_connections},
    {"connection.data", all_connections},
    {"connection.marker", all_connections},
    {"connection.principal", all_connections},
    {"connection.claim", all_connections},
    {"job.state", all_jobs},
    {"job.kind", all_jobs},
    {"job.marker", all_jobs},
    {"backfill.foreign_objects", all_backfills},
    {"migration.policy_keeper", the_migration},
    {"migration.encryption_keeper", the_migration},
    {"migration.encryption", the_migration},
};

BOOST_AUTO_TEST_CASE(a_word_that_nobody_knows_is_corrupt_and_stands_for_no_other) {
  for (const damage& each : unknown_words) {
    check_corrupt(each, "bogus", file);
  }
}

BOOST_AUTO_TEST_CASE(a_project_of_no_organization_is_corrupt) {
  REQUIRE_OK(file.execute("DELETE FROM organization"));
  CHECK_FAILS(owner_of(file, 7), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_backfill_in_no_known_state_has_failed) {
  REQUIRE_OK(file.execute("UPDATE backfill SET state='gone'"));
  BOOST_TEST(to_string(list_backfills(file).value().front().state) == "failed");
}

BOOST_AUTO_TEST_CASE(a_tail_of_which_text_is_missing_is_not_cut) {
  hour_writer writer(file);
  CHECK_FAILS(writer.cut_tail({7, {5}}, {}), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(an_hour_with_more_text_in_segments_than_in_all_is_corrupt) {
  REQUIRE_OK(file.execute("UPDATE hour SET segmented_bytes=11"));
  hour_writer writer(file);
  CHECK_FAILS(writer.append({7, {5}}, {}, "{}\n"), errc::corrupt);
}

struct with_keys : fixture {
  with_keys() { REQUIRE_OK(file.execute("INSERT INTO duplicate_row VALUES(1, 2612, 1, 0, zeroblob(17))")); }
  result<std::vector<novelty>> admit() {
    SPILLWAY_TRY_ASSIGN(duplicate_index index, duplicate_index::open(file));
    const seen_key key{{std::uint64_t{1} << 63, 0}, base::to_us(now)};
    return index.admit({&key, 1});
  }
};

BOOST_FIXTURE_TEST_CASE(a_row_without_whole_keys_is_corrupt, with_keys) {
  CHECK_OK(admit());
  for (const char* const keys : {"x''", "x'00'", "zeroblob(16)", "zeroblob(18)"}) {
    REQUIRE_OK(file.execute((std::string("UPDATE duplicate_row SET keys=") + keys).c_str()));
    CHECK_FAILS(admit(), errc::corrupt);
  }
}

BOOST_FIXTURE_TEST_CASE(keys_of_a_week_that_no_time_reaches_are_corrupt, with_keys) {
  for (const char* const week : {"9223372036854775807", "-9223372036854775807", "15250284"}) {
    REQUIRE_OK(file.execute((std::string("UPDATE duplicate_row SET week=") + week).c_str()));
    CHECK_FAILS(admit(), errc::corrupt);
  }
}

BOOST_FIXTURE_TEST_CASE(a_key_in_memory_of_such_a_week_is_corrupt, with_keys) {
  for (const char* const time : {"0000000000000080", "ffffffffffffff7f"}) {
    const std::string blob = "x'" + std::string(24, '0') + time + "'";
    REQUIRE_OK(file.execute(("INSERT OR REPLACE INTO duplicate_batch VALUES(1, " + blob + ")").c_str()));
    CHECK_FAILS(admit(), errc::corrupt);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::damaged_rows_tests
