// Every request to S3 fails: once, which is tried again within the call, and as often as it is tried.
#include "bucket/s3_connection.hpp"
#include "s3/endpoint.hpp"
#include "s3/multipart.hpp"
#include "support/s3_in_memory.hpp"
#include "sweep/sweep.hpp"

#include <set>
#include <utility>

namespace spillway::test::s3_sweep_tests {
namespace {

constexpr std::int64_t once = 1;
constexpr std::int64_t in_vain = bucket::request_attempts_max;

std::shared_ptr<bucket::bucket> open_bucket(s3_in_memory& server, const base::clock& clock) {
  auto endpoint = s3::parse_endpoint("http://127.0.0.1:9000");
  REQUIRE_OK(endpoint);
  bucket::s3_connection connected{make_client(server),
                                  [] { return bucket::timed_credentials{{"key", "secret", {}}, {}}; },
                                  {{std::move(*endpoint), "raw", {}}, "us-east-1", {}}};
  return bucket::make_s3_bucket(std::move(connected), clock, s3::checksum::sha256,
                                {[](std::chrono::milliseconds) { return true; }, [] { return 0.5; }});
}

class s3_destination final : public destination {
public:
  explicit s3_destination(const base::clock& clock) : server(clock) {}
  std::string place() const override { return "s3://raw"; }
  result<std::shared_ptr<bucket::bucket>> open(const base::clock& clock) override { return open_bucket(server, clock); }
  tree objects() const override { return server.bucket.tree(); }

  s3_in_memory server;
};

std::unique_ptr<destination> make_s3(const std::filesystem::path&, const base::clock& clock) {
  return std::make_unique<s3_destination>(clock);
}

class request_fault_source final : public fault_source {
public:
  request_fault_source(s3_in_memory& server, request_fault kind, std::int64_t times)
      : server_(server), kind_(kind), times_(times) {}

  void arm(std::int64_t nth) override { server_.arm(kind_, requests_from(nth, times_)); }
  void disarm() override { server_.disarm(); }
  std::string fired_at() const override { return server_.fired_at(); }

private:
  s3_in_memory& server_;
  request_fault kind_;
  std::int64_t times_;
};

void run_sweep(std::unique_ptr<scenario> (*make)(const destination_maker&), request_fault kind, std::int64_t times,
               std::int64_t step_usual) {
  sweep([make] { return make(make_s3); },
        [kind, times](scenario& of) {
          return std::make_unique<request_fault_source>(dynamic_cast<s3_destination&>(of.to()).server, kind, times);
        },
        step_usual);
}

// The ids of uploads that may be there.
class kept_uploads final : public bucket::upload_log {
public:
  result<void> begun(std::string_view key, std::string_view upload_id) override {
    const std::scoped_lock lock(mutex_);
    all_.emplace(key, upload_id);
    return {};
  }
  void gone(std::string_view key, std::string_view upload_id) override {
    const std::scoped_lock lock(mutex_);
    all_.erase({std::string(key), std::string(upload_id)});
  }
  bool names(const bucket::upload_info& which) const {
    return all_.contains({which.key, which.upload_id}) || all_.contains({which.key, std::string()});
  }

private:
  std::mutex mutex_;
  std::set<std::pair<std::string, std::string>> all_;
};

const std::string text_of_two_parts = std::string(s3::part_bytes_usual, 'a') + std::string(1'000, 'b');

// False: no request failed.
bool upload_with_fault(request_fault kind, const std::set<std::int64_t>& which) {
  const std::string& text = text_of_two_parts;
  const base::fixed_clock clock(test_now);
  s3_in_memory server(clock);
  const auto to = open_bucket(server, clock);
  kept_uploads kept;
  bucket::put_options options;
  options.uploads = &kept;
  bucket::memory_body body(text);
  server.arm(kind, which);
  const auto made = to->put("large", body, options);
  server.disarm();
  const std::string fired_at = server.fired_at();
  BOOST_TEST_CONTEXT(which.size() << " requests from number " << *which.begin() << ", " << fired_at
                                  << (made ? "" : ": " + made.error().text())) {
    BOOST_TEST((made || !fired_at.empty()));
    const tree there = server.bucket.tree();
    BOOST_TEST((there.empty() || there.at("large") == text));
    for (const bucket::upload_info& each : server.bucket.list_uploads("").value()) {
      BOOST_CHECK_MESSAGE(kept.names(each), each.upload_id << " is left, and nobody knows of it");
    }
    CHECK_OK(to->put("large", body, options));
    BOOST_TEST((server.bucket.tree().at("large") == text));
  }
  return !fired_at.empty();
}

BOOST_AUTO_TEST_SUITE(sweep_s3)

#define SWEEP(name, make, kind, times, step) \
  BOOST_AUTO_TEST_CASE(name) { run_sweep(make, request_fault::kind, times, step); }
SWEEP(export_gets_over_a_request_that_is_not_sent, make_export, not_sent, once, 5)
SWEEP(export_gets_over_an_answer_that_is_lost, make_export, lost_answer, once, 5)
SWEEP(export_goes_on_when_requests_are_sent_again, make_export, not_sent, in_vain, 5)
SWEEP(export_goes_on_when_answers_come_again, make_export, lost_answer, in_vain, 5)
SWEEP(export_goes_on_when_the_server_is_less_busy, make_export, slow_down, in_vain, 5)
SWEEP(export_goes_on_when_access_is_back, make_export, denied, once, 5)
SWEEP(a_backfill_gets_over_an_answer_that_is_lost, make_backfill, lost_answer, once, 5)
SWEEP(a_backfill_goes_on_when_requests_are_sent_again, make_backfill, not_sent, in_vain, 5)
SWEEP(a_backfill_goes_on_when_answers_come_again, make_backfill, lost_answer, in_vain, 5)
SWEEP(a_backfill_goes_on_when_the_server_is_less_busy, make_backfill, slow_down, in_vain, 5)
SWEEP(a_backfill_goes_on_when_access_is_back, make_backfill, denied, once, 5)
SWEEP(a_migration_gets_over_an_answer_that_is_lost, make_migration, lost_answer, once, 5)
SWEEP(a_migration_goes_on_when_requests_are_sent_again, make_migration, not_sent, in_vain, 5)
SWEEP(a_migration_goes_on_when_answers_come_again, make_migration, lost_answer, in_vain, 5)
SWEEP(a_migration_goes_on_when_the_server_is_less_busy, make_migration, slow_down, in_vain, 5)
SWEEP(a_migration_goes_on_when_access_is_back, make_migration, denied, once, 5)
#undef SWEEP

BOOST_AUTO_TEST_CASE(an_upload_in_parts_leaves_nothing_behind_that_is_not_known) {
  for (const std::int64_t times : {once, in_vain}) {
    for (const request_fault kind : {request_fault::not_sent, request_fault::lost_answer, request_fault::denied}) {
      for (std::int64_t nth = 1; upload_with_fault(kind, requests_from(nth, times)); nth += step_of(2)) {
      }
    }
  }
}

// What is there has no checksum, as an object that others have put.
BOOST_AUTO_TEST_CASE(an_upload_in_parts_takes_no_object_of_its_size_for_its_own) {
  const base::fixed_clock clock(test_now);
  s3_in_memory server(clock);
  const std::string theirs(text_of_two_parts.size(), 'c');
  bucket::memory_body other(theirs);
  REQUIRE_OK(server.bucket.put("large", other, {}));
  bucket::put_options options;
  options.condition = bucket::put_options::when::absent;
  bucket::memory_body body(text_of_two_parts);
  CHECK_FAILS(open_bucket(server, clock)->put("large", body, options), errc::conflict);
  BOOST_TEST((server.bucket.tree().at("large") == theirs));
  BOOST_TEST(server.bucket.list_uploads("").value().empty());
}

// Nobody heard of the first upload, nor of the list that names it.
BOOST_AUTO_TEST_CASE(an_upload_that_no_answer_has_named_stays_known) {
  std::set<std::int64_t> which = requests_from(3, in_vain);
  which.insert(1);
  BOOST_TEST(upload_with_fault(request_fault::lost_answer, which));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::test::s3_sweep_tests
