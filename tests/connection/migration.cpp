#include "connection/migration.hpp"

#include "bucket/mirror_bucket.hpp"
#include "connection/migration_plan.hpp"
#include "connection/scheduler.hpp"
#include "connection/set_up.hpp"
#include "support/export_run.hpp"
#include "support/ingest_run.hpp"

#include <string>
#include <vector>

namespace spillway::connection::migration_tests {
namespace {

const std::string role = "arn:aws:iam::123456789012:role/spillway-export-1";
const std::string root = "arn:aws:iam::123456789012:root";
const std::string old_policy =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/public/*"}]})";
const bucket::encryption_setting old_encryption{
    bucket::encryption::sse_kms, "old-key", bucket::encryption_setting::bucket_keys::on, {}};

// A connection of the old kind to a mirror with a policy and an encryption: hour 14 is delivered, 15 is not.
struct fixture : test::ingest_run {
  template <class Do>
  auto in_transaction(const Do& work) {
    auto change = db::transaction::begin(state.database());
    REQUIRE_OK(change);
    auto made = work();
    REQUIRE_OK(made);
    REQUIRE_OK(change->commit());
    return std::move(*made);
  }

  fixture() {
    clock.set(test::test_start + std::chrono::minutes{70});
    take_text(test::to_lines(3));
    REQUIRE_OK(open()->put_policy(old_policy));
    REQUIRE_OK(open()->put_default_encryption(old_encryption));
    model::connection made;
    made.project = 1;
    made.place.destination = (dir / "bucket").string();
    made.principal = model::principal_kind::root;
    made.principal_arn = root;
    old = in_transaction([&] { return add(state.database(), made, clock.now()); }).connection;
    deliver();
    test::raw_event late;
    late.uploaded_at = test::test_start + std::chrono::hours{1};
    take_text(test::to_lines(2, late, std::chrono::seconds{1}, "late"));
    clock.set(test::test_start + std::chrono::hours{3});
    asked.connection = old.id;
    asked.kms_key_id = "new-key";
  }

  std::unique_ptr<bucket::bucket> open() {
    return bucket::open_mirror(dir / "bucket", clock, bucket::create_root::yes).value();
  }

  void deliver() { REQUIRE_OK(run_once(state, agents, {})); }

  migration_world world() {
    return {state, agents, opener, [this](const migration_report& each) { return note(each); }, [] { return "nonce"; }};
  }

  // What cuts a run off behind a step, before its number is written down.
  result<void> note(const migration_report& report) {
    reports.push_back(report);
    return report.step == cut_at ? result<void>(failure{errc::interrupted, {}, "cut off", {}}) : result<void>();
  }

  result<migration_outcome> go(int until = store::migration_steps) {
    reports.clear();
    asked.until = until;
    return migrate(world(), asked);
  }

  std::vector<model::connection> connections() { return store::list_connections(state.database()).value(); }

  void check_migrated() {
    BOOST_REQUIRE(connections().size() == 1U);
    const model::connection made = connections().front();
    BOOST_CHECK(made.principal == model::principal_kind::role);
    BOOST_TEST(made.principal_arn == role);
    BOOST_TEST(made.access.kms_key_id == "new-key");
    BOOST_CHECK(made.state == model::connection_state::enabled);
    BOOST_TEST(open()->policy().value()->find(role) != std::string::npos);
    BOOST_TEST(open()->default_encryption().value()->kms_key_id == "new-key");
    BOOST_TEST(delivered_hours() == 16);
  }

  void check_as_it_was() {
    BOOST_REQUIRE(connections().size() == 1U);
    const model::connection found = connections().front();
    BOOST_TEST(found.id == old.id);
    BOOST_CHECK(found.principal == model::principal_kind::root);
    BOOST_CHECK(found.state == model::connection_state::enabled);
    BOOST_CHECK(found.start == old.start);
    BOOST_TEST(open()->policy().value().value() == old_policy);
    BOOST_CHECK(open()->default_encryption().value() == old_encryption);
    BOOST_TEST(!store::find_migration(state.database(), old.id).value().has_value());
  }

  std::int64_t delivered_hours() { return number("SELECT count(*) FROM job WHERE state='delivered'"); }

  model::connection old;
  migration_request asked;
  std::vector<migration_report> reports;
  int cut_at = -1;
  bucket_opener opener = [this](const model::connection& of) -> result<opened_bucket> {
    opened_bucket made;
    made.bucket = open();
    if (of.access.sse == "aws:kms") {
      made.put.encryption = bucket::encryption::sse_kms;
      made.put.kms_key_id = of.access.kms_key_id;
    }
    return made;
  };
  agent_world agents{clock, opener, [] { return 0.5; }, [](const notify::incident&, notify::incident_event) {}};
};

BOOST_FIXTURE_TEST_SUITE(connection_migration, fixture)

BOOST_AUTO_TEST_CASE(all_steps_are_done_in_their_order) {
  const auto made = go();
  REQUIRE_OK(made);
  BOOST_TEST(made->migration.is_finished());
  BOOST_REQUIRE(reports.size() == 12U);
  for (int step = 0; step <= store::migration_steps; ++step) {
    BOOST_TEST(reports[static_cast<std::size_t>(step)].step == step);
  }
  check_migrated();
}

BOOST_AUTO_TEST_CASE(a_run_that_was_cut_off_behind_any_step_goes_on) {
  for (cut_at = 0; cut_at <= store::migration_steps; ++cut_at) {
    const auto cut = go();
    BOOST_TEST(!cut.has_value());
  }
  cut_at = -1;
  REQUIRE_OK(go());
  check_migrated();
}

BOOST_AUTO_TEST_CASE(from_every_step_but_the_last_everything_comes_back) {
  for (int step = 0; step < store::migration_steps; ++step) {
    BOOST_TEST_CONTEXT("behind step " << step) {
      REQUIRE_OK(go(step));
      REQUIRE_OK(roll_back(world(), old.id, {}));
      check_as_it_was();
    }
  }
  deliver();
  BOOST_TEST(delivered_hours() == 16);
}

BOOST_AUTO_TEST_CASE(from_a_step_that_was_cut_off_everything_comes_back) {
  for (int step = 0; step < store::migration_steps; ++step) {
    BOOST_TEST_CONTEXT("in step " << step) {
      cut_at = step;
      BOOST_TEST(!go().has_value());
      cut_at = -1;
      REQUIRE_OK(roll_back(world(), old.id, {}));
      check_as_it_was();
    }
  }
}

BOOST_AUTO_TEST_CASE(what_nobody_has_saved_is_not_taken_away) {
  REQUIRE_OK(go(5));
  REQUIRE_OK(state.database().run("UPDATE migration SET step=6"));
  REQUIRE_OK(roll_back(world(), old.id, {}));
  check_as_it_was();
}

BOOST_AUTO_TEST_CASE(beside_one_that_is_at_work_there_is_no_other_and_no_rollback) {
  auto opened = store::state_file::open(dir / "state.db", store::access::change).value();
  migration_world other{opened, agents, opener, [](const migration_report&) { return result<void>(); },
                        [] { return "nonce"; }};
  REQUIRE_OK(go(10));
  CHECK_FAILS(roll_back(other, old.id, {}), errc::locked);
  CHECK_FAILS(migrate(other, asked), errc::locked);
  REQUIRE_OK(go());
  check_migrated();
}

BOOST_AUTO_TEST_CASE(one_that_was_rolled_back_meanwhile_does_no_harm) {
  for (int step = 0; step < store::migration_steps; ++step) {
    BOOST_TEST_CONTEXT("in step " << step) {
      migration_world stale = world();
      stale.report = [&](const migration_report& of) {
        if (of.step == step) {
          REQUIRE_OK(roll_back(world(), old.id, {}));
        }
        return result<void>();
      };
      CHECK_FAILS(migrate(stale, asked), errc::conflict);
      check_as_it_was();
    }
  }
}

BOOST_AUTO_TEST_CASE(a_rollback_that_another_one_has_finished_meanwhile_does_no_harm) {
  for (int step = 1; step <= 3; ++step) {
    BOOST_TEST_CONTEXT("in step " << step << " of the way back") {
      REQUIRE_OK(go(10));
      migration_world stale = world();
      stale.report = [&](const migration_report& of) {
        if (of.step == step) {
          REQUIRE_OK(roll_back(world(), old.id, {}));
        }
        return result<void>();
      };
      CHECK_FAILS(roll_back(stale, old.id, {}), errc::conflict);
      check_as_it_was();
    }
  }
}

BOOST_AUTO_TEST_CASE(a_rollback_that_was_cut_off_goes_on_and_nothing_else_does) {
  for (int step = 1; step <= 3; ++step) {
    BOOST_TEST_CONTEXT("behind step " << step << " of the way back") {
      REQUIRE_OK(go(10));
      cut_at = step;
      BOOST_TEST(!roll_back(world(), old.id, {}).has_value());
      cut_at = -1;
      BOOST_CHECK(go().error().code == errc::conflict);
      REQUIRE_OK(roll_back(world(), old.id, {}));
      check_as_it_was();
    }
  }
}

BOOST_AUTO_TEST_CASE(behind_the_last_step_there_is_no_way_back) {
  REQUIRE_OK(go());
  BOOST_CHECK(roll_back(world(), old.id, {}).error().code == errc::conflict);
  check_migrated();
  in_transaction([&] { return disable(state.database(), connections().front().id, clock.now()); });
  model::connection again = old;
  BOOST_TEST(check_allowed(state.database(), again).error().text().find("no way back") != std::string::npos);
  again.principal = model::principal_kind::role;
  CHECK_OK(check_allowed(state.database(), again));
}

BOOST_AUTO_TEST_CASE(running_jobs_are_waited_for_and_no_longer_than_that) {
  REQUIRE_OK(state.database().run("UPDATE job SET state='running' WHERE id=1"));
  migration_world impatient = world();
  impatient.wait_max = std::chrono::milliseconds{0};
  const auto waited = migrate(impatient, asked);
  BOOST_CHECK(waited.error().code == errc::unavailable);
  BOOST_CHECK(connections().front().state == model::connection_state::disabled);
  REQUIRE_OK(state.database().run("UPDATE job SET state='delivered' WHERE id=1"));
  REQUIRE_OK(go());
  check_migrated();
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_disabled_before_is_disabled_again) {
  in_transaction([&] { return disable(state.database(), old.id, clock.now()); });
  REQUIRE_OK(go(8));
  REQUIRE_OK(roll_back(world(), old.id, {}));
  BOOST_CHECK(connections().front().state == model::connection_state::disabled);
}

BOOST_AUTO_TEST_CASE(an_object_that_is_not_encrypted_with_the_key_ends_it_before_the_old_connection_goes) {
  REQUIRE_OK(go(9));
  deliver();
  // The mirror does not believe what it has noted of a file that somebody has changed.
  REQUIRE_OK(fs::write_file(dir / "bucket/1/1_2020-01-25_15#1.json.gz", "altered", 0600));
  const auto found = go();
  BOOST_CHECK(found.error().code == errc::invalid);
  BOOST_TEST(found.error().text().find("not encrypted") != std::string::npos);
  BOOST_TEST(connections().size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_object_that_is_not_what_the_ledger_says_does_so_too) {
  for (const char* change :
       {"UPDATE object SET bytes=bytes+1 WHERE id=2", "UPDATE object SET sha256=zeroblob(32) WHERE id=2"}) {
    REQUIRE_OK(go(9));
    deliver();
    REQUIRE_OK(state.database().execute(change));
    const auto found = go();
    BOOST_CHECK(found.error().code == errc::invalid);
    BOOST_TEST(found.error().text().find("the ledger") != std::string::npos);
    BOOST_TEST(connections().size() == 2U);
    REQUIRE_OK(state.database().execute("UPDATE object SET bytes=bytes-1 WHERE id=2"));
  }
}

BOOST_AUTO_TEST_CASE(beside_a_worker_only_what_the_connection_delivers_is_waited_for) {
  old.data = model::data_choice::merged_ids;
  REQUIRE_OK(store::change_connection(state.database(), old));
  take_text(
      R"({"scope":-1,"merge_time":1579960800000,"merge_server_time":1579960801000,"amplitude_id":9,)"
      R"("merged_amplitude_id":8})"
      "\n");
  REQUIRE_OK(go(9));
  asked.until = store::migration_steps;
  migration_world beside = world();
  beside.who_delivers = migration_world::worker::another;
  beside.wait_max = std::chrono::milliseconds{0};
  CHECK_FAILS(migrate(beside, asked), errc::unavailable);
  deliver();
  const auto made = migrate(beside, asked);
  REQUIRE_OK(made);
  BOOST_TEST(made->migration.is_finished());
}

BOOST_AUTO_TEST_CASE(a_policy_that_the_server_spells_otherwise_is_the_same) {
  const auto same = [](const char* one, const char* other) {
    return is_same_policy(std::string(one), std::string(other));
  };
  BOOST_TEST(same(R"({"A":["x","y"],"B":"z"})", R"({"B":["z"],"A":["y","x"]})"));
  BOOST_TEST(same(R"({"Id":"p","A":"x"})", R"({"ID":"p","A":["x"]})"));
  BOOST_TEST(!same(R"({"A":["x","y"]})", R"({"A":["x"]})"));
  BOOST_TEST(!is_same_policy(std::nullopt, std::string("{}")));
  BOOST_TEST(is_same_policy(std::nullopt, std::nullopt));
}

BOOST_AUTO_TEST_CASE(until_the_bucket_encrypts_with_it_another_key_may_be_named) {
  asked.kms_key_id = "mistyped";
  REQUIRE_OK(go(7));
  asked.kms_key_id = "new-key";
  REQUIRE_OK(go(8));
  BOOST_REQUIRE(reports.size() == 2U);  // step 7 again, with the key's policy
  asked.kms_key_id = "another";
  BOOST_CHECK(go().error().code == errc::usage);
  asked.kms_key_id.clear();
  REQUIRE_OK(go());
  check_migrated();
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_not_there_is_found_before_the_bucket_is_changed_and_may_be_corrected) {
  const bucket_opener good = opener;
  agents.open = [good](const model::connection& of) {
    const failure none{errc::usage, {}, "there is no profile " + of.access.profile, {}};
    return of.access.profile == "mistyped" ? result<opened_bucket>(none) : good(of);
  };
  asked.export_profile = "mistyped";
  BOOST_CHECK(go().error().code == errc::usage);
  BOOST_TEST(open()->policy().value().value() == old_policy);
  asked.export_profile = "exports";
  REQUIRE_OK(go());
  check_migrated();
  BOOST_TEST(connections().front().access.profile == "exports");
}

BOOST_AUTO_TEST_CASE(a_second_one_in_the_bucket_is_refused_and_says_once_what_was_being_done) {
  REQUIRE_OK(go(3));
  model::connection second = old;
  second.place.destination = "s3://raw/second";
  second = store::add_connection(state.database(), second).value();
  REQUIRE_OK(state.database().run("UPDATE migration SET destination='s3://raw/first'"));
  asked.connection = second.id;
  const std::string told = "migrating connection 2: connection 1 is being migrated in the same bucket";
  BOOST_TEST(go().error().text() == told);
  BOOST_TEST(preview_migration(world(), asked).error().text() == told);
}

BOOST_AUTO_TEST_CASE(commands_to_be_typed_go_to_the_server_of_the_connection) {
  const model::place minio{"s3://raw/a", "http://127.0.0.1:9000"};
  const std::string where = " --bucket raw --endpoint-url http://127.0.0.1:9000";
  BOOST_TEST(bucket_command("get-bucket-policy", minio) == "aws s3api get-bucket-policy" + where);
  BOOST_TEST(bucket_command("get-bucket-policy", {"s3://raw/a"}) == "aws s3api get-bucket-policy --bucket raw");
  BOOST_TEST(encryption_command(minio, {}) == "aws s3api delete-bucket-encryption" + where);
  BOOST_TEST(encryption_command(minio, old_encryption).starts_with("aws s3api put-bucket-encryption" + where + " --"));
  // Those that may not be read.
  REQUIRE_OK(state.database().run("UPDATE connection SET endpoint='http://127.0.0.1:9000'"));
  const auto rules = dir / "refusing/.spillway/bucket.json";
  std::filesystem::create_directories(rules.parent_path());
  REQUIRE_OK(fs::write_file(rules, R"({"deny":["s3:GetBucketPolicy"]})", 0600));
  opener = [this](const model::connection&) -> result<opened_bucket> {
    SPILLWAY_TRY_ASSIGN(auto opened, bucket::open_mirror(dir / "refusing", clock, bucket::create_root::no));
    return opened_bucket{std::move(opened), {}, {}};
  };
  CHECK_FAILS(go(), errc::denied);
  BOOST_TEST(reports.back().said.front().find(
                 "get-bucket-encryption --bucket bucket --endpoint-url http://127.0.0.1:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_role_of_another_account_is_wrong_usage) {
  asked.account = "000000000001";
  BOOST_CHECK(go().error().code == errc::usage);
  asked.account.clear();
  asked.principal_arn = "arn:aws:iam::000000000001:role/x";
  BOOST_CHECK(go().error().code == errc::usage);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::migration_tests
