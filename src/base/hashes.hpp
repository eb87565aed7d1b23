// The hashes that Spillway uses, each for one thing: SHA-256 for objects and signatures, XXH3 (128 bit) for keys and
// input files, UUID version 5 (SHA-1) for events that came without a uuid, MD5 for servers that know no other checksum.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace spillway::base {

using sha256_digest = std::array<unsigned char, 32>;

// Feeds bytes in, gives the digest once. Not thread-safe; movable.
class sha256 {
public:
  sha256();
  ~sha256();
  sha256(sha256&&) noexcept;
  sha256& operator=(sha256&&) noexcept;
  void update(std::string_view bytes);
  sha256_digest finish();

private:
  struct context;
  std::unique_ptr<context> context_;
};

sha256_digest sha256_of(std::string_view bytes);
// Of the digests, end to end: what S3 calls a composite checksum.
sha256_digest sha256_of_digests(std::span<const sha256_digest> digests);
std::string sha256_hex(const sha256_digest& digest);

// RFC 2104 with SHA-256.
sha256_digest hmac_sha256(std::string_view key, std::string_view message);

// For the header Content-MD5 alone, against damage on the way; it protects against nobody.
using md5_digest = std::array<unsigned char, 16>;
md5_digest md5_of(std::string_view bytes);

// 128 bits of XXH3. Not against attackers: a collision costs its own author an event.
struct hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const hash128&, const hash128&) = default;
};

hash128 hash128_of(std::string_view bytes);

// A running hash whose digest may be asked for at any point. Copying is not needed; not thread-safe; movable.
class hash128_stream {
public:
  hash128_stream();
  ~hash128_stream();
  hash128_stream(hash128_stream&&) noexcept;
  hash128_stream& operator=(hash128_stream&&) noexcept;
  void update(std::string_view bytes);
  hash128 digest() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

// RFC 4122 version 5 (SHA-1 of namespace and name) in Spillway's own namespace, 36 lower-case characters:
// "f48913e6-c106-5429-8d0c-9c1f0c5a1b2e".
std::string uuid5(std::string_view name);

}  // namespace spillway::base
