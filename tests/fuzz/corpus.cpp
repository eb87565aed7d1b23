// Replays fixtures/corpus: what the fuzzers have found stays found, in every build and under every sanitizer.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

// LLVMFuzzerTestOneInput of each target: CMakeLists.txt gives it this name.
extern "C" {
int fuzz_record(const std::uint8_t* data, std::size_t bytes);
int fuzz_request_body(const std::uint8_t* data, std::size_t bytes);
int fuzz_gzip(const std::uint8_t* data, std::size_t bytes);
int fuzz_zip(const std::uint8_t* data, std::size_t bytes);
int fuzz_object_key(const std::uint8_t* data, std::size_t bytes);
int fuzz_manifest(const std::uint8_t* data, std::size_t bytes);
int fuzz_state_file(const std::uint8_t* data, std::size_t bytes);
int fuzz_bucket_settings(const std::uint8_t* data, std::size_t bytes);
int fuzz_s3_answers(const std::uint8_t* data, std::size_t bytes);
int fuzz_http_answers(const std::uint8_t* data, std::size_t bytes);
int fuzz_filter(const std::uint8_t* data, std::size_t bytes);
}

namespace {

using target = int (*)(const std::uint8_t* data, std::size_t bytes);

std::vector<std::filesystem::path> inputs_of(std::string_view name) {
  const auto folder = std::filesystem::path(SPILLWAY_FIXTURES) / "corpus" / name;
  std::vector<std::filesystem::path> inputs;
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    inputs.push_back(each.path());
  }
  std::ranges::sort(inputs);
  return inputs;
}

// On the heap and of its exact size, so that the address sanitizer sees every byte that is read too many.
std::vector<std::uint8_t> read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file.is_open(), path);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  return {bytes.begin(), bytes.end()};
}

void replay(std::string_view name, target run) {
  const auto inputs = inputs_of(name);
  BOOST_REQUIRE_MESSAGE(inputs.size() >= 5, "the corpus of " << name << " is there");
  for (const std::filesystem::path& each : inputs) {
    BOOST_TEST_CONTEXT(each.filename().string()) {
      const std::vector<std::uint8_t> bytes = read(each);
      BOOST_CHECK_NO_THROW(run(bytes.data(), bytes.size()));
    }
  }
}

}  // namespace

// A suite a target, so that CTest has each under its name.
#define CORPUS(name)                                                                         \
  BOOST_AUTO_TEST_SUITE(fuzz_corpus_##name)                                                  \
  BOOST_AUTO_TEST_CASE(what_must_hold_holds_for_every_input) { replay(#name, fuzz_##name); } \
  BOOST_AUTO_TEST_SUITE_END()

CORPUS(record)
CORPUS(request_body)
CORPUS(gzip)
CORPUS(zip)
CORPUS(object_key)
CORPUS(manifest)
CORPUS(state_file)
CORPUS(bucket_settings)
CORPUS(s3_answers)
CORPUS(http_answers)
CORPUS(filter)
