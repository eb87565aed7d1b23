#include "export/leftovers.hpp"

#include "export/object_hashes.hpp"
#include "export/upload_keeper.hpp"
#include "s3/multipart.hpp"
#include "support/export_run.hpp"

#include <string>

namespace spillway::exporting::leftovers_tests {
namespace {

const std::string first_key = "1/1_2020-01-25_14#1.json.gz";

struct fixture : test::export_run {
  db::database& ledger() { return state.database(); }
  std::string begin(const std::string& key) { return bucket().create_multipart(key, {}).value(); }
  std::size_t known() { return store::list_uploads(ledger(), to.place).value().size(); }
  leftovers find(db::database* known_to) {
    const auto found = find_leftovers(known_to, bucket(), to.place, "", clock.now());
    REQUIRE_OK(found);
    return *found;
  }
  std::size_t there() { return bucket().list_uploads("").value().size(); }
};

BOOST_FIXTURE_TEST_SUITE(export_leftovers, fixture)

BOOST_AUTO_TEST_CASE(an_upload_is_in_the_ledger_from_its_beginning_to_its_end) {
  upload_keeper keeper(state.open_writer().value(), to.place, clock);
  REQUIRE_OK(keeper.begun("k", "id"));
  BOOST_TEST(known() == 1U);
  keeper.gone("k", "id");
  BOOST_TEST(known() == 0U);
}

BOOST_AUTO_TEST_CASE(the_next_run_aborts_what_a_killed_one_has_begun) {
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, begin(first_key), clock.now()));
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, std::string(32, '0'), clock.now()));  // has gone already
  REQUIRE_OK(store::add_upload(ledger(), {"s3://another", ""}, first_key, "id", clock.now()));
  add(1);
  deliver();
  BOOST_TEST(there() == 0U);
  BOOST_TEST(known() == 0U);
  BOOST_TEST(store::list_uploads(ledger(), {"s3://another", ""}).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_upload_whose_id_never_came_is_found_by_its_key) {
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, "", clock.now()));
  begin(first_key);
  begin("1/1_2020-01-25_14#10.json.gz");
  begin(first_key + ".old");
  add(1);
  deliver();
  BOOST_TEST(known() == 0U);
  BOOST_TEST(there() == 2U);  // of other keys
}

BOOST_AUTO_TEST_CASE(what_can_not_be_aborted_now_stays_for_the_next_time) {
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, begin(first_key), clock.now()));
  bucket().forget_calls();
  bucket().fail(1, errc::denied);
  REQUIRE_OK(abort_known_leftovers(ledger(), bucket(), to.place));
  BOOST_TEST(known() == 1U);
  REQUIRE_OK(abort_known_leftovers(ledger(), bucket(), to.place));
  BOOST_TEST(known() == 0U);
}

BOOST_AUTO_TEST_CASE(a_run_without_anything_to_deliver_aborts_leftovers_too) {
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, begin(first_key), clock.now()));
  REQUIRE_OK(try_deliver());
  BOOST_TEST(known() == 0U);
  BOOST_TEST(there() == 0U);
}

BOOST_AUTO_TEST_CASE(leftovers_are_those_of_the_ledger_and_of_keys_like_ours) {
  const std::string in_both = begin(first_key);
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, in_both, clock.now()));
  const std::string lost = begin("1/1_2020-01-25_15#1.json.gz");
  begin("somebody/elses");
  clock.set(clock.now() + std::chrono::hours{25});
  const auto found = find(&ledger());
  BOOST_TEST(found.left_behind.size() == 2U);
  BOOST_TEST(find(nullptr).left_behind.size() == 2U);
  for (const bucket::upload_info& each : found.left_behind) {
    REQUIRE_OK(abort_leftover(&ledger(), bucket(), to.place, each));
  }
  BOOST_TEST(there() == 1U);
  BOOST_TEST(known() == 0U);
}

BOOST_AUTO_TEST_CASE(an_upload_that_was_begun_for_a_place_below_is_known_and_is_removed_there) {
  const store::place all{"s3://raw", "http://one"};
  const store::place below{"s3://raw/shop", "http://one"};
  const std::string key = "shop/" + first_key;
  REQUIRE_OK(store::add_upload(ledger(), below, key, begin(key), clock.now()));
  for (const store::place& other : {store::place{"s3://raw2/shop", "http://one"},
                                    {"s3://raw/shop", "http://two"},
                                    {"s3://raw/else", "http://one"}}) {
    REQUIRE_OK(store::add_upload(ledger(), other, "else/" + first_key, "id", clock.now()));
  }
  const auto in = [&](const store::place& place, std::string_view prefix) {
    const auto found = find_leftovers(&ledger(), bucket(), place, prefix, clock.now());
    REQUIRE_OK(found);
    BOOST_TEST(found->perhaps_under_way.empty());
    return found->left_behind;
  };
  BOOST_TEST(in(all, "").size() == 2U);  // with the one of "else", which the bucket does not list
  BOOST_REQUIRE(in(below, "shop").size() == 1U);
  BOOST_TEST(in(below, "shop")[0].key == key);
  BOOST_TEST(in({"s3://raw/sho", "http://one"}, "sho").empty());
  for (const bucket::upload_info& each : in(all, "")) {
    REQUIRE_OK(abort_leftover(&ledger(), bucket(), all, each));
  }
  BOOST_TEST(there() == 0U);
  BOOST_TEST(store::list_uploads(ledger(), below).value().empty());
  BOOST_TEST(store::list_uploads(ledger(), {"s3://raw2/shop", "http://one"}).value().size() == 1U);
  BOOST_TEST(store::list_uploads(ledger(), {"s3://raw/shop", "http://two"}).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(who_may_not_list_uploads_gets_the_ledgers) {
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, "id", clock.now()));
  bucket().forget_calls();
  bucket().fail(1, errc::denied);
  BOOST_TEST(find(&ledger()).left_behind.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_somebody_else_has_begun_within_a_day_may_be_under_way) {
  REQUIRE_OK(store::add_upload(ledger(), to.place, first_key, begin(first_key), clock.now()));
  const std::string heard_of_by_key = "1/1_2020-01-25_15#1.json.gz";
  REQUIRE_OK(store::add_upload(ledger(), to.place, heard_of_by_key, "", clock.now()));
  begin(heard_of_by_key);
  const std::string others = begin("1/1_2020-01-25_16#1.json.gz");
  BOOST_TEST(find(&ledger()).left_behind.size() == 2U);
  BOOST_REQUIRE(find(&ledger()).perhaps_under_way.size() == 1U);
  BOOST_TEST(find(&ledger()).perhaps_under_way[0].upload_id == others);
  BOOST_TEST(find(nullptr).perhaps_under_way.size() == 3U);
}

// Noise, so that the object is long enough for parts.
BOOST_AUTO_TEST_CASE(parts_are_hashed_as_they_will_be_sent) {
  std::string lines;
  for (unsigned i = 0; i < 23; ++i) {
    test::raw_event event;
    event.insert_id = std::to_string(i);
    std::string line = to_line(event);
    line.insert(line.size() - 2, ",\"event_properties\":{\"p\":\"" + test::noise_letters(1 << 20, i) + "\"}");
    lines += line;
  }
  take_text(lines);
  REQUIRE_OK(plan());
  const store::object_row object = store::list_objects_of(ledger(), to.place).value().at(0);
  const auto parts = s3::parts_of(static_cast<std::uint64_t>(object.bytes));
  BOOST_REQUIRE(parts.size() > 1U);
  BOOST_REQUIRE(object.part_sha256s.size() == parts.size());
  deliver();
  const std::string body = objects().at(object.key);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    BOOST_CHECK(object.part_sha256s[i] ==
                base::sha256_of(std::string_view(body).substr(parts[i].first, parts[i].bytes)));
  }
  // A second place gets the hashes of the first.
  to.place.destination = (dir / "second").string();
  REQUIRE_OK(plan());
  BOOST_CHECK(store::list_objects_of(ledger(), to.place).value().at(0).part_sha256s == object.part_sha256s);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::leftovers_tests
