#include "export/deliver.hpp"

#include "export/marker.hpp"
#include "fs/atomic_file.hpp"
#include "model/manifest.hpp"
#include "support/export_run.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace spillway::exporting::deliver_tests {
namespace {

const std::string first_key = "1/1_2020-01-25_14#1.json.gz";
const std::string second_key = "1/1_2020-01-25_14#2.json.gz";
const std::string marker_key = "1/1_2020-01-25_14_complete";

// One hour of two objects, planned.
struct fixture : test::export_run {
  fixture() {
    add(120, 0, 20'000);
    to.object_bytes_max = 1;
    to.foreign = model::foreign_objects::refuse;
  }

  job_plan plan_job() {
    REQUIRE_OK(plan());
    const store::job_row job = jobs().at(0);
    job_plan made{store::find_project(state.database(), job.project).value().value(), job,
                  store::list_objects(state.database(), job.id).value()};
    made.objects.resize(std::min<std::size_t>(made.objects.size(), 2));
    return made;
  }
  result<delivery> try_once(const job_plan& plan) {
    return exporting::deliver(tried_bucket(), state.database(), plan, to);
  }
  delivery once(const job_plan& plan) {
    auto made = try_once(plan);
    REQUIRE_OK(made);
    return std::move(*made);
  }
  void put(const std::string& key, std::string_view text) {
    bucket::memory_body body(text);
    REQUIRE_OK(bucket().put(key, body, {}));
    bucket().forget_calls();
  }
  std::string there(const std::string& key) {
    const test::tree all = objects();
    const auto found = all.find(key);
    return found == all.end() ? "nothing" : found->second;
  }
};

using calls = std::vector<std::string>;

BOOST_FIXTURE_TEST_SUITE(export_deliver, fixture)

BOOST_AUTO_TEST_CASE(every_object_is_put_and_verified_and_then_the_marker_is_put) {
  const job_plan plan = plan_job();
  const delivery made = once(plan);
  BOOST_TEST(bucket().calls() == (calls{"put " + first_key, "head " + first_key, "put " + second_key, "head " + second_key,
                                        "put " + marker_key}),
             boost::test_tools::per_element());
  BOOST_REQUIRE(made.objects.size() == 2U);
  BOOST_TEST(made.objects[0].id == plan.objects[0].id);
  BOOST_TEST(made.objects[0].etag == bucket().head(first_key).value()->etag);
  BOOST_TEST(made.bytes == plan.objects[0].bytes + plan.objects[1].bytes);
  BOOST_TEST(made.events == plan.objects[0].events + plan.objects[1].events);
  BOOST_CHECK(base::sha256_of(there(first_key)) == plan.objects[0].sha256);
  const std::string text = test::read_text(state.database(), {1, hour()});
  BOOST_TEST((text.starts_with(test::read_single_member(there(first_key)) + test::read_single_member(there(second_key)))));
}

BOOST_AUTO_TEST_CASE(the_marker_names_what_is_there) {
  once(plan_job());
  test::check_markers(objects());
  const auto manifest = model::parse_manifest(there(marker_key));
  REQUIRE_OK(manifest);
  BOOST_TEST(manifest->objects.size() == 2U);
  BOOST_TEST(bucket().options_of(marker_key).content_type == "application/json");
}

BOOST_AUTO_TEST_CASE(the_marker_may_be_empty_or_left_out) {
  job_plan plan = plan_job();
  plan.job.marker = model::marker_kind::off;
  once(plan);
  BOOST_TEST(there(marker_key) == "nothing");
  plan.job.marker = model::marker_kind::empty;
  once(plan);
  BOOST_TEST(there(marker_key) == "");
}

BOOST_AUTO_TEST_CASE(the_manifest_of_an_empty_hour_has_an_empty_list) {
  job_plan plan = plan_job();
  plan.objects.clear();
  once(plan);
  BOOST_TEST(there(marker_key) == "{\"version\":1,\"project\":1,\"hour\":\"2020-01-25_14\",\"objects\":[]}\n");
  BOOST_TEST(bucket().calls() == calls{"put " + marker_key}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(doing_it_twice_puts_nothing_anew) {
  const job_plan plan = plan_job();
  const delivery first = once(plan);
  const test::tree before = objects();
  bucket().forget_calls();
  const delivery second = once(plan);
  BOOST_TEST((objects() == before));
  // What is there is this run's, whoever put it: the ETag is that of the first put.
  BOOST_TEST(second.objects.at(0).etag == first.objects.at(0).etag);
  const std::vector<std::string> calls = bucket().calls();
  BOOST_REQUIRE(calls.size() >= 2U);  // the marker is there with the same bytes
  BOOST_TEST(calls[calls.size() - 2] == "put " + marker_key);
  BOOST_TEST(calls.back() == "get " + marker_key);
}

BOOST_AUTO_TEST_CASE(objects_that_were_delivered_are_left_alone) {
  job_plan plan = plan_job();
  plan.objects[0].delivered_at = clock.now();
  const delivery made = once(plan);
  BOOST_TEST(bucket().calls() == (calls{"put " + second_key, "head " + second_key, "put " + marker_key}),
             boost::test_tools::per_element());
  BOOST_TEST(made.objects.size() == 1U);
  BOOST_TEST(model::parse_manifest(there(marker_key)).value().objects.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_foreign_object_is_a_conflict_and_stays) {
  put(first_key, "somebody else's");
  const auto made = try_once(plan_job());
  CHECK_FAILS(made, errc::conflict);
  BOOST_TEST(made.error().text().find(first_key) != std::string::npos);
  BOOST_TEST(made.error().hint.find("--replace-foreign") != std::string::npos);
  BOOST_TEST(there(first_key) == "somebody else's");
  BOOST_TEST(there(marker_key) == "nothing");
}

// A server that is changing the same key at the same time says so, and may end without it.
BOOST_AUTO_TEST_CASE(a_conflict_with_nobody_is_no_foreign_object) {
  bucket().fail(1, errc::conflict);
  const auto made = try_once(plan_job());
  CHECK_FAILS(made, errc::unavailable);
  BOOST_TEST(made.error().text().find(first_key) != std::string::npos);
  CHECK_OK(try_once(plan_job()));
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_way_in_a_directory_is_told_by_name) {
  const job_plan plan = plan_job();
  const std::filesystem::path root = to.place.destination;
  const struct {
    std::string path;
    std::function<void(const std::filesystem::path&)> make;
    std::string cause;
  } rows[] = {
      {".spillway", [](const auto& at) { REQUIRE_OK(fs::write_file(at, "x", 0600)); }, "it is a file, not a directory"},
      {"1", [](const auto& at) { REQUIRE_OK(fs::write_file(at, "x", 0600)); }, "it is a file, not a directory"},
      {"1", [](const auto& at) { std::filesystem::create_symlink("/nowhere", at); },
       "it is a symbolic link, which is not followed"},
      {first_key, [](const auto& at) { std::filesystem::create_symlink("/nowhere", at); },
       "something that is neither a file nor a directory has this name"},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.path << ": " << row.cause) {
      std::filesystem::remove_all(root);
      to.place.destination = (root.parent_path() / ("bucket-" + std::to_string(&row - rows))).string();
      const std::filesystem::path obstacle = std::filesystem::path(to.place.destination) / row.path;
      std::filesystem::create_directories(obstacle.parent_path());
      row.make(obstacle);
      const auto made = try_once(plan);
      CHECK_FAILS(made, errc::conflict);
      BOOST_TEST(made.error().cause == row.cause);
      BOOST_TEST(made.error().hint.find("move it away") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_foreign_object_of_the_same_size_is_a_conflict_too) {
  const job_plan plan = plan_job();
  put(first_key, std::string(static_cast<std::size_t>(plan.objects[0].bytes), 'x'));
  CHECK_FAILS(try_once(plan), errc::conflict);
}

// A reader trusts the marker that is there while the objects behind it change.
BOOST_AUTO_TEST_CASE(a_foreign_object_is_replaced_when_its_marker_is_gone) {
  put(first_key, "somebody else's");
  put(marker_key, "old");
  to.foreign = model::foreign_objects::replace;
  const job_plan plan = plan_job();
  once(plan);
  BOOST_CHECK(base::sha256_of(there(first_key)) == plan.objects[0].sha256);
  test::check_markers(objects());
  const calls made = bucket().calls();
  const auto removed = std::ranges::find(made, "remove " + marker_key);
  BOOST_REQUIRE((removed != made.end()));
  const auto puts = std::ranges::count(made.begin(), removed, "put " + first_key);
  BOOST_TEST(puts == 1);  // the one that met the conflict
  BOOST_TEST(std::ranges::count(removed, made.end(), "put " + first_key) == 1);
  BOOST_TEST(made.back() == "put " + marker_key);
}

// A state file that is younger than its bucket would make untrue markers of true ones.
BOOST_AUTO_TEST_CASE(a_marker_that_lists_what_the_ledger_does_not_know_stays) {
  job_plan plan = plan_job();
  once(plan);
  const std::string listed = there(marker_key);
  plan.objects.pop_back();
  const auto refused = try_once(plan);
  CHECK_FAILS(refused, errc::conflict);
  BOOST_TEST(refused.error().text().find("the marker that is there lists " + second_key) != std::string::npos);
  BOOST_TEST(refused.error().hint.find("--replace-foreign") != std::string::npos);
  BOOST_TEST(there(marker_key) == listed);
  to.foreign = model::foreign_objects::replace;
  once(plan);
  BOOST_TEST(model::parse_manifest(there(marker_key))->objects.size() == 1U);
  BOOST_TEST(!objects().contains(second_key));
}

// They have the events of the hour a second time. Those of other hours, and what no partition is, stay.
BOOST_AUTO_TEST_CASE(foreign_partitions_go_with_the_one_that_is_replaced) {
  const std::string foreign = "1/1_2020-01-25_14#3.json.gz";
  const std::string others[] = {"1/1_2020-01-25_15#3.json.gz", "1/1_2020-01-25_14#3", "2/2_2020-01-25_14#3.json.gz"};
  put(first_key, "somebody else's");
  put(foreign, "foreign");
  for (const std::string& each : others) {
    put(each, "other");
  }
  const job_plan plan = plan_job();
  CHECK_FAILS(try_once(plan), errc::conflict);
  BOOST_TEST(objects().contains(foreign));
  to.foreign = model::foreign_objects::replace;
  once(plan);
  BOOST_TEST(!objects().contains(foreign));
  for (const std::string& each : others) {
    BOOST_TEST(objects().contains(each));
  }
}

BOOST_AUTO_TEST_CASE(a_connection_is_told_the_backfill_that_replaces_what_is_foreign) {
  job_plan plan = plan_job();
  once(plan);
  plan.objects.clear();
  to.kind = model::connection_kind::scheduled;
  const auto refused = try_once(plan);
  CHECK_FAILS(refused, errc::conflict);
  BOOST_TEST(refused.error().hint.find("spillway backfill 1 --from 2020-01-25 --to 2020-01-25 --replace-foreign") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_marker_that_lists_less_or_nothing_is_replaced) {
  const job_plan plan = plan_job();
  once(plan);
  const std::string right = there(marker_key);
  job_plan less = plan;
  less.objects.pop_back();
  for (const std::string& text : {std::string(), std::string("somebody else's"), marker_body(less), right}) {
    put(marker_key, text);
    once(plan);
    BOOST_TEST(there(marker_key) == right);
  }
}

BOOST_AUTO_TEST_CASE(the_same_bytes_without_a_recorded_hash_are_accepted) {
  const job_plan plan = plan_job();
  once(plan);
  bucket().forget_calls();
  bucket().on_head = [](bucket::object_info& info) { info.sha256.reset(); };
  CHECK_OK(try_once(plan));
  BOOST_TEST(bucket().calls().at(2) == "get " + first_key);
}

BOOST_AUTO_TEST_CASE(a_failure_to_read_what_is_there_is_not_taken_for_other_bytes) {
  const job_plan plan = plan_job();
  once(plan);
  bucket().forget_calls();
  bucket().on_head = [](bucket::object_info& info) { info.sha256.reset(); };
  bucket().fail(3, errc::io);
  CHECK_FAILS(try_once(plan), errc::io);
  bucket().forget_calls();
  bucket().fail(3, errc::unavailable);
  CHECK_OK(try_once(plan));
}

BOOST_AUTO_TEST_CASE(what_arrives_damaged_is_said_and_not_marked) {
  bucket().on_head = [](bucket::object_info& info) { info.bytes -= 1; };
  CHECK_FAILS(try_once(plan_job()), errc::corrupt);
  BOOST_TEST(there(marker_key) == "nothing");
  bucket().on_head = [](bucket::object_info& info) { (*info.sha256)[0] ^= 1; };
  CHECK_FAILS(try_once(plan_job()), errc::corrupt);
  BOOST_TEST(there(marker_key) == "nothing");
}

BOOST_AUTO_TEST_CASE(a_segment_that_has_changed_is_not_delivered) {
  const job_plan plan = plan_job();
  REQUIRE_OK(state.database().execute("UPDATE segment SET deflate=zeroblob(length(deflate)) WHERE text_offset=0"));
  CHECK_FAILS(try_once(plan), errc::corrupt);
  BOOST_TEST(there(first_key) == "nothing");
}

BOOST_AUTO_TEST_CASE(a_throttled_bucket_is_asked_five_times) {
  bucket().fail(1, errc::throttled, test::recording_bucket::lost::request, 4);
  CHECK_OK(try_once(plan_job()));
  using ms = std::chrono::milliseconds;
  BOOST_CHECK((waits == std::vector{ms{500}, ms{1'000}, ms{2'000}, ms{4'000}}));
}

BOOST_AUTO_TEST_CASE(a_bucket_that_stays_throttled_is_given_up) {
  bucket().fail(1, errc::throttled, test::recording_bucket::lost::request, 100);
  CHECK_FAILS(try_once(plan_job()), errc::throttled);
  BOOST_TEST(bucket().calls().size() == 5U);
}

BOOST_AUTO_TEST_CASE(an_answer_that_was_lost_is_found_out) {
  for (int nth = 1; nth <= 5; ++nth) {
    BOOST_TEST_CONTEXT("call " << nth) {
      fixture fresh;
      fresh.bucket().fail(nth, errc::unavailable, test::recording_bucket::lost::answer);
      const job_plan plan = fresh.plan_job();
      const delivery made = fresh.once(plan);
      BOOST_TEST(made.objects.size() == 2U);
      test::check_markers(fresh.objects());
      BOOST_TEST(fresh.objects().size() == 3U);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_denied_call_is_not_repeated) {
  for (int nth = 1; nth <= 5; ++nth) {
    fixture fresh;
    fresh.bucket().fail(nth, errc::denied, test::recording_bucket::lost::request, 100);
    CHECK_FAILS(fresh.try_once(fresh.plan_job()), errc::denied);
    BOOST_TEST(fresh.bucket().calls().size() == static_cast<std::size_t>(nth));
    BOOST_TEST(fresh.there(marker_key) == "nothing");
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_passes_encryption_over_gets_no_marker) {
  to.put.encryption = bucket::encryption::sse_s3;
  bucket().on_head = [](bucket::object_info& info) { info.encryption = bucket::encryption::none; };
  for (const char* run : {"first", "second"}) {
    BOOST_TEST_CONTEXT(run) {
      const auto made = try_once(plan_job());
      CHECK_FAILS(made, errc::invalid);
      BOOST_TEST(made.error().text().find("without the encryption") != std::string::npos);
      BOOST_TEST(there(marker_key) == "nothing");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_same_bytes_without_the_encryption_that_is_asked_for_are_put_again_with_it) {
  once(plan_job());
  to.put.encryption = bucket::encryption::sse_s3;
  bucket().forget_calls();
  once(plan_job());
  BOOST_CHECK(bucket().head(first_key).value()->encryption == bucket::encryption::sse_s3);
  const calls made = bucket().calls();
  BOOST_TEST(std::ranges::count(made, "put " + first_key) == 2);
  BOOST_TEST(std::ranges::count(made, "remove " + marker_key) == 0);
}

BOOST_AUTO_TEST_CASE(encryption_is_asked_for_in_objects_and_markers) {
  to.put.encryption = bucket::encryption::sse_kms;
  to.put.kms_key_id = "key-1";
  once(plan_job());
  for (const std::string& key : {first_key, second_key, marker_key}) {
    const auto info = bucket().head(key).value();
    BOOST_REQUIRE(info.has_value());
    BOOST_CHECK(info->encryption == bucket::encryption::sse_kms);
    BOOST_TEST(info->kms_key_id == "key-1");
  }
  BOOST_TEST(bucket().options_of(first_key).content_type == "application/gzip");
  BOOST_CHECK(bucket().options_of(first_key).condition == bucket::put_options::when::absent);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::deliver_tests
