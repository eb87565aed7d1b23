#include "base/hashes.hpp"

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <climits>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <xxhash.h>
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>  // has the calls below use what the processor has: a third less time for inputs
#endif

namespace spillway::base {

struct sha256::context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  context() { SPILLWAY_ASSERT(evp != nullptr && EVP_DigestInit_ex(evp, EVP_sha256(), nullptr) == 1); }
  ~context() { EVP_MD_CTX_free(evp); }
  context(const context&) = delete;
  context& operator=(const context&) = delete;
};

sha256::sha256() : context_(std::make_unique<context>()) {}
sha256::~sha256() = default;
sha256::sha256(sha256&&) noexcept = default;
sha256& sha256::operator=(sha256&&) noexcept = default;

void sha256::update(std::string_view bytes) {
  SPILLWAY_ASSERT(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
}

sha256_digest sha256::finish() {
  sha256_digest digest{};
  SPILLWAY_ASSERT(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) == 1);
  return digest;
}

sha256_digest sha256_of(std::string_view bytes) {
  sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

sha256_digest sha256_of_digests(std::span<const sha256_digest> digests) {
  sha256 hash;
  for (const sha256_digest& each : digests) {
    hash.update({reinterpret_cast<const char*>(each.data()), each.size()});
  }
  return hash.finish();
}

std::string sha256_hex(const sha256_digest& digest) { return to_hex(digest); }

sha256_digest hmac_sha256(std::string_view key, std::string_view message) {
  SPILLWAY_ASSERT(key.size() <= INT_MAX);
  sha256_digest digest{};
  SPILLWAY_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
                       nullptr) != nullptr);
  return digest;
}

md5_digest md5_of(std::string_view bytes) {
  md5_digest digest{};
  SPILLWAY_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_md5(), nullptr) == 1);
  return digest;
}

hash128 hash128_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

struct hash128_stream::state {
  XXH3_state_t* xxh = XXH3_createState();
  state() { SPILLWAY_ASSERT(xxh != nullptr && XXH3_128bits_reset(xxh) == XXH_OK); }
  ~state() { XXH3_freeState(xxh); }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
};

hash128_stream::hash128_stream() : state_(std::make_unique<state>()) {}
hash128_stream::~hash128_stream() = default;
hash128_stream::hash128_stream(hash128_stream&&) noexcept = default;
hash128_stream& hash128_stream::operator=(hash128_stream&&) noexcept = default;

void hash128_stream::update(std::string_view bytes) { XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size()); }

hash128 hash128_stream::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh);
  return {hash.high64, hash.low64};
}

namespace {

// Spillway's namespace for derived ids: a random version 4 UUID, made once and never to be changed.
constexpr unsigned char uuid_namespace[16] = {0x6b, 0x1f, 0x5c, 0x0e, 0x93, 0x7a, 0x4d, 0x52,
                                              0xa8, 0x41, 0x2e, 0xd9, 0x70, 0xc6, 0x3b, 0x1d};

}  // namespace

std::string uuid5(std::string_view name) {
  std::string message(reinterpret_cast<const char*>(uuid_namespace), sizeof uuid_namespace);
  message += name;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data());
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  const std::string hex = to_hex(std::span(digest).first(16));
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
         hex.substr(20);
}

}  // namespace spillway::base
