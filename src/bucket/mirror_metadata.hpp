// What a mirror notes of an object beside its bytes. One small file per object that has something to note, named after
// the XXH3-128 of its key and its ETag, ROOT/.spillway/objects/5c1f...e2-23df-bc55-15ed2ba1f1a0c3b9.json, one line of
// JSON:
//
//   {"key":"1/1_2020-01-25_17#1.json.gz","inode":9183,"bytes":48213,"mtime_ns":1579975261072914553,
//    "sha256":"9f86d081884c7d65...","encryption":"aws:kms","kms_key_id":"","content_type":"application/gzip"}
//
// (here on two lines). `encryption` is "none", "AES256" or "aws:kms"; `sha256` is absent if it was not given.
//
// A note is there before its object has its name, so that no object is ever without; one that a kill has left belongs
// to no object. It is believed only while the file of the key has that inode, size and modification time: after a
// change by hand it is as if nothing had been noted. What says how an object is encrypted is durable, since a put that
// meets the object looks at it; of the others a power cut may lose some, and what is lost is only said less of. An ETag
// needs no note: it is the inode, size and time themselves.
#pragma once

#include "bucket/bucket.hpp"
#include "bucket/mirror_staging.hpp"
#include "fs/file_identity.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::bucket {

struct object_note {
  std::optional<base::sha256_digest> sha256;
  model::encryption encryption = model::encryption::none;
  std::string kms_key_id;
  std::string content_type = "application/gzip";
  // True for an object of which nothing needs to be written down.
  bool says_nothing() const;
};

// 64 hexadecimal digits.
std::optional<base::sha256_digest> parse_sha256(std::string_view text);

// "23df-bc55-15ecf1a5d8e3b000": inode, bytes and nanoseconds. Opaque to callers; another for every put.
std::string etag_of(const fs::file_identity& identity);

// The line above, and back. nullopt: it is of another key or another state of the file, or damaged.
std::string encode_note(std::string_view key, const fs::file_identity& identity, const object_note& note);
std::optional<object_note> decode_note(std::string_view text, std::string_view key, const fs::file_identity& identity);

// Notes of one mirror, by its open root. Thread rule: any thread.
// To be written before the object gets its name; nothing is where the note says nothing.
result<void> write_note(int root, mirror_staging& staging, std::string_view key, const fs::file_identity& identity,
                        const object_note& note);
std::optional<object_note> read_note(int root, std::string_view key, const fs::file_identity& identity);
void remove_note(int root, std::string_view key, const fs::file_identity& identity);

}  // namespace spillway::bucket
