// Where finished objects go: one interface with S3's semantics. Implementations: mirror_bucket (a directory); S3's own.
//
// Thread rule: every call may be made from any thread at any time; calls block until they are done or fail.
// Keys are whole (with their prefix); a key that the bucket can't hold is errc::invalid.
// Errors common to all calls: errc::denied (the cause names the permission), errc::not_found (no such bucket),
// errc::throttled and errc::unavailable (it was tried again, in vain), errc::no_space, errc::io.
#pragma once

#include "base/hashes.hpp"
#include "base/piece_sink.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "model/storage.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bucket {

using base::piece_sink;
using model::byte_range;
using model::encryption;
using model::encryption_setting;

// The bytes of an object on their way into a bucket. They may be asked for more than once: a retry starts again.
class body_source {
public:
  virtual ~body_source() = default;
  virtual std::uint64_t bytes() const = 0;
  // Hands the bytes from the first on to `sink`, in pieces of any size; ends with sink's first failure.
  virtual result<void> read(const piece_sink& sink) = 0;
  // The same of `count` bytes from `first` on. Unless a source knows better, what is in front is read and passed over.
  // REQUIRES: they are there.
  virtual result<void> read_range(std::uint64_t first, std::uint64_t count, const piece_sink& sink);
};

// A body that is in memory. `text` must outlive it.
class memory_body final : public body_source {
public:
  explicit memory_body(std::string_view text) : text_(text) {}
  std::uint64_t bytes() const override { return text_.size(); }
  result<void> read(const piece_sink& sink) override { return sink(text_); }
  result<void> read_range(std::uint64_t first, std::uint64_t count, const piece_sink& sink) override {
    return sink(text_.substr(first, count));
  }

private:
  std::string_view text_;
};

// Keeps the ids of multipart uploads that a put has begun, so that they can be aborted when it was cut off.
// Thread rule: any thread.
class upload_log {
public:
  virtual ~upload_log() = default;
  // Before the first part is sent; its failure ends the put. When it returns, the id is durable. Called with an empty
  // id before the upload is begun: if nothing follows, there may be one whose id is not known.
  virtual result<void> begun(std::string_view key, std::string_view upload_id) = 0;
  // The upload was completed or aborted.
  virtual void gone(std::string_view key, std::string_view upload_id) = 0;
};

// Bytes that a bucket has before they are put: under no key, seen by nobody, and gone with this. Not longer alive than
// the bucket. Thread rule: one thread at a time.
class staged_body {
public:
  virtual ~staged_body() = default;
  // Appends.
  virtual result<void> write(std::string_view bytes) = 0;
};

struct put_options {
  enum class when { always, absent };  // absent: S3's "If-None-Match: *"
  when condition = when::always;
  model::encryption encryption = model::encryption::bucket_default;
  std::string kms_key_id;  // only with sse_kms; empty: the bucket's own
  std::optional<base::sha256_digest>
      sha256;  // what the body must hash to; another hash is errc::corrupt, nothing is stored
  std::string content_type = "application/gzip";
  // Of S3, for bodies that go in parts: the hash of each, as s3::parts_of() cuts them. Empty: hashed when they are
  // sent.
  std::vector<base::sha256_digest> part_sha256s;
  upload_log* uploads = nullptr;  // who keeps ids; null: nobody
  // What stage() gave, with the bytes of `body` and of no other: it is what the first put takes instead of reading
  // `body`, whose hash whoever wrote them has made. Null: nothing is there.
  staged_body* staged = nullptr;
};

// What head() and list() say of an object.
struct object_info {
  std::string key;
  std::uint64_t bytes = 0;
  std::string etag;  // opaque, without quotes
  base::instant modified_at;
  std::optional<base::sha256_digest> sha256;  // as recorded at put; list() leaves it out
  std::optional<base::sha256_digest>
      sha256_of_parts;  // instead, of an upload: the hash of its parts' hashes, end to end
  model::encryption encryption = model::encryption::none;  // list() leaves it out
  std::string kms_key_id;
};

// The answer to a put whose bytes are durable.
struct receipt {
  std::string etag;
  std::uint64_t bytes = 0;
};

// A multipart upload that was begun and has neither been completed nor aborted.
struct upload_info {
  std::string key;
  std::string upload_id;
  base::instant begun_at;
};

struct list_page {
  static constexpr int objects_max = 1'000;  // S3: max-keys of ListObjectsV2

  std::vector<object_info> objects;  // by key, in byte order
  std::string next;                  // pass as `after` for the page behind; empty: this was the last
};

using object_visitor = std::function<result<void>(const object_info&)>;

class bucket {
public:
  virtual ~bucket() = default;

  // "s3://raw/analytics" or the directory, as messages name it.
  virtual std::string name() const = 0;

  // Stores the body under `key`, whole or not at all. When this returns, the bytes are durable under that key.
  // errc::conflict: put_options::when::absent, and something is there. errc::corrupt: the hash is another.
  virtual result<receipt> put(std::string_view key, body_source& body, const put_options& options) = 0;

  // Takes bytes that will be put later, so that a disk begins while they are still being made. Null: this bucket has
  // nothing like it.
  virtual result<std::unique_ptr<staged_body>> stage() { return nullptr; }

  // What is stored under `key`; nullopt if nothing is. S3: needs s3:GetObject.
  virtual result<std::optional<object_info>> head(std::string_view key) = 0;

  // Hands the bytes of `key` in `range` to `sink`, which may end it with a failure. errc::not_found: no such key.
  // errc::invalid: the range starts behind the object's end; of an empty object, any from its start is empty.
  virtual result<void> get(std::string_view key, byte_range range, const piece_sink& sink) = 0;

  // Whether head() tells what was noted at the put, though a disk may have changed the bytes since. S3 looks after its
  // bytes; a directory has nobody who does.
  virtual bool may_have_rotted() const { return false; }

  // One page of at most `objects_max` (1 to list_page's) keys that start with `prefix` and come behind `after`, in byte
  // order.
  virtual result<list_page> list(std::string_view prefix, std::string_view after, int objects_max) = 0;

  // Shows all of these keys to `visit`, in that order; what it fails with ends it. Page by page, unless a bucket can do
  // better: a directory is read once, not once a page.
  virtual result<void> list_all(std::string_view prefix, std::string_view after, const object_visitor& visit);

  // Takes `key` away; a key that is not there is no failure. Durable when it returns.
  virtual result<void> remove(std::string_view key) = 0;

  // S3's multipart upload. Parts are numbered 1 to 10,000, each but the last at least 5 MiB; a part put again replaces
  // the earlier one. Nothing is visible under `key` before complete_multipart returns. errc::not_found: no such upload.
  virtual result<std::string> create_multipart(std::string_view key, const put_options& options) = 0;
  virtual result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                                       body_source& body) = 0;  // its ETag
  struct part {
    int number = 0;
    std::string etag;
  };
  virtual result<receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                             const std::vector<part>& parts) = 0;
  // Of an upload that a put has left behind: its parts are gone when this returns.
  virtual result<void> abort_multipart(std::string_view key, std::string_view upload_id) = 0;
  // By number. S3: needs s3:ListMultipartUploadParts.
  virtual result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) = 0;
  // Of all keys that start with `prefix`. S3: needs s3:ListBucketMultipartUploads; MinIO only knows whole keys.
  virtual result<std::vector<upload_info>> list_uploads(std::string_view prefix) = 0;

  // GetBucketLocation: "us-east-1".
  virtual result<std::string> location() = 0;

  // The bucket's settings. nullopt: none is set. What is put replaces what was there, and is durable when it returns;
  // servers may take a while to obey it. Taking away what is not there is no failure. Of two that put at once, one
  // wins: S3 has no condition for it.

  // The policy: JSON as S3 hands it out, which may be spelled otherwise than it was put. errc::invalid: the bucket
  // takes it for no policy. S3: needs s3:GetBucketPolicy, s3:PutBucketPolicy, s3:DeleteBucketPolicy.
  virtual result<std::optional<std::string>> policy() = 0;
  virtual result<void> put_policy(std::string_view json) = 0;
  virtual result<void> remove_policy() = 0;

  // S3: needs s3:GetEncryptionConfiguration, and to put and to remove s3:PutEncryptionConfiguration. AWS has no bucket
  // without one: removing leaves its own, AES256. errc::denied too: there is no such KMS key (MinIO; AWS does not
  // look).
  virtual result<std::optional<encryption_setting>> default_encryption() = 0;
  virtual result<void> put_default_encryption(const encryption_setting& setting) = 0;
  virtual result<void> remove_default_encryption() = 0;
};

}  // namespace spillway::bucket
