#include "contract/bucket_contract.hpp"

#include "support/check_result.hpp"

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace spillway::test {

result<void> piecewise_body::read(const std::function<result<void>(std::string_view)>& sink) {
  for (std::size_t from = 0; from < text_.size(); from += piece_bytes_) {
    SPILLWAY_TRY(sink(std::string_view(text_).substr(from, piece_bytes_)));
  }
  return failing;
}

std::string some_bytes(std::size_t bytes, unsigned seed) {
  std::string out(bytes, '\0');
  std::uint32_t state = seed * 2'654'435'761U + 1;
  for (char& byte : out) {
    state = state * 1'664'525U + 1'013'904'223U;
    byte = static_cast<char>(state >> 24U);
  }
  return out;
}

std::string put_text(bucket::bucket& to, std::string_view key, std::string_view text) {
  bucket::memory_body body(text);
  const auto done = to.put(key, body, {});
  BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().text()));
  return done->etag;
}

std::string get_text(bucket::bucket& from, std::string_view key) {
  std::string text;
  REQUIRE_OK(from.get(key, {}, [&text](std::string_view piece) -> result<void> {
    text += piece;
    return {};
  }));
  return text;
}

std::string list_text(bucket::bucket& of, std::string_view prefix) {
  std::string keys;
  std::string after;
  do {
    const auto page = of.list(prefix, after, 1000);
    REQUIRE_OK(page);
    for (const bucket::object_info& object : page->objects) {
      keys += object.key + "\n";
    }
    after = page->next;
  } while (!after.empty());
  return keys;
}

bucket::put_options only_if_absent() {
  bucket::put_options options;
  options.condition = bucket::put_options::when::absent;
  return options;
}

bucket::put_options hashing_to(std::string_view text) {
  bucket::put_options options;
  options.sha256 = base::sha256_of(text);
  return options;
}

namespace contract {
namespace {

using bucket::byte_range;
using bucket::memory_body;

result<std::string> get_range(bucket::bucket& from, std::string_view key, byte_range range) {
  std::string text;
  SPILLWAY_TRY(from.get(key, range, [&text](std::string_view piece) -> result<void> {
    text += piece;
    return {};
  }));
  return text;
}

// What put_and_remove_from_many_threads() leaves.
constexpr std::string_view put_from_many_threads =
    "shared/directory/0\nshared/directory/1\nshared/directory/2\nshared/directory/3\n";

// All keys share a directory, which a remove finds empty now and then while another thread puts into it.
void put_and_remove_from_many_threads(bucket::bucket& bucket) {
  std::array<std::string, 4> failures;  // of each thread
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < failures.size(); ++number) {
    threads.emplace_back([&, number] {
      const std::string key = "shared/directory/" + std::to_string(number);
      const auto note = [&](const auto& done) { failures[number] += done ? "" : done.error().text() + "\n"; };
      for (int round = 0; round < 25; ++round) {
        memory_body body(key);
        note(bucket.put(key, body, {}));
        note(round + 1 < 25 ? bucket.remove(key) : result<void>());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::string& each : failures) {
    BOOST_TEST(each == "");
  }
}

}  // namespace

void a_put_is_read_back_with_its_size_and_etag(const bucket_factory& make) {
  const auto bucket = make();
  memory_body body("text");
  const auto done = bucket->put("1/1_2020-01-25_17#1.json.gz", body, {});
  REQUIRE_OK(done);
  BOOST_TEST(done->bytes == 4U);
  BOOST_TEST(!done->etag.empty());
  BOOST_TEST(get_text(*bucket, "1/1_2020-01-25_17#1.json.gz") == "text");
  const auto head = bucket->head("1/1_2020-01-25_17#1.json.gz");
  REQUIRE_OK(head);
  BOOST_REQUIRE(head->has_value());
  BOOST_TEST((*head)->key == "1/1_2020-01-25_17#1.json.gz");
  BOOST_TEST((*head)->bytes == 4U);
  BOOST_TEST((*head)->etag == done->etag);
  BOOST_TEST((*head)->modified_at.time_since_epoch().count() > 0);
}

void an_empty_object_is_an_object(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "1/1_2020-01-25_17_complete", "");
  BOOST_TEST(bucket->head("1/1_2020-01-25_17_complete").value()->bytes == 0U);
  BOOST_TEST(get_text(*bucket, "1/1_2020-01-25_17_complete").empty());
  BOOST_TEST(get_range(*bucket, "1/1_2020-01-25_17_complete", {0, 10}).value() == "");
  BOOST_TEST(list_text(*bucket) == "1/1_2020-01-25_17_complete\n");
}

void a_second_put_replaces_the_first(const bucket_factory& make) {
  const auto bucket = make();
  const std::string first = put_text(*bucket, "k", "the first, which is longer");
  const std::string second = put_text(*bucket, "k", "second");
  BOOST_TEST(first != second);
  BOOST_TEST(get_text(*bucket, "k") == "second");
  BOOST_TEST(bucket->head("k").value()->etag == second);
  BOOST_TEST(list_text(*bucket) == "k\n");
}

void a_key_that_is_not_there_has_no_head_and_can_not_be_got(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "d/k", "text");
  for (const std::string key : {"missing", "d", "d/k2", "d/k/below", "x/y/z"}) {
    BOOST_TEST_CONTEXT(key) {
      const auto head = bucket->head(key);
      CHECK_OK(head);
      BOOST_TEST(!head.value().has_value());
      CHECK_FAILS(get_range(*bucket, key, {}), errc::not_found);
    }
  }
}

void a_range_gives_the_bytes_asked_for(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "k", "0123456789");
  BOOST_TEST(get_range(*bucket, "k", {0, 3}).value() == "012");
  BOOST_TEST(get_range(*bucket, "k", {4, 2}).value() == "45");
  BOOST_TEST(get_range(*bucket, "k", {9, 1}).value() == "9");
  BOOST_TEST(get_range(*bucket, "k", {7, 100}).value() == "789");
  BOOST_TEST(get_range(*bucket, "k", {7}).value() == "789");
}

void a_range_behind_the_end_is_invalid(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "k", "0123456789");
  CHECK_FAILS(get_range(*bucket, "k", {10, 1}), errc::invalid);
  CHECK_FAILS(get_range(*bucket, "k", {1000, 1}), errc::invalid);
}

void the_failure_of_a_sink_ends_a_get(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "k", some_bytes(3 * mib, 1));
  int pieces = 0;
  const auto got = bucket->get("k", {}, [&pieces](std::string_view) -> result<void> {
    ++pieces;
    return failure{errc::interrupted, "", "stop", ""};
  });
  CHECK_FAILS(got, errc::interrupted);
  BOOST_TEST(pieces == 1);
}

void a_large_object_arrives_whole(const bucket_factory& make) {
  const auto bucket = make();
  const std::string text = some_bytes(7 * mib + 17, 2);
  for (const std::size_t piece_bytes : {std::size_t{1000}, std::size_t{200'000}, 16 * mib}) {
    BOOST_TEST_CONTEXT(piece_bytes) {
      piecewise_body body(text, piece_bytes);
      CHECK_OK(bucket->put("k", body, hashing_to(text)));
      BOOST_CHECK(get_text(*bucket, "k") == text);
    }
  }
}

void a_removed_object_is_gone_and_can_be_removed_again(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "d/a", "x");
  put_text(*bucket, "d/b", "x");
  CHECK_OK(bucket->remove("d/a"));
  CHECK_OK(bucket->remove("d/a"));
  CHECK_OK(bucket->remove("never/was"));
  BOOST_TEST(!bucket->head("d/a").value().has_value());
  BOOST_TEST(list_text(*bucket) == "d/b\n");
  CHECK_OK(bucket->remove("d/b"));
  BOOST_TEST(list_text(*bucket).empty());
  put_text(*bucket, "d/a", "again");
  BOOST_TEST(get_text(*bucket, "d/a") == "again");
}

void a_conditional_put_never_replaces(const bucket_factory& make) {
  const auto bucket = make();
  memory_body first("first");
  memory_body second("second");
  CHECK_OK(bucket->put("d/k", first, only_if_absent()));
  CHECK_FAILS(bucket->put("d/k", second, only_if_absent()), errc::conflict);
  BOOST_TEST(get_text(*bucket, "d/k") == "first");
}

void a_conditional_put_stores_again_after_a_remove(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "k", "first");
  CHECK_OK(bucket->remove("k"));
  memory_body second("second");
  CHECK_OK(bucket->put("k", second, only_if_absent()));
  BOOST_TEST(get_text(*bucket, "k") == "second");
}

void only_one_of_many_conditional_puts_wins(const bucket_factory& make) {
  const auto bucket = make();
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      const std::string text = std::to_string(number);
      memory_body body(text);
      won += bucket->put("k", body, only_if_absent()).has_value() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  BOOST_TEST(won == 1);
}

void a_body_with_another_hash_is_refused_and_changes_nothing(const bucket_factory& make) {
  const auto bucket = make();
  memory_body body("text");
  CHECK_FAILS(bucket->put("new", body, hashing_to("other")), errc::corrupt);
  put_text(*bucket, "old", "before");
  CHECK_FAILS(bucket->put("old", body, hashing_to("other")), errc::corrupt);
  BOOST_TEST(get_text(*bucket, "old") == "before");
  BOOST_TEST(list_text(*bucket) == "old\n");
}

void head_tells_the_hash_of_a_put(const bucket_factory& make) {
  const auto bucket = make();
  memory_body body("text");
  CHECK_OK(bucket->put("k", body, hashing_to("text")));
  BOOST_CHECK(bucket->head("k").value()->sha256 == base::sha256_of("text"));
}

void a_body_that_fails_stores_nothing(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "old", "before");
  for (const std::string key : {"new", "d/new", "old"}) {
    BOOST_TEST_CONTEXT(key) {
      piecewise_body body(some_bytes(300'000, 3), 100'000);
      body.failing = failure{errc::state, "reading a segment", "it can't be read", ""};
      CHECK_FAILS(bucket->put(key, body, {}), errc::state);
    }
  }
  BOOST_TEST(list_text(*bucket) == "old\n");
  BOOST_TEST(get_text(*bucket, "old") == "before");
}

// Whether the bucket takes it ahead or, as most, has no stage for it.
void a_staged_body_is_put_as_another_is(const bucket_factory& make) {
  const auto bucket = make();
  const std::string text = some_bytes(300'000, 7);
  auto staged = bucket->stage();
  REQUIRE_OK(staged);
  if (*staged) {
    CHECK_OK((*staged)->write(text.substr(0, 100'000)));
    CHECK_OK((*staged)->write(text.substr(100'000)));
  }
  BOOST_TEST(list_text(*bucket) == "");
  bucket::put_options options = hashing_to(text);
  options.staged = staged->get();
  for (const char* key : {"first", "again"}) {  // it is taken once; then the body is read
    piecewise_body body(text, 4'096);
    const auto put = bucket->put(key, body, options);
    REQUIRE_OK(put);
    BOOST_TEST(put->bytes == text.size());
    BOOST_TEST(get_text(*bucket, key) == text);
    BOOST_TEST((bucket->head(key).value()->sha256 == options.sha256 || !bucket->head(key).value()->sha256));
  }
}

void awkward_keys_hold_objects(const bucket_factory& make) {
  const auto bucket = make();
  const std::vector<std::string> keys = {"1/1_2020-01-25_17#1.json.gz",
                                         "-100/-100_2020-01-25_5.json.gz",
                                         "a b",
                                         " a",
                                         "a ",
                                         "a+b",
                                         "a%b",
                                         "a%2Fb",
                                         "a%00",
                                         "a?b=c&d",
                                         "*",
                                         "[x]",
                                         "a'b\"c",
                                         "$HOME",
                                         "`x`",
                                         "a|b;c",
                                         "~root",
                                         "-rf",
                                         "...",
                                         "..a",
                                         "a..",
                                         ".hidden",
                                         "a:b",
                                         "@",
                                         "=",
                                         "<x>&amp;",
                                         "(x)",
                                         "\xc3\xa4\xc3\xb6/\xe6\x97\xa5\xe6\x9c\xac",
                                         "\xf0\x9f\x98\x80",
                                         "e\xcc\x81",
                                         ".spillway2/x",
                                         "x/.spillway/y",
                                         "a,b",
                                         "{}",
                                         "^",
                                         "!"};
  for (const std::string& key : keys) {
    put_text(*bucket, key, "text of " + key);
  }
  for (const std::string& key : keys) {
    BOOST_TEST_CONTEXT(key) {
      BOOST_TEST(get_text(*bucket, key) == "text of " + key);
      BOOST_TEST(bucket->list(key, "", 1).value().objects.at(0).key == key);
      CHECK_OK(bucket->remove(key));
      BOOST_TEST(!bucket->head(key).value().has_value());
    }
  }
  BOOST_TEST(list_text(*bucket).empty());
}

void long_keys_hold_objects(const bucket_factory& make) {
  const auto bucket = make();
  const std::string segment(255, 's');
  const std::string longest = segment + "/" + segment + "/" + segment + "/" + segment + "/";
  for (const std::string& key : {segment + "x/" + "k", longest.substr(0, 1023) + "tt"}) {
    memory_body body("x");
    const auto done = bucket->put(key, body, {});
    BOOST_TEST((done.has_value() || done.error().code == errc::invalid));
    CHECK_OK(done ? bucket->remove(key) : result<void>());
  }
  for (const std::string& key : {longest.substr(0, 1023), std::string(255, 'a') + "/" + segment}) {
    put_text(*bucket, key, "x");
    BOOST_TEST(list_text(*bucket, key) == key + "\n");
    BOOST_TEST(get_text(*bucket, key) == "x");
  }
}

void puts_and_removes_from_many_threads_all_count(const bucket_factory& make) {
  const auto bucket = make();
  put_text(*bucket, "shared/directory/stays", "");
  put_and_remove_from_many_threads(*bucket);
  CHECK_OK(bucket->remove("shared/directory/stays"));
  BOOST_TEST(list_text(*bucket) == put_from_many_threads);
}

void a_directory_that_removes_empty_takes_puts(const bucket_factory& make) {
  const auto bucket = make();
  put_and_remove_from_many_threads(*bucket);
  BOOST_TEST(list_text(*bucket) == put_from_many_threads);
}

void a_bucket_has_a_location_and_no_policy(const bucket_factory& make) {
  const auto bucket = make();
  BOOST_TEST(!bucket->location().value().empty());
  BOOST_TEST(!bucket->policy().value().has_value());
  BOOST_TEST(!bucket->name().empty());
}

}  // namespace contract
}  // namespace spillway::test
