// Multipart uploads of a mirror. An upload is a directory, ROOT/.spillway/uploads/<id>/, whose id is 32 random
// hexadecimal digits. In it:
//
//   upload.json   {"key":"big.gz","created_at":"2020-01-25T17:00:00Z","condition":"absent","encryption":"aws:kms",
//                  "kms_key_id":"","content_type":"application/gzip","sha256":"9f86d0..."}   (on one line)
//   00001 ...     the parts, by number
//
// As in S3, an upload stays until it is completed or aborted, also over restarts. Completing copies the parts into one
// file; an upload of one part is only renamed.
#pragma once

#include "base/clock.hpp"
#include "bucket/bucket.hpp"
#include "bucket/mirror_staging.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bucket {

// S3: every part but the last has at least 5 MiB; at most 10,000 parts ("Amazon S3 multipart upload limits").
inline constexpr std::uint64_t part_bytes_min = std::uint64_t{5} << 20;

// An upload that was found, with its directory open.
struct open_upload {
  std::string id;
  std::string key;
  base::instant begun_at;
  put_options options;  // encryption is what the object will have, not bucket_default
  fs::descriptor directory;
};

// The bytes of a completed upload on their way to the key: a file of their own, or the only part.
struct assembled_upload {
  std::optional<fs::atomic_file> file;  // sealed; empty: the only part
  std::string part;                     // its name in the upload's directory
  fs::file_identity identity;
};

// Thread rule: any thread; two calls that complete or abort one upload at the same time give one of them not_found.
class mirror_uploads {
public:
  mirror_uploads(int root, mirror_staging& staging, const base::clock& clock)
      : root_(root), staging_(staging), clock_(clock) {}

  // The id of a new upload. `options.encryption` must not be bucket_default.
  result<std::string> create(std::string_view key, const put_options& options);

  // errc::not_found, "NoSuchUpload": there is none of that id for that key.
  result<open_upload> find(std::string_view key, std::string_view id) const;

  // All that there are, in no order.
  result<std::vector<upload_info>> list() const;

  // By number.
  result<std::vector<bucket::part>> parts_of(const open_upload& upload) const;

  // The part's ETag. errc::invalid: the number is not 1 to 10,000.
  result<std::string> put_part(const open_upload& upload, int number, body_source& body);

  // Puts the parts together. errc::invalid: S3's InvalidPart, InvalidPartOrder, EntityTooSmall or MalformedXML (no
  // parts). errc::corrupt: the bytes hash to something else than options.sha256.
  result<assembled_upload> assemble(const open_upload& upload, const std::vector<bucket::part>& parts);

  result<void> remove(const open_upload& upload);

private:
  result<void> write_upload(int directory, std::string_view key, const put_options& options);
  result<void> remove_directory(const std::string& id);
  result<open_upload> open(std::string_view id) const;
  result<std::vector<fs::file_identity>> check_parts(const open_upload& upload,
                                                     const std::vector<bucket::part>& parts) const;

  int root_;
  mirror_staging& staging_;
  const base::clock& clock_;
};

// Writes all of `body` to `file`, and checks it against `sha256` if there is one: errc::corrupt if it hashes to
// something else, or is not as long as it said.
result<void> write_body(fs::atomic_file& file, body_source& body, const std::optional<base::sha256_digest>& sha256);

}  // namespace spillway::bucket
