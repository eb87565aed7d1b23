#include "base/hashes.hpp"

#include "base/bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <string_view>

namespace spillway::base_hashes_tests {
namespace {

using spillway::base::hash128;
using spillway::base::hash128_of;
using spillway::base::hash128_stream;
using spillway::base::hmac_sha256;
using spillway::base::md5_of;
using spillway::base::sha256;
using spillway::base::sha256_hex;
using spillway::base::sha256_of;
using spillway::base::to_hex;
using spillway::base::uuid5;
using namespace std::string_view_literals;

// The bytes over which xxHash publishes its own check values.
std::string sanity_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::uint64_t state = 2654435761u;
  for (char& byte : bytes) {
    byte = static_cast<char>(state >> 56);
    state *= 11400714785074694797u;
  }
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(base_hashes)

// RFC 4231, test cases 1, 2, 3 and 6 (a key longer than a block).
BOOST_AUTO_TEST_CASE(hmac_sha256_gives_the_published_codes) {
  const struct {
    std::string key;
    std::string message;
    std::string_view code;
  } rows[] = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"}};
  for (const auto& row : rows) {
    BOOST_TEST(sha256_hex(hmac_sha256(row.key, row.message)) == row.code);
  }
  BOOST_TEST(hmac_sha256("", "") != hmac_sha256("", "x"));
}

// RFC 1321, appendix A.5.
BOOST_AUTO_TEST_CASE(md5_gives_the_published_digests) {
  BOOST_TEST(to_hex(md5_of("")) == "d41d8cd98f00b204e9800998ecf8427e");
  BOOST_TEST(to_hex(md5_of("message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
}

// FIPS 180-4's examples.
BOOST_AUTO_TEST_CASE(sha256_gives_the_published_digests) {
  const struct {
    std::string text;
    std::string_view digest;
  } rows[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
              {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
              {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
              {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
  for (const auto& row : rows) {
    BOOST_TEST(sha256_hex(sha256_of(row.text)) == row.digest);
  }
}

BOOST_AUTO_TEST_CASE(sha256_does_not_care_how_bytes_are_cut) {
  const std::string bytes = sanity_bytes(1000);
  for (const std::size_t piece : {1, 63, 64, 65, 999}) {
    sha256 hash;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      hash.update(std::string_view(bytes).substr(at, piece));
    }
    sha256 moved = std::move(hash);
    BOOST_TEST((moved.finish() == sha256_of(bytes)), "in pieces of " << piece);
  }
}

// tests/sanity_test_vectors.h of xxHash, seed 0: one length for each of its code paths.
BOOST_AUTO_TEST_CASE(xxh3_gives_the_published_hashes) {
  const struct {
    std::size_t bytes;
    hash128 hash;
  } rows[] = {{0, {0x99aa06d3014798d8u, 0x6001c324468d497fu}},    {1, {0xa6cd5e9392000f6au, 0xc44bdff4074eecdbu}},
              {6, {0x082afe0b8162d12au, 0x3e7039bdda43cfc6u}},    {12, {0x6e3efd8fc7802b18u, 0x061a192713f69ad9u}},
              {24, {0x0ce966e4678d3761u, 0x1e7044d28b1b901du}},   {48, {0xa002ac4e5478227eu, 0xf942219aed80f67bu}},
              {81, {0x4952f58181ab0042u, 0x5e8bafb9f95fb803u}},   {222, {0x337e09641b948717u, 0xf1aebd597cec6b3au}},
              {403, {0x1b6de21e332dd73du, 0xcdeb804d65c6dea4u}},  {512, {0x18d2d110dcc9bca1u, 0x617e49599013cb6bu}},
              {2048, {0xf736557fd47073a5u, 0xdd59e2c3a5f038e0u}}, {2240, {0xccb134fbfa7ce49du, 0x6e73a90539cf2948u}}};
  for (const auto& row : rows) {
    BOOST_TEST((hash128_of(sanity_bytes(row.bytes)) == row.hash), row.bytes << " bytes");
  }
}

BOOST_AUTO_TEST_CASE(a_running_hash_equals_the_one_of_all_bytes_so_far) {
  const std::string bytes = sanity_bytes(5000);
  hash128_stream stream;
  BOOST_TEST((stream.digest() == hash128_of("")));
  for (std::size_t at = 0; at < bytes.size(); at += 37) {
    stream.update(std::string_view(bytes).substr(at, 37));
    BOOST_REQUIRE((stream.digest() == hash128_of(std::string_view(bytes).substr(0, at + 37))));
    BOOST_REQUIRE((stream.digest() == stream.digest()));
  }
}

// Reckoned apart from this code, with Python's uuid.uuid5 in the namespace 6b1f5c0e-937a-4d52-a841-2ed970c63b1d.
BOOST_AUTO_TEST_CASE(derived_uuids_never_change) {
  BOOST_TEST(uuid5("") == "ba627a43-7f13-5c80-80a9-3c671c410b07");
  BOOST_TEST(uuid5("a") == "7e984974-b363-50ac-a4ea-40198408a3d1");
  BOOST_TEST(uuid5("187520|device-1|insert-1") == "3e4d05c0-6779-531e-a418-268dabb88a75");
  BOOST_TEST(uuid5("žluťoučký") == "a5c89843-3293-5ec0-88e0-a3c69bd3d757");
}

BOOST_AUTO_TEST_CASE(derived_uuids_have_the_shape_of_version_5_and_differ) {
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string uuid = uuid5(std::to_string(i));
    BOOST_REQUIRE_EQUAL(uuid.size(), 36u);
    for (std::size_t at = 0; at < uuid.size(); ++at) {
      const bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
      BOOST_REQUIRE_MESSAGE(is_dash ? uuid[at] == '-' : "0123456789abcdef"sv.find(uuid[at]) != std::string_view::npos,
                            uuid);
    }
    BOOST_REQUIRE_EQUAL(uuid[14], '5');
    BOOST_REQUIRE_MESSAGE("89ab"sv.find(uuid[19]) != std::string_view::npos, uuid);
    BOOST_REQUIRE(seen.insert(uuid).second);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::base_hashes_tests
