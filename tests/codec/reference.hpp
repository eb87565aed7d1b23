// What the codec tests compare with: texts of many kinds, and zlib used directly, apart from the code under test.
#pragma once

#include <boost/test/unit_test.hpp>

#include <zlib.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::test {

inline std::string random_bytes(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(bytes, '\0');
  for (char& one : text) {
    one = static_cast<char>(random());
  }
  return text;
}

// Lines like events': the same keys, other numbers.
inline std::string event_lines(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) {
    text += R"({"app":1,"device_id":"d)" + std::to_string(random() % 1000) + R"(","event_type":"click","event_id":)" +
            std::to_string(random()) + R"(,"event_time":"2020-01-25T17:)" + std::to_string(10 + random() % 50) +
            R"(:00.000000","event_properties":{"price":)" + std::to_string(random() % 100000) + "}}\n";
  }
  text.resize(bytes);
  return text;
}

// Runs, copies from nearby and from far back, and noise: what reaches DEFLATE's every corner.
inline std::string mixed_text(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) {
    const std::size_t length = 1 + random() % 600;
    switch (random() % 4) {
      case 0: text.append(length, static_cast<char>(random())); break;
      case 1: text += random_bytes(length, static_cast<unsigned>(random())); break;
      case 2: text += event_lines(length, static_cast<unsigned>(random())); break;
      default:
        if (!text.empty()) {
          text += text.substr(random() % text.size(), length);
        }
    }
  }
  text.resize(bytes);
  return text;
}

struct named_text {
  std::string name;
  std::string text;
};

inline std::vector<named_text> sample_texts() {
  constexpr std::size_t mib = std::size_t{1} << 20;
  std::vector<named_text> samples = {{"empty", ""},
                                     {"one byte", "a"},
                                     {"a line", "{}\n"},
                                     {"zeros", std::string(100000, '\0')},
                                     {"events, 1 MiB", event_lines(mib, 1)},
                                     {"noise, 1 MiB", random_bytes(mib, 2)},
                                     {"noise behind events", event_lines(70000, 3) + random_bytes(300000, 4)}};
  for (unsigned seed = 10; seed < 40; ++seed) {
    samples.push_back({"mixed " + std::to_string(seed), mixed_text(std::size_t{seed} * seed * 97 % 90000, seed)});
  }
  return samples;
}

// zlib's window bits: raw DEFLATE, or one gzip member.
enum class format : int { raw = -15, gzip = 31 };

struct inflated {
  int outcome = Z_DATA_ERROR;  // Z_STREAM_END: a final block, and for gzip a trailer that is right
  std::string text;
  std::size_t unused_bytes = 0;  // of the input, behind the end
};

inline inflated zlib_inflate(std::string_view compressed, format form) {
  z_stream stream{};
  BOOST_REQUIRE_EQUAL(inflateInit2(&stream, static_cast<int>(form)), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  inflated made;
  std::string piece(1 << 16, '\0');
  do {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    made.outcome = inflate(&stream, Z_NO_FLUSH);
    made.text.append(piece.data(), piece.size() - stream.avail_out);
  } while (made.outcome == Z_OK);
  made.unused_bytes = stream.avail_in;
  inflateEnd(&stream);
  return made;
}

inline std::string zlib_gzip(std::string_view text, int level = 6) {
  z_stream stream{};
  BOOST_REQUIRE_EQUAL(deflateInit2(&stream, level, Z_DEFLATED, static_cast<int>(format::gzip), 8, Z_DEFAULT_STRATEGY),
                      Z_OK);
  std::string made(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  BOOST_REQUIRE_EQUAL(deflate(&stream, Z_FINISH), Z_STREAM_END);
  made.resize(stream.total_out);
  deflateEnd(&stream);
  return made;
}

inline std::uint32_t zlib_crc32(std::string_view text) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

}  // namespace spillway::test
