// The body of a marker: what an hour holds, so that "complete" can be checked by whoever reads the bucket.
#pragma once

#include "base/result.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::model {

// One object of an hour. Its identity is `events`, `text_bytes` and `text_crc32`; `bytes` and `sha256` are of the gzip
// file and follow from the compression engine too.
struct manifest_object {
  std::string key;  // whole, with its prefix
  std::int64_t events = 0;
  std::int64_t text_bytes = 0;
  std::uint32_t text_crc32 = 0;
  std::int64_t bytes = 0;
  std::string sha256;  // 64 lower-case hexadecimal digits
  friend bool operator==(const manifest_object&, const manifest_object&) = default;
};

// More is none: a manifest has about 250 bytes an object, and an hour at most some thousand objects.
inline constexpr std::size_t marker_bytes_max = std::size_t{16} << 20;

struct manifest {
  project_id project = 0;
  model::hour hour;
  std::vector<manifest_object> objects;  // by partition; none: the hour is empty
  friend bool operator==(const manifest&, const manifest&) = default;
};

// One line of JSON and '\n'; the same manifest gives the same bytes:
// {"version":1,"project":187520,"hour":"2020-01-25_17","objects":[{"key":"187520/187520_2020-01-25_17#1.json.gz",
//  "events":3,"text_bytes":4096,"text_crc32":"0a1b2c3d","bytes":812,"sha256":"9f86d0..."}]}
std::string to_json(const manifest& value);

// errc::invalid: not such a document. Unknown keys are ignored, a version above 1 is not.
result<manifest> parse_manifest(std::string_view text);

}  // namespace spillway::model
