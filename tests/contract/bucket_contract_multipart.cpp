// The part of the contract that is about multipart uploads.
#include "contract/bucket_contract.hpp"
#include "support/check_result.hpp"

#include <utility>
#include <vector>

namespace spillway::test::contract {
namespace {

using bucket::memory_body;
using bucket::put_options;

// An upload that has begun.
struct upload {
  bucket::bucket& to;
  std::string key;
  std::string id;
  std::vector<bucket::bucket::part> parts = {};

  upload(bucket::bucket& to_, std::string key_, const put_options& options = {}) : to(to_), key(std::move(key_)) {
    const auto created = to.create_multipart(key, options);
    REQUIRE_OK(created);
    id = *created;
  }
  void put(int number, std::string_view text) {
    memory_body body(text);
    const auto etag = to.put_part(key, id, number, body);
    REQUIRE_OK(etag);
    parts.push_back({number, *etag});
  }
  result<bucket::receipt> complete() { return to.complete_multipart(key, id, parts); }
};

}  // namespace

void parts_become_their_concatenation(const bucket_factory& make) {
  const auto bucket = make();
  const std::string first = some_bytes(5 * mib, 4);
  const std::string second = some_bytes(5 * mib + 3, 5);
  const std::string last = "the end";
  upload up(*bucket, "d/k");
  up.put(1, first);
  up.put(2, second);
  up.put(9, last);
  const auto done = up.complete();
  REQUIRE_OK(done);
  BOOST_TEST(done->bytes == first.size() + second.size() + last.size());
  BOOST_CHECK(get_text(*bucket, "d/k") == first + second + last);
  BOOST_TEST(bucket->head("d/k").value()->etag == done->etag);
}

void one_small_part_becomes_an_object(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  up.put(1, "small");
  REQUIRE_OK(up.complete());
  BOOST_TEST(get_text(*bucket, "k") == "small");
}

void nothing_is_visible_before_an_upload_is_complete(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "d/k");
  up.put(1, "small");
  BOOST_TEST(list_text(*bucket).empty());
  BOOST_TEST(!bucket->head("d/k").value().has_value());
}

void a_part_put_again_replaces_the_earlier_one(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  up.put(1, "first");
  up.parts.clear();
  up.put(1, "second");
  REQUIRE_OK(up.complete());
  BOOST_TEST(get_text(*bucket, "k") == "second");
}

void an_aborted_upload_is_gone(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  up.put(1, "small");
  CHECK_OK(bucket->abort_multipart("k", up.id));
  CHECK_FAILS(up.complete(), errc::not_found);
  memory_body body("x");
  CHECK_FAILS(bucket->put_part("k", up.id, 1, body), errc::not_found);
  BOOST_TEST(!bucket->head("k").value().has_value());
}

void a_completed_upload_is_gone(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  up.put(1, "small");
  REQUIRE_OK(up.complete());
  memory_body body("x");
  CHECK_FAILS(bucket->put_part("k", up.id, 2, body), errc::not_found);
}

void parts_out_of_order_are_refused(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  up.put(2, some_bytes(5 * mib, 6));
  up.put(1, some_bytes(5 * mib, 7));
  CHECK_FAILS(up.complete(), errc::invalid);
  std::swap(up.parts[0], up.parts[1]);
  CHECK_OK(up.complete());
}

void a_small_part_before_the_last_is_refused(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  up.put(1, some_bytes(5 * mib - 1, 8));
  up.put(2, "last");
  CHECK_FAILS(up.complete(), errc::invalid);
  BOOST_TEST(!bucket->head("k").value().has_value());
}

void a_part_that_was_not_put_is_refused(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  up.put(1, "small");
  up.parts[0].etag += "0";
  CHECK_FAILS(up.complete(), errc::invalid);
  up.parts[0].etag.pop_back();
  up.parts[0].number = 2;
  CHECK_FAILS(up.complete(), errc::invalid);
}

void an_upload_without_parts_is_refused(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  CHECK_FAILS(up.complete(), errc::invalid);
}

void an_unknown_upload_is_not_found(const bucket_factory& make) {
  const auto bucket = make();
  const std::string other = upload(*bucket, "other").id;
  for (const std::string& id : {std::string("0123456789abcdef0123456789abcdef"), other}) {
    memory_body body("x");
    CHECK_FAILS(bucket->put_part("k", id, 1, body), errc::not_found);
    CHECK_FAILS(bucket->complete_multipart("k", id, {{1, "etag"}}), errc::not_found);
  }
  REQUIRE_OK(bucket->abort_multipart("other", other));
}

void a_conditional_upload_never_replaces(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k", only_if_absent());
  up.put(1, "upload");
  put_text(*bucket, "k", "first");
  CHECK_FAILS(up.complete(), errc::conflict);
  BOOST_TEST(get_text(*bucket, "k") == "first");
}

void the_parts_of_an_upload_are_listed(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "k");
  BOOST_TEST(bucket->list_parts("k", up.id).value().empty());
  up.put(2, "second");
  up.put(1, "first");
  const auto listed = bucket->list_parts("k", up.id);
  REQUIRE_OK(listed);
  BOOST_REQUIRE(listed->size() == 2U);
  BOOST_TEST((*listed)[0].number == 1);
  BOOST_TEST((*listed)[0].etag == up.parts[1].etag);
  BOOST_TEST((*listed)[1].number == 2);
  REQUIRE_OK(bucket->abort_multipart("k", up.id));
  CHECK_FAILS(bucket->list_parts("k", up.id), errc::not_found);
}

// MinIO lists uploads of whole keys only, so that is all that every bucket can promise.
void an_upload_under_way_is_listed_under_its_key(const bucket_factory& make) {
  const auto bucket = make();
  upload up(*bucket, "d/k#1");
  const auto listed = bucket->list_uploads("d/k#1");
  REQUIRE_OK(listed);
  BOOST_REQUIRE(listed->size() == 1U);
  BOOST_TEST((*listed)[0].key == "d/k#1");
  BOOST_TEST((*listed)[0].upload_id == up.id);
  BOOST_TEST(bucket->list_uploads("other").value().empty());
  REQUIRE_OK(bucket->abort_multipart("d/k#1", up.id));
  BOOST_TEST(bucket->list_uploads("d/k#1").value().empty());
}

}  // namespace spillway::test::contract
