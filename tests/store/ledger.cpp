#include "store/ledger.hpp"

#include "store/connections.hpp"

#include "store/catalog.hpp"
#include "support/check_result.hpp"
#include "support/statement_plans.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace spillway::store::ledger_tests {
namespace {

const base::instant then = base::from_us(1'000'000);
const base::instant later = base::from_us(2'000'000);

object_row some_object(int partition, std::int64_t offset = 0) {
  object_row made;
  made.partition = partition;
  made.key = "1/1_2020-01-25_14#" + std::to_string(partition) + ".json.gz";
  made.source_offset = offset;
  made.source_bytes = 100;
  made.source_events = 3;
  made.text_bytes = 100;
  made.text_crc32 = 0xfedcba98;
  made.events = 3;
  made.bytes = 70;
  made.sha256 = base::sha256_of(made.key);
  made.engine = "isal-2.30.0/1";
  return made;
}

job_addition addition_of(const std::vector<object_row>& objects) {
  job_addition made{objects, 0, 0};
  for (const object_row& each : objects) {
    made.source_bytes = std::max(made.source_bytes, each.source_offset + each.source_bytes);
    made.source_events += each.source_events;
  }
  return made;
}

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();
  model::connection connection;
  const model::hour hour{438'782};

  fixture() {
    REQUIRE_OK(add_organization(file, {1, "local"}, {}));
    REQUIRE_OK(add_project(file, {1, 1, {}, {}, 0}, {}));
    connection = open_connection(file, 1, {"/bucket"}, {}, then).value();
  }

  job_row plan(const std::vector<object_row>& objects, base::instant now = then, marker_kind marker = marker_kind::manifest) {
    auto commit = db::transaction::begin(file);
    REQUIRE_OK(commit);
    REQUIRE_OK(plan_job(file, connection.id, job_kind::events, hour, marker, addition_of(objects), now));
    REQUIRE_OK(commit->commit());
    return job();
  }
  job_row job() { return find_job(file, connection.id, job_kind::events, hour).value().value(); }
  std::vector<object_row> objects() { return list_objects(file, job().id).value(); }

  // A job without objects, in the state asked for.
  std::int64_t job_in(job_state wanted) {
    const std::int64_t id = plan({}).id;
    if (wanted == job_state::blocked) {
      REQUIRE_OK(block_jobs(file, connection.id, "denied"));
    } else if (wanted != job_state::waiting) {
      REQUIRE_OK(start_job(file, id));
    }
    switch (wanted) {
      case job_state::waiting:
      case job_state::blocked:
      case job_state::running: break;
      case job_state::delivered: REQUIRE_OK(finish_job(file, id, then)); break;
      case job_state::failed: REQUIRE_OK(fail_job(file, id, "foreign")); break;
    }
    BOOST_REQUIRE(job().state == wanted);
    return id;
  }
};

constexpr job_state every_state[] = {job_state::waiting, job_state::running, job_state::delivered, job_state::failed,
                                     job_state::blocked};

struct move {
  std::string name;
  std::function<result<void>(db::database&, std::int64_t)> make;
  std::vector<job_state> from;
  job_state to;
};

BOOST_FIXTURE_TEST_SUITE(store_ledger, fixture)

BOOST_AUTO_TEST_CASE(a_connection_is_made_once) {
  const model::connection again = open_connection(file, 1, {"/bucket"}, {}, later).value();
  BOOST_TEST(again.id == connection.id);
  BOOST_TEST(again.place.destination == "/bucket");
  BOOST_TEST(open_connection(file, 1, {"s3://raw"}, {}, later).value().id != connection.id);
  BOOST_TEST(list_connections(file).value().size() == 2U);
  BOOST_TEST(!find_connection(file, 1, {"/other"}).value().has_value());
  BOOST_TEST(!find_connection(file, 2, {"/bucket"}).value().has_value());
  BOOST_TEST(!open_connection(file, 2, {"/bucket"}, {}, later).has_value());  // there is no such project
}

BOOST_AUTO_TEST_CASE(a_planned_job_waits_with_its_objects) {
  const job_row planned = plan({some_object(1), some_object(2, 100)});
  BOOST_CHECK(planned.state == job_state::waiting);
  BOOST_TEST(planned.connection_id == connection.id);
  BOOST_TEST(planned.project == 1);
  BOOST_TEST(planned.place.destination == "/bucket");
  BOOST_TEST(planned.hour.number == hour.number);
  BOOST_TEST(planned.attempts == 0);
  BOOST_CHECK(planned.planned_at == then);
  BOOST_TEST(!planned.delivered_at.has_value());
  const auto found = objects();
  BOOST_REQUIRE(found.size() == 2U);
  const object_row wanted = some_object(2, 100);
  BOOST_TEST(found[1].job_id == planned.id);
  BOOST_TEST(found[1].partition == 2);
  BOOST_TEST(found[1].key == wanted.key);
  BOOST_TEST(found[1].source_offset == 100);
  BOOST_TEST(found[1].text_bytes == 100);
  BOOST_TEST(found[1].text_crc32 == 0xfedcba98);
  BOOST_TEST(found[1].events == 3);
  BOOST_TEST(found[1].bytes == 70);
  BOOST_CHECK(found[1].sha256 == wanted.sha256);
  BOOST_TEST(found[1].engine == "isal-2.30.0/1");
  BOOST_TEST(found[1].etag == "");
  BOOST_CHECK(found[1].planned_at == then);
  BOOST_TEST(!found[1].delivered_at.has_value());
}

BOOST_AUTO_TEST_CASE(only_the_moves_of_the_diagram_are_made) {
  const move moves[] = {
      {"start",
       [](auto& at, auto id) { return start_job(at, id); },
       {job_state::waiting, job_state::failed, job_state::blocked},
       job_state::running},
      {"finish",
       [](auto& at, auto id) { return finish_job(at, id, later); },
       {job_state::running},
       job_state::delivered},
      {"suspend",
       [](auto& at, auto id) { return suspend_job(at, id, "why"); },
       {job_state::running},
       job_state::waiting},
      {"fail", [](auto& at, auto id) { return fail_job(at, id, "why"); }, {job_state::running}, job_state::failed},
      {"reopen",
       [](auto& at, auto id) { return reopen_job(at, id, marker_kind::manifest, {}, "why"); },
       {job_state::waiting, job_state::delivered, job_state::failed, job_state::blocked},
       job_state::waiting},
  };
  for (const move& each : moves) {
    for (const job_state from : every_state) {
      BOOST_TEST_CONTEXT(each.name << " from " << to_string(from)) {
        fixture fresh;
        const std::int64_t id = fresh.job_in(from);
        const bool allowed = std::ranges::find(each.from, from) != each.from.end();
        const auto made = each.make(fresh.file, id);
        if (allowed) {
          CHECK_OK(made);
        } else {
          CHECK_FAILS(made, errc::bug);
        }
        BOOST_TEST(to_string(fresh.job().state) == to_string(allowed ? each.to : from));
      }
    }
    CHECK_FAILS(each.make(file, 12345), errc::bug);
  }
}

BOOST_AUTO_TEST_CASE(what_is_running_is_not_planned_anew) {
  job_in(job_state::running);
  CHECK_FAILS(
      plan_job(file, connection.id, job_kind::events, hour, marker_kind::empty, addition_of({some_object(1)}), later),
      errc::bug);
  BOOST_CHECK(job().state == job_state::running);
  BOOST_TEST(objects().empty());
}

BOOST_AUTO_TEST_CASE(every_other_state_can_be_planned_anew) {
  for (const job_state from : every_state) {
    if (from == job_state::running) {
      continue;
    }
    BOOST_TEST_CONTEXT("from " << to_string(from)) {
      fixture fresh;
      const std::int64_t id = fresh.job_in(from);
      const job_row again = fresh.plan({some_object(1)}, later, marker_kind::empty);
      BOOST_TEST(again.id == id);
      BOOST_CHECK(again.state == job_state::waiting);
      BOOST_CHECK(again.marker == marker_kind::empty);
      BOOST_CHECK(again.planned_at == later);
      BOOST_TEST(again.reason == "");
      BOOST_TEST(fresh.objects().size() == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reason_is_kept_until_the_next_attempt) {
  const std::int64_t id = plan({}).id;
  for (const auto& stop : {suspend_job, fail_job}) {
    REQUIRE_OK(start_job(file, id));
    BOOST_TEST(job().reason == "");
    REQUIRE_OK(stop(file, id, "the bucket is gone"));
    BOOST_TEST(job().reason == "the bucket is gone");
  }
  BOOST_TEST(job().attempts == 2);
}

BOOST_AUTO_TEST_CASE(a_refusal_blocks_the_jobs_that_wait_and_no_others) {
  for (const job_state from : every_state) {
    BOOST_TEST_CONTEXT("from " << to_string(from)) {
      fixture fresh;
      fresh.job_in(from);
      REQUIRE_OK(block_jobs(fresh.file, fresh.connection.id + 1, "another's"));
      BOOST_TEST(to_string(fresh.job().state) == to_string(from));
      REQUIRE_OK(block_jobs(fresh.file, fresh.connection.id, "denied"));
      BOOST_TEST(to_string(fresh.job().state) == to_string(from == job_state::waiting ? job_state::blocked : from));
      BOOST_TEST((fresh.job().reason == "denied") == (fresh.job().state == job_state::blocked));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_job_is_delivered_only_with_all_its_objects) {
  const std::int64_t id = plan({some_object(1), some_object(2, 100)}).id;
  REQUIRE_OK(start_job(file, id));
  CHECK_FAILS(finish_job(file, id, later), errc::bug);
  REQUIRE_OK(finish_object(file, objects()[0].id, "etag-1", later));
  CHECK_FAILS(finish_job(file, id, later), errc::bug);
  BOOST_CHECK(job().state == job_state::running);
  REQUIRE_OK(finish_object(file, objects()[1].id, "etag-2", later));
  REQUIRE_OK(finish_job(file, id, later));
  BOOST_CHECK(job().state == job_state::delivered);
  BOOST_CHECK(job().delivered_at == later);
  BOOST_TEST(objects()[1].etag == "etag-2");
  BOOST_CHECK(objects()[1].delivered_at == later);
}

BOOST_AUTO_TEST_CASE(late_events_add_a_partition_and_change_none) {
  const std::int64_t id = plan({some_object(1)}).id;
  REQUIRE_OK(start_job(file, id));
  REQUIRE_OK(finish_object(file, objects()[0].id, "etag-1", then));
  REQUIRE_OK(finish_job(file, id, then));
  const object_row before = objects()[0];
  plan({some_object(2, 100)}, later);
  const auto found = objects();
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0].id == before.id);
  BOOST_TEST(found[0].etag == before.etag);
  BOOST_CHECK(found[0].delivered_at == before.delivered_at);
  BOOST_CHECK(found[0].planned_at == before.planned_at);
  BOOST_CHECK(found[1].planned_at == later);
  REQUIRE_OK(start_job(file, id));
  CHECK_FAILS(finish_job(file, id, later), errc::bug);
}

BOOST_AUTO_TEST_CASE(a_partition_is_planned_once) {
  plan({some_object(1)});
  auto commit = db::transaction::begin(file);
  REQUIRE_OK(commit);
  BOOST_TEST(!plan_job(file, connection.id, job_kind::events, hour, marker_kind::manifest, addition_of({some_object(1)}), later).has_value());
}

BOOST_AUTO_TEST_CASE(jobs_that_were_cut_off_wait_again) {
  for (const job_state each : every_state) {
    auto commit = db::transaction::begin(file);
    REQUIRE_OK(commit);
    const model::hour at{static_cast<std::int64_t>(each)};
    REQUIRE_OK(plan_job(file, connection.id, job_kind::events, at, marker_kind::manifest, {}, then));
    REQUIRE_OK(file.run("UPDATE job SET state=? WHERE hour=?", to_string(each), at.number));
    REQUIRE_OK(commit->commit());
  }
  REQUIRE_OK(recover_jobs(file));
  const auto jobs = list_jobs(file, connection.id, job_kind::events, {}).value();
  BOOST_REQUIRE(jobs.size() == std::size(every_state));
  for (const job_row& each : jobs) {
    const auto was = static_cast<job_state>(each.hour.number);
    BOOST_TEST(to_string(each.state) == to_string(was == job_state::running ? job_state::waiting : was));
  }
}

BOOST_AUTO_TEST_CASE(jobs_are_listed_by_project_destination_and_hour) {
  REQUIRE_OK(add_project(file, {2, 1, {}, {}, 0}, {}));
  const model::connection second = open_connection(file, 2, {"/bucket"}, {}, then).value();
  const model::connection other = open_connection(file, 1, {"/a"}, {}, then).value();
  for (const model::connection& each : {second, connection, other}) {
    for (const std::int64_t number : {9, -1}) {
      REQUIRE_OK(plan_job(file, each.id, job_kind::events, {number}, marker_kind::off, {}, then));
    }
  }
  std::string order;
  for (const job_row& each : list_jobs(file).value()) {
    order += std::to_string(each.project) + each.place.destination + " " + std::to_string(each.hour.number) + "\n";
  }
  BOOST_TEST(order == "1/a -1\n1/a 9\n1/bucket -1\n1/bucket 9\n2/bucket -1\n2/bucket 9\n");
  BOOST_TEST(list_jobs(file, second.id, job_kind::events, {}).value().size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_objects_of_a_destination_are_listed_by_key) {
  plan({some_object(2, 100), some_object(1)});
  const model::connection other = open_connection(file, 1, {"/other"}, {}, then).value();
  REQUIRE_OK(plan_job(file, other.id, job_kind::events, hour, marker_kind::manifest, addition_of({some_object(7)}), then));
  const auto all = list_objects_of(file, {"/bucket"}).value();
  BOOST_REQUIRE(all.size() == 2U);
  BOOST_TEST(all[0].partition == 1);
  BOOST_TEST(all[1].partition == 2);
  BOOST_TEST(list_objects_of(file, {"/other"}).value().size() == 1U);
  BOOST_TEST(list_objects_of(file, {"/none"}).value().empty());
}

BOOST_AUTO_TEST_CASE(the_hash_of_the_same_bytes_is_known_whatever_the_destination_and_key) {
  const object_row planned = some_object(1);
  plan({planned});
  object_row like = some_object(4);
  like.key = "elsewhere/1_2020-01-25_14#4.json.gz";
  const auto known = find_hashes(file, 1, hour, like);
  REQUIRE_OK(known);
  BOOST_REQUIRE(known->has_value());
  BOOST_CHECK((**known).sha256 == planned.sha256);
  BOOST_TEST((**known).part_sha256s.empty());
  // One that has hashes of parts too is preferred.
  object_row in_parts = some_object(2);
  in_parts.part_sha256s = {base::sha256_of("first"), base::sha256_of("second")};
  plan({in_parts});
  BOOST_CHECK(find_hashes(file, 1, hour, like).value()->part_sha256s == in_parts.part_sha256s);
}

BOOST_AUTO_TEST_CASE(the_hash_of_other_bytes_is_not_known) {
  plan({some_object(1)});
  const std::vector<std::function<void(object_row&)>> changes = {
      [](object_row& like) { ++like.source_offset; }, [](object_row& like) { ++like.text_bytes; },
      [](object_row& like) { ++like.text_crc32; },  [](object_row& like) { ++like.bytes; },
      [](object_row& like) { like.engine = "zlib-1.2.13/6"; }};
  for (const auto& change : changes) {
    object_row like = some_object(1);
    change(like);
    BOOST_TEST(!find_hashes(file, 1, hour, like).value().has_value());
  }
  BOOST_TEST(!find_hashes(file, 1, hour.next(), some_object(1)).value().has_value());
  BOOST_TEST(!find_hashes(file, 2, hour, some_object(1)).value().has_value());
}

// Not all jobs of a connection, or all objects there are: each is asked once for every object of a plan or a delivery.
BOOST_AUTO_TEST_CASE(what_is_asked_for_each_object_looks_at_its_hour_alone) {
  const test::statement_plans plans;
  auto reader = state.open_reader();
  REQUIRE_OK(reader);
  const auto check = [&](std::string_view part, std::string_view table) {
    const std::string plan = plans.last_with(part, *reader);
    BOOST_TEST(plan.find("(connection_id=? AND kind=? AND hour=?)") != std::string::npos, plan);
    BOOST_TEST(plan.find("SCAN " + std::string(table)) == std::string::npos, plan);
  };
  REQUIRE_OK(find_hashes(*reader, 1, hour, some_object(1)));
  check("SELECT sha256, part_sha256s", "connection");
  job_row merges;
  merges.kind = job_kind::merges;
  REQUIRE_OK(was_delivered(*reader, merges, "key"));
  check("SELECT 1 FROM connection CROSS JOIN job", "object");
}

BOOST_AUTO_TEST_CASE(names_of_states_and_markers_go_both_ways) {
  for (const job_state each : every_state) {
    BOOST_CHECK(base::parse_name<job_state>(to_string(each)) == each);
  }
  for (const marker_kind each : {marker_kind::manifest, marker_kind::empty, marker_kind::off}) {
    BOOST_CHECK(base::parse_name<model::marker_kind>(to_string(each)) == each);
  }
  BOOST_TEST(!base::parse_name<job_state>("done").has_value());
  BOOST_TEST(!base::parse_name<model::marker_kind>("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::ledger_tests
