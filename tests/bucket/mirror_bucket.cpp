#include "bucket/mirror_bucket.hpp"

#include "contract/bucket_contract.hpp"
#include "fs/atomic_file.hpp"
#include "fs/read_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <chrono>
#include <filesystem>
#include <set>
#include <vector>

#include <sys/stat.h>

namespace spillway::bucket::mirror_bucket_tests {
namespace {

using test::get_text;
using test::list_text;
using test::put_text;

const base::fixed_clock the_clock(base::from_us(1'579'975'200'000'000));

std::unique_ptr<bucket> open(const std::filesystem::path& root) {
  auto opened = open_mirror(root, the_clock, create_root::yes);
  BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string() : opened.error().text()));
  return std::move(*opened);
}

struct mirror_in_temp_dir {
  test::temp_dir dir;
  std::unique_ptr<bucket> mirror = open(dir / "bucket");
};

std::shared_ptr<bucket> make_bucket() {
  auto owner = std::make_shared<mirror_in_temp_dir>();
  return {owner, owner->mirror.get()};
}

struct fixture : mirror_in_temp_dir {
  std::filesystem::path root = dir / "bucket";

  void write(const std::string& path, std::string_view text) {
    std::filesystem::create_directories((root / path).parent_path());
    REQUIRE_OK(fs::write_file(root / path, text, 0600));
  }
  result<receipt> try_put(std::string_view key, std::string_view text, put_options options = {}) {
    memory_body body(text);
    return mirror->put(key, body, options);
  }
  object_info head(std::string_view key) { return mirror->head(key).value().value(); }
  // Every path in the temporary directory.
  std::set<std::string> tree() {
    std::set<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path())) {
      paths.insert(entry.path().string());
    }
    return paths;
  }
  std::size_t files_below(const std::string& path) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / path)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }
};

put_options hashed(std::string_view text) {
  put_options options;
  options.sha256 = base::sha256_of(text);
  return options;
}

BOOST_FIXTURE_TEST_SUITE(bucket_mirror_bucket, fixture)

#define RUN(name) \
  BOOST_AUTO_TEST_CASE(name) { test::contract::name(make_bucket); }
SPILLWAY_BUCKET_CONTRACT(RUN)
SPILLWAY_BUCKET_ONE_STEP_CONTRACT(RUN)
SPILLWAY_BUCKET_DIRECTORY_CONTRACT(RUN)
SPILLWAY_BUCKET_ENCRYPTION_CONTRACT(RUN)
#undef RUN

BOOST_AUTO_TEST_CASE(an_object_is_the_file_of_its_key) {
  put_text(*mirror, "1/1_2020-01-25_17#1.json.gz", "text");
  BOOST_TEST(fs::read_file(root / "1/1_2020-01-25_17#1.json.gz", 100).value() == "text");
  BOOST_TEST(mirror->name() == root.string());
}

BOOST_AUTO_TEST_CASE(files_put_there_by_hand_are_objects) {
  write("1/by_hand.gz", "text");
  BOOST_TEST(get_text(*mirror, "1/by_hand.gz") == "text");
  BOOST_TEST(list_text(*mirror) == "1/by_hand.gz\n");
  BOOST_TEST(!head("1/by_hand.gz").sha256.has_value());
  BOOST_TEST(!head("1/by_hand.gz").etag.empty());
}

BOOST_AUTO_TEST_CASE(a_mirror_that_is_only_read_is_left_as_it_is) {
  write("1/x.gz", "text");
  const auto before = tree();
  const auto again = open(root);
  BOOST_TEST(get_text(*again, "1/x.gz") == "text");
  BOOST_TEST(list_text(*again) == "1/x.gz\n");
  CHECK_OK(again->remove("missing"));
  BOOST_CHECK(tree() == before);
}

BOOST_AUTO_TEST_CASE(hostile_keys_are_refused_and_nothing_leaves_the_root) {
  std::vector<std::string> keys = {"",
                                   "/",
                                   "//",
                                   "/etc/passwd",
                                   ".spillway",
                                   ".spillway/bucket.json",
                                   "\\",
                                   "a\\b",
                                   "..\\..\\x",
                                   "a//b",
                                   "a/",
                                   "/a",
                                   "\x7f",
                                   "\xc3",
                                   "a/\xff/b",
                                   "\xed\xa0\x80",
                                   "\xc0\xae\xc0\xae/x",
                                   "C:\\x",
                                   std::string(1025, 'a'),
                                   std::string(256, 'a'),
                                   "a/" + std::string(256, 'b')};
  for (const std::string& bad : {std::string(".."), std::string("."), std::string(""), std::string("\0", 1),
                                 std::string("\n"), std::string("a\\.."), std::string(300, 'x'), std::string("\xfe")}) {
    for (const std::string& key : {bad + "/victim", "a/" + bad + "/victim", "a/" + bad, bad + "/" + bad + "/victim",
                                   "a/b/../" + bad + "/victim", bad + "/../../victim", "../" + bad}) {
      keys.push_back(key);
    }
  }
  for (int code = 0; code < 32; ++code) {
    const std::string byte(1, static_cast<char>(code));
    for (const std::string& key : {byte, "a" + byte, byte + "a", "a/" + byte + "b/c", "../" + byte}) {
      keys.push_back(key);
    }
  }
  BOOST_TEST(keys.size() >= 200U);
  REQUIRE_OK(fs::write_file(dir / "victim", "untouched", 0600));
  put_text(*mirror, "a/b/c", "x");
  const auto before = tree();
  for (const std::string& key : keys) {
    BOOST_TEST_CONTEXT("key of " << key.size() << " bytes: " << key) {
      CHECK_FAILS(try_put(key, "hostile"), errc::invalid);
      CHECK_FAILS(mirror->head(key), errc::invalid);
      CHECK_FAILS(mirror->get(key, {}, [](std::string_view) -> result<void> { return {}; }), errc::invalid);
      CHECK_FAILS(mirror->remove(key), errc::invalid);
      CHECK_FAILS(mirror->create_multipart(key, {}), errc::invalid);
    }
  }
  BOOST_CHECK(tree() == before);
  BOOST_TEST(fs::read_file(dir / "victim", 100).value() == "untouched");
}

BOOST_AUTO_TEST_CASE(hostile_upload_ids_are_not_found) {
  REQUIRE_OK(fs::write_file(dir / "victim", "untouched", 0600));
  const auto before = tree();
  for (const std::string id : {"", ".", "..", "../../..", "/etc", "0123456789ABCDEF0123456789ABCDEF",
                               "../uploads/0123456789abcdef0123", "0123456789abcdef0123456789abcde/"}) {
    BOOST_TEST_CONTEXT(id) {
      memory_body body("x");
      CHECK_FAILS(mirror->put_part("k", id, 1, body), errc::not_found);
      CHECK_FAILS(mirror->complete_multipart("k", id, {{1, "x"}}), errc::not_found);
      CHECK_FAILS(mirror->abort_multipart("k", id), errc::not_found);
    }
  }
  BOOST_CHECK(tree() == before);
}

BOOST_AUTO_TEST_CASE(symbolic_links_are_never_followed) {
  std::filesystem::create_directory(dir / "outside");
  REQUIRE_OK(fs::write_file(dir / "outside/secret", "secret", 0600));
  std::filesystem::create_directory_symlink(dir / "outside", root / "link");
  std::filesystem::create_symlink(dir / "outside/secret", root / "file");
  CHECK_FAILS(try_put("link/new", "x"), errc::conflict);
  CHECK_FAILS(try_put("file", "x"), errc::conflict);
  for (const std::string key : {"link/secret", "file"}) {
    BOOST_TEST_CONTEXT(key) {
      BOOST_TEST(!mirror->head(key).value().has_value());
      CHECK_FAILS(mirror->get(key, {}, [](std::string_view) -> result<void> { return {}; }), errc::not_found);
      CHECK_OK(mirror->remove(key));
    }
  }
  BOOST_TEST(list_text(*mirror).empty());
  BOOST_TEST(fs::read_file(dir / "outside/secret", 100).value() == "secret");
  BOOST_TEST(!std::filesystem::exists(dir / "outside/new"));
}

BOOST_AUTO_TEST_CASE(pipes_and_unholdable_names_are_no_objects) {
  BOOST_REQUIRE(::mkfifo((root / "pipe").c_str(), 0600) == 0);
  write("back\\slash", "x");
  write("line\nbreak", "x");
  BOOST_TEST(list_text(*mirror).empty());
  BOOST_TEST(!mirror->head("pipe").value().has_value());
  CHECK_FAILS(mirror->get("pipe", {}, [](std::string_view) -> result<void> { return {}; }), errc::not_found);
  CHECK_FAILS(try_put("pipe", "x"), errc::conflict);
}

BOOST_AUTO_TEST_CASE(a_key_and_a_key_below_it_clash) {
  put_text(*mirror, "k", "x");
  const auto below = try_put("k/child", "y");
  CHECK_FAILS(below, errc::conflict);
  BOOST_TEST(below.error().text() == "putting k/child: opening directory k: it is a file, not a directory");
  put_text(*mirror, "d/child", "x");
  const auto above = try_put("d", "y");
  CHECK_FAILS(above, errc::conflict);
  BOOST_TEST(above.error().text().find("keys below it are there") != std::string::npos);
  put_options absent;
  absent.condition = put_options::when::absent;
  CHECK_FAILS(try_put("d", "y", absent), errc::conflict);
  BOOST_TEST(list_text(*mirror) == "d/child\nk\n");
}

BOOST_AUTO_TEST_CASE(directories_that_become_empty_are_removed_and_make_room) {
  put_text(*mirror, "d/e/child", "x");
  REQUIRE_OK(mirror->remove("d/e/child"));
  BOOST_TEST(!std::filesystem::exists(root / "d"));
  put_text(*mirror, "d", "y");
  BOOST_TEST(get_text(*mirror, "d") == "y");
  std::filesystem::create_directory(root / "empty");
  put_text(*mirror, "empty", "z");
  BOOST_TEST(get_text(*mirror, "empty") == "z");
}

BOOST_AUTO_TEST_CASE(a_part_that_is_named_twice_is_refused) {
  const std::string text(std::size_t{5} << 20, 'x');
  const std::string id = mirror->create_multipart("k", {}).value();
  memory_body body(text);
  const std::string etag = mirror->put_part("k", id, 1, body).value();
  CHECK_FAILS(mirror->complete_multipart("k", id, {{1, etag}, {1, etag}}), errc::invalid);
  CHECK_OK(mirror->complete_multipart("k", id, {{1, etag}}));
}

BOOST_AUTO_TEST_CASE(a_directory_removed_by_hand_is_made_again) {
  put_text(*mirror, "d/a", "x");
  std::filesystem::remove_all(root / "d");
  put_text(*mirror, "d/b", "y");
  BOOST_TEST(list_text(*mirror) == "d/b\n");
}

BOOST_AUTO_TEST_CASE(encryption_and_key_are_told_by_head) {
  put_options options = hashed("text");
  options.encryption = encryption::sse_kms;
  options.kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/x";
  REQUIRE_OK(try_put("k", "text", options));
  BOOST_CHECK(head("k").encryption == encryption::sse_kms);
  BOOST_TEST(head("k").kms_key_id == "arn:aws:kms:eu-west-1:123456789012:key/x");
  REQUIRE_OK(try_put("k", "text"));
  BOOST_CHECK(head("k").encryption == encryption::none);
  BOOST_TEST(!head("k").sha256.has_value());
}

BOOST_AUTO_TEST_CASE(what_was_noted_of_an_object_outlives_the_mirror) {
  REQUIRE_OK(try_put("k", "text", hashed("text")));
  const std::string etag = head("k").etag;
  mirror = open(root);
  BOOST_CHECK(head("k").sha256 == base::sha256_of("text"));
  BOOST_TEST(head("k").etag == etag);
}

BOOST_AUTO_TEST_CASE(what_was_noted_is_distrusted_after_a_change_by_hand) {
  REQUIRE_OK(try_put("k", "text", hashed("text")));
  BOOST_REQUIRE(head("k").sha256.has_value());
  const std::string etag = head("k").etag;
  const auto touched = std::filesystem::last_write_time(root / "k") + std::chrono::seconds(1);
  std::filesystem::last_write_time(root / "k", touched);
  BOOST_TEST(!head("k").sha256.has_value());
  BOOST_TEST(head("k").etag != etag);
  REQUIRE_OK(try_put("k", "text", hashed("text")));
  write("k", "TEXT");
  BOOST_TEST(!head("k").sha256.has_value());
  BOOST_TEST(get_text(*mirror, "k") == "TEXT");
}

BOOST_AUTO_TEST_CASE(a_note_that_is_damaged_or_gone_costs_only_what_it_said) {
  REQUIRE_OK(try_put("k", "text", hashed("text")));
  for (const auto& entry : std::filesystem::directory_iterator(root / ".spillway/objects")) {
    REQUIRE_OK(fs::write_file(entry.path(), "{\"key\":\"k\",", 0600));
  }
  BOOST_TEST(!head("k").sha256.has_value());
  std::filesystem::remove_all(root / ".spillway/objects");
  BOOST_TEST(get_text(*mirror, "k") == "text");
  BOOST_TEST(!head("k").etag.empty());
  REQUIRE_OK(try_put("k", "text", hashed("text")));
  BOOST_TEST(head("k").sha256.has_value());
}

BOOST_AUTO_TEST_CASE(a_removed_object_leaves_no_note) {
  REQUIRE_OK(try_put("k", "text", hashed("text")));
  BOOST_TEST(files_below(".spillway/objects") == 1U);
  REQUIRE_OK(mirror->remove("k"));
  BOOST_TEST(files_below(".spillway") == 0U);
}

BOOST_AUTO_TEST_CASE(an_object_has_one_note_however_often_it_is_put) {
  REQUIRE_OK(try_put("k", "text", hashed("text")));
  REQUIRE_OK(try_put("k", "other", hashed("other")));
  BOOST_CHECK(head("k").sha256 == base::sha256_of("other"));
  put_options only_if_absent = hashed("third");
  only_if_absent.condition = put_options::when::absent;
  CHECK_FAILS(try_put("k", "third", only_if_absent), errc::conflict);
  BOOST_CHECK(head("k").sha256 == base::sha256_of("other"));
  BOOST_TEST(files_below(".spillway/objects") == 1U);
}

BOOST_AUTO_TEST_CASE(failing_puts_leave_no_bytes_and_no_directories) {
  memory_body body("text");
  CHECK_FAILS(mirror->put("new/directory/k", body, hashed("other")), errc::corrupt);
  BOOST_TEST(files_below("") == 0U);
  BOOST_TEST(!std::filesystem::exists(root / "new"));
}

BOOST_AUTO_TEST_CASE(what_was_staged_is_put_without_reading_the_body) {
  auto staged = mirror->stage();
  REQUIRE_OK(staged);
  CHECK_OK((*staged)->write("text"));
  test::piecewise_body unread("????", 4);
  put_options options = test::hashing_to("text");
  options.staged = staged->get();
  CHECK_OK(mirror->put("1/x.gz", unread, options));
  BOOST_TEST(get_text(*mirror, "1/x.gz") == "text");
  BOOST_CHECK(head("1/x.gz").sha256 == options.sha256);
}

BOOST_AUTO_TEST_CASE(what_was_staged_and_is_not_as_long_as_the_body_is_not_put) {
  auto staged = mirror->stage();
  REQUIRE_OK(staged);
  CHECK_OK((*staged)->write("tex"));
  put_options options;
  options.staged = staged->get();
  CHECK_OK(try_put("1/x.gz", "text", options));
  BOOST_TEST(get_text(*mirror, "1/x.gz") == "text");
}

BOOST_AUTO_TEST_CASE(what_was_staged_and_is_not_put_is_gone) {
  put_text(*mirror, "1/x.gz", "first");
  const auto before = tree();
  auto staged = mirror->stage();
  auto unused = mirror->stage();
  REQUIRE_OK(staged);
  REQUIRE_OK(unused);
  CHECK_OK((*staged)->write("second"));
  CHECK_OK((*unused)->write("third"));
  put_options options = test::only_if_absent();
  options.staged = staged->get();
  CHECK_FAILS(try_put("1/x.gz", "second", options), errc::conflict);
  unused->reset();
  staged->reset();
  BOOST_CHECK(tree() == before);
  BOOST_TEST(get_text(*mirror, "1/x.gz") == "first");
}

BOOST_AUTO_TEST_CASE(a_closed_mirror_leaves_no_temporary_directory) {
  put_text(*mirror, "k", "x");
  BOOST_TEST(!std::filesystem::is_empty(root / ".spillway/tmp"));
  mirror.reset();
  BOOST_TEST(std::filesystem::is_empty(root / ".spillway/tmp"));
}

BOOST_AUTO_TEST_CASE(leftovers_of_the_dead_are_swept_and_those_of_the_living_are_not) {
  // What a killed process leaves: a directory that nobody holds the lock of.
  write(".spillway/tmp/0123456789abcdef0123456789abcdef/0", "half an object");
  put_text(*mirror, "k", "x");
  BOOST_TEST(std::filesystem::exists(root / ".spillway/tmp/0123456789abcdef0123456789abcdef/0"));
  // In the middle of a put, another mirror opens the same directory.
  class body_that_opens final : public body_source {
  public:
    explicit body_that_opens(std::filesystem::path root) : root_(std::move(root)) {}
    std::uint64_t bytes() const override { return 200'000; }
    result<void> read(const std::function<result<void>(std::string_view)>& sink) override {
      SPILLWAY_TRY(sink(std::string(100'000, 'a')));
      open(root_);
      return sink(std::string(100'000, 'b'));
    }

  private:
    std::filesystem::path root_;
  } body(root);
  CHECK_OK(mirror->put("big", body, {}));
  BOOST_TEST(!std::filesystem::exists(root / ".spillway/tmp/0123456789abcdef0123456789abcdef"));
  BOOST_TEST(get_text(*mirror, "big").size() == 200'000U);
  BOOST_TEST(list_text(*mirror) == "big\nk\n");
}

BOOST_AUTO_TEST_CASE(an_upload_goes_on_after_the_mirror_was_opened_again) {
  const std::string id = mirror->create_multipart("k", hashed("text")).value();
  memory_body body("text");
  const std::string etag = mirror->put_part("k", id, 1, body).value();
  mirror = open(root);
  CHECK_OK(mirror->complete_multipart("k", id, {{1, etag}}));
  BOOST_TEST(get_text(*mirror, "k") == "text");
  BOOST_CHECK(head("k").sha256 == base::sha256_of("text"));
  BOOST_TEST(files_below(".spillway/uploads") == 0U);
}

BOOST_AUTO_TEST_CASE(an_upload_that_hashes_to_something_else_is_refused) {
  const std::string id = mirror->create_multipart("k", hashed("other")).value();
  memory_body body("text");
  const std::string etag = mirror->put_part("k", id, 1, body).value();
  CHECK_FAILS(mirror->complete_multipart("k", id, {{1, etag}}), errc::corrupt);
  BOOST_TEST(!mirror->head("k").value().has_value());
}

BOOST_AUTO_TEST_CASE(a_part_number_is_1_to_10000) {
  const std::string id = mirror->create_multipart("k", {}).value();
  memory_body body("text");
  CHECK_FAILS(mirror->put_part("k", id, 0, body), errc::invalid);
  CHECK_FAILS(mirror->put_part("k", id, 10'001, body), errc::invalid);
  CHECK_OK(mirror->put_part("k", id, 10'000, body));
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_as_long_as_it_says_is_refused) {
  class short_body final : public body_source {
  public:
    std::uint64_t bytes() const override { return 5; }
    result<void> read(const std::function<result<void>(std::string_view)>& sink) override { return sink("text"); }
  } body;
  CHECK_FAILS(mirror->put("k", body, {}), errc::corrupt);
  BOOST_TEST(list_text(*mirror).empty());
}

BOOST_AUTO_TEST_CASE(a_root_is_made_only_when_asked) {
  CHECK_FAILS(open_mirror(dir / "other", the_clock, create_root::no), errc::not_found);
  BOOST_TEST(!std::filesystem::exists(dir / "other"));
  CHECK_OK(open_mirror(dir / "other/deep", the_clock, create_root::yes));
  CHECK_OK(open_mirror(dir / "other/deep", the_clock, create_root::no));
  REQUIRE_OK(fs::write_file(dir / "file", "x", 0600));
  CHECK_FAILS(open_mirror(dir / "file", the_clock, create_root::no), errc::conflict);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::mirror_bucket_tests
