#include "base/parts_sha256.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

namespace spillway::base_parts_sha256_tests {
namespace {

using spillway::base::parts_sha256;
using spillway::base::sha256_of;
using engine = spillway::base::parts_sha256::engine;

constexpr engine engines[] = {engine::fastest, engine::portable};

std::string random_bytes(std::size_t count, std::mt19937_64& random) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

// In pieces of random sizes.
void feed(parts_sha256& hash, std::string_view bytes, std::mt19937_64& random) {
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), random() % 200);
    hash.update(bytes.substr(0, count));
    bytes.remove_prefix(count);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(base_parts_sha256)

// FIPS 180-4's examples, and the empty message.
BOOST_AUTO_TEST_CASE(published_messages_have_their_sums) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
  for (const engine each : engines) {
    for (const auto& [message, sum] : rows) {
      parts_sha256 hash(each);
      hash.update(message);
      BOOST_TEST(spillway::base::sha256_hex(hash.finish_part()) == sum);
      BOOST_TEST(spillway::base::sha256_hex(hash.finish()) == sum);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_message_of_any_length_has_the_sum_that_openssl_gives) {
  std::mt19937_64 random(1);
  for (const engine each : engines) {
    for (std::size_t bytes = 0; bytes < 4 * parts_sha256::block_bytes; ++bytes) {
      const std::string message = random_bytes(bytes, random);
      parts_sha256 hash(each);
      feed(hash, message, random);
      BOOST_TEST((hash.finish_part() == sha256_of(message)), bytes);
      BOOST_TEST((hash.finish() == sha256_of(message)), bytes);
    }
  }
}

BOOST_AUTO_TEST_CASE(parts_and_the_whole_have_their_own_sums) {
  std::mt19937_64 random(2);
  for (const engine each : engines) {
    for (int round = 0; round < 100; ++round) {
      parts_sha256 hash(each);
      std::string all;
      for (int parts = static_cast<int>(random() % 5); parts >= 0; --parts) {
        const bool is_last = parts == 0;
        const std::string part =
            random_bytes(random() % 20 * parts_sha256::block_bytes + (is_last ? random() % 64 : 0), random);
        feed(hash, part, random);
        all += part;
        BOOST_TEST((hash.finish_part() == sha256_of(part)));
      }
      BOOST_TEST((hash.finish() == sha256_of(all)));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::base_parts_sha256_tests
