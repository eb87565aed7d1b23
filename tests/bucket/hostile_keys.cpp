// Keys that try to leave a mirror's root, by what they say and by what somebody has put there: segments that lead
// elsewhere, symbolic links of every kind on the way, keys below another key. Each is tried with every operation; what
// stands outside of the root stays as it was, and so does the bucket.
#include "bucket/mirror_bucket.hpp"

#include "contract/bucket_contract.hpp"
#include "fs/atomic_file.hpp"
#include "fs/read_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace spillway::bucket::hostile_keys_tests {
namespace {

using namespace std::string_literals;
using test::get_text;
using test::list_text;
using test::put_text;

const base::fixed_clock the_clock(base::from_us(1'579'975'200'000'000));

// dir/outside is out of bounds; dir/bucket is the root, with an object and links to everywhere.
struct fixture {
  test::temp_dir dir;
  std::filesystem::path root = dir / "bucket";
  std::unique_ptr<bucket> mirror;

  fixture() {
    std::filesystem::create_directories(dir / "outside/folder");
    REQUIRE_OK(fs::write_file(dir / "outside/secret", "secret", 0600));
    REQUIRE_OK(fs::write_file(dir / "outside/folder/secret", "secret", 0600));
    mirror = open_mirror(root, the_clock, create_root::yes).value();
    put_text(*mirror, "1/k", "x");
    for (const auto& [name, target] : links()) {
      std::filesystem::create_symlink(target, root / name);
    }
  }

  std::map<std::string, std::string> links() const {
    return {{"out", "../outside"},
            {"absolute", (dir / "outside").string()},
            {"up", ".."},
            {"here", "."},
            {"everything", dir.path().string()},
            {"loop", "loop"},
            {"file", "../outside/secret"},
            {"dangling", "../outside/new"},
            {"1/out", "../../outside"},
            {"1/up", "../.."},
            {"1/k2", "k"}};
  }

  // Every path below dir with what it holds; a link is its target.
  std::map<std::string, std::string> tree() const {
    std::map<std::string, std::string> held;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path())) {
      std::string& content = held[entry.path().string()];
      if (entry.is_symlink()) {
        content = std::filesystem::read_symlink(entry.path()).string();
      } else if (entry.is_regular_file()) {
        content = fs::read_file(entry.path(), 1 << 20).value();
      }
    }
    return held;
  }
};

std::vector<std::string> keys_of_bad_segments() {
  const std::vector<std::string> segments = {"..",
                                             ".",
                                             "",
                                             "\0"s,
                                             "a\0b"s,
                                             "\\",
                                             "..\\x",
                                             "\n",
                                             "\x7f",
                                             std::string(256, 'x'),
                                             "\xff",
                                             "\xc0\xae\xc0\xae",
                                             ".\0."s,
                                             "..\0/x"s,
                                             "\xed\xa0\x80"};
  std::vector<std::string> keys;
  for (const std::string& bad : segments) {
    for (const std::string& key :
         {bad, bad + "/outside/secret", "1/" + bad, "1/" + bad + "/secret", "1/" + bad + "/" + bad + "/outside/new",
          "new/" + bad + "/../../outside/new", "../" + bad, "/" + bad, bad + "/.spillway/bucket.json"}) {
      keys.push_back(key);
    }
  }
  return keys;
}

std::vector<std::string> keys_through(const std::map<std::string, std::string>& links) {
  std::vector<std::string> keys;
  for (const auto& [name, target] : links) {
    for (const char* tail : {"", "/secret", "/new", "/folder/secret", "/folder/new/deep", "/outside/secret"}) {
      keys.push_back(name + tail);
    }
  }
  return keys;
}

std::vector<std::string> hostile_keys(const fixture& in) {
  std::vector<std::string> keys = {".spillway", ".spillway/bucket.json", ".spillway/objects/x.json",
                                   "1/k/below", "1/k/below/that",        "1/k/../../../outside/new",
                                   "1",         std::string(1025, 'a'),  "1/k/" + std::string(255, 'a'),
                                   "1/out/../k"};
  for (const auto& more : {keys_of_bad_segments(), keys_through(in.links())}) {
    keys.insert(keys.end(), more.begin(), more.end());
  }
  return keys;
}

void try_upload(bucket& mirror, const std::string& key) {
  const auto id = mirror.create_multipart(key, {});
  if (!id) {
    return;
  }
  memory_body body("hostile");
  const auto etag = mirror.put_part(key, *id, 1, body);
  if (etag) {
    BOOST_TEST(!mirror.complete_multipart(key, *id, {{1, *etag}}));
  }
  CHECK_OK(mirror.abort_multipart(key, *id));
}

BOOST_FIXTURE_TEST_SUITE(bucket_hostile_keys, fixture)

BOOST_AUTO_TEST_CASE(no_key_reaches_what_is_outside_of_the_root) {
  const std::vector<std::string> keys = hostile_keys(*this);
  BOOST_TEST(keys.size() >= 200U);
  // The mirror's own folder of uploads stays once there was one.
  REQUIRE_OK(mirror->abort_multipart("u", mirror->create_multipart("u", {}).value()));
  const auto before = tree();
  for (const std::string& key : keys) {
    BOOST_TEST_CONTEXT("key of " << key.size() << " bytes: " << key) {
      std::string got;
      const auto take = [&got](std::string_view piece) -> result<void> {
        got += piece;
        return {};
      };
      memory_body body("hostile");
      put_options absent;
      absent.condition = put_options::when::absent;
      BOOST_TEST(!mirror->put(key, body, {}));
      BOOST_TEST(!mirror->put(key, body, absent));
      BOOST_TEST(!mirror->get(key, {}, take));
      BOOST_TEST(got == "");
      const auto head = mirror->head(key);
      BOOST_TEST((!head || !*head));
      (void)mirror->remove(key);  // of what is not there that is no failure
      try_upload(*mirror, key);
      const auto listed = mirror->list(key, "", 1000).value();
      BOOST_TEST(std::ranges::all_of(listed.objects, [](const object_info& each) { return each.key == "1/k"; }));
    }
  }
  for (const auto& [path, content] : tree()) {
    BOOST_TEST_CONTEXT(path) { BOOST_TEST((before.contains(path) && before.at(path) == content)); }
  }
  BOOST_TEST(tree().size() == before.size());
  BOOST_TEST(list_text(*mirror) == "1/k\n");
  BOOST_TEST(get_text(*mirror, "1/k") == "x");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::hostile_keys_tests
