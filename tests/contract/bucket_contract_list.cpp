// The part of the contract that is about listings.
#include "contract/bucket_contract.hpp"
#include "support/check_result.hpp"

#include <algorithm>
#include <vector>

namespace spillway::test::contract {

void keys_are_listed_in_byte_order(const bucket_factory& make) {
  const auto bucket = make();
  std::vector<std::string> keys = {"a/b",   "a-b",  "a.b",  "a0",  "a/b0/c", "B",     "\xc3\xa4", "a#1",
                                   "a b/c", "a/b1", "10/x", "9/x", "-1/-1_", "z/y/x", "a/B",      "~"};
  for (const std::string& key : keys) {
    put_text(*bucket, key, key);
  }
  std::sort(keys.begin(), keys.end());
  std::string wanted;
  for (const std::string& key : keys) {
    wanted += key + "\n";
  }
  BOOST_TEST(list_text(*bucket) == wanted);
}

void a_listing_tells_sizes_and_etags_as_head_does(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "a", "1");
  put_text(*bucket, "b/c", "22");
  const auto page = bucket->list("", "", 1000);
  REQUIRE_OK(page);
  BOOST_REQUIRE(page->objects.size() == 2U);
  for (const bucket::object_info& object : page->objects) {
    const auto head = bucket->head(object.key).value();
    BOOST_TEST(object.bytes == head->bytes);
    BOOST_TEST(object.etag == head->etag);
  }
  BOOST_TEST(page->next.empty());
}

void a_prefix_limits_a_listing(const bucket_factory& make) {
  const auto bucket = make();
  for (const std::string key :
       {"1/1_2020-01-25_17#1", "1/1_2020-01-25_18#1", "1/1_2020-01-26_1#1", "10/x", "1", "2/x"}) {
    if (key != "1") {
      put_text(*bucket, key, "x");
    }
  }
  BOOST_TEST(list_text(*bucket, "1/1_2020-01-25") == "1/1_2020-01-25_17#1\n1/1_2020-01-25_18#1\n");
  BOOST_TEST(list_text(*bucket, "1/1_2020-01-26_1#1") == "1/1_2020-01-26_1#1\n");
  BOOST_TEST(list_text(*bucket, "10/") == "10/x\n");
  BOOST_TEST(list_text(*bucket, "1").size() == list_text(*bucket).size() - 4);
  BOOST_TEST(list_text(*bucket, "3").empty());
  BOOST_TEST(list_text(*bucket, "10/x/").empty());
}

void pages_join_to_the_whole_listing(const bucket_factory& make) {
  const auto bucket = make();
  for (int number = 0; number < 23; ++number) {
    put_text(*bucket, std::to_string(number % 4) + "/" + std::to_string(number % 3) + "/" + std::to_string(number),
             "x");
  }
  const std::string wanted = list_text(*bucket);
  for (const int page_size : {1, 2, 7, 22, 23, 24}) {
    BOOST_TEST_CONTEXT(page_size) {
      std::string joined;
      std::string after;
      do {
        const auto page = bucket->list("", after, page_size);
        REQUIRE_OK(page);
        BOOST_TEST(page->objects.size() <= static_cast<std::size_t>(page_size));
        BOOST_TEST((page->next.empty() || page->objects.size() == static_cast<std::size_t>(page_size)));
        for (const bucket::object_info& object : page->objects) {
          joined += object.key + "\n";
        }
        after = page->next;
      } while (!after.empty());
      BOOST_TEST(joined == wanted);
    }
  }
}

void all_of_a_listing_is_what_its_pages_hold(const bucket_factory& make) {
  const auto bucket = make();
  for (const std::string key : {"a-b", "a/1", "a/2", "b/1", "c"}) {
    put_text(*bucket, key, "x");
  }
  for (const std::string prefix : {"", "a", "a/", "b/", "nothing"}) {
    for (const std::string after : {"", "a/1", "a/1x", "c"}) {
      std::vector<std::string> paged;
      for (const auto& each : bucket->list(prefix, after, 1000).value().objects) {
        paged.push_back(each.key);
      }
      std::vector<std::string> all;
      CHECK_OK(bucket->list_all(prefix, after, [&](const bucket::object_info& each) -> result<void> {
        all.push_back(each.key);
        return {};
      }));
      BOOST_TEST(all == paged, boost::test_tools::per_element());
    }
  }
  int seen = 0;
  const auto ended = bucket->list_all("a", "", [&seen](const bucket::object_info&) -> result<void> {
    ++seen;
    return failure{errc::too_large, "looking", "enough", {}};
  });
  CHECK_FAILS(ended, errc::too_large);
  BOOST_TEST(seen == 1);
}

void a_page_behind_a_key_that_is_not_there_starts_at_the_next(const bucket_factory& make) {
  const auto bucket = make();
  for (const std::string key : {"a/1", "a/3", "b/1", "c"}) {
    put_text(*bucket, key, "x");
  }
  BOOST_TEST(bucket->list("", "a/2", 1).value().objects.at(0).key == "a/3");
  BOOST_TEST(bucket->list("", "a/", 1).value().objects.at(0).key == "a/1");
  BOOST_TEST(bucket->list("", "a0", 1).value().objects.at(0).key == "b/1");
  BOOST_TEST(bucket->list("", "b/1/x", 1).value().objects.at(0).key == "c");
  BOOST_TEST(bucket->list("b", "a", 9).value().objects.size() == 1U);
  BOOST_TEST(bucket->list("", "d", 1).value().objects.empty());
}

void a_page_has_1_to_1000_keys(const bucket_factory& make) {
  const auto bucket = make();
  CHECK_FAILS(bucket->list("", "", 0), errc::invalid);
  CHECK_FAILS(bucket->list("", "", 1001), errc::invalid);
  CHECK_OK(bucket->list("", "", 1000));
}

}  // namespace spillway::test::contract
