// How keys become paths in a mirror, and what a mirror keeps for itself:
//
//   ROOT/1/1_2020-01-25_17#1.json.gz        the object of that key
//   ROOT/.spillway/bucket.json              how the directory is to behave (bucket_rules.hpp); written by a person,
//                                           and when a setting of the bucket is put (mirror_settings.hpp)
//   ROOT/.spillway/objects/<hash>.json      what is noted of an object (mirror_metadata.hpp)
//   ROOT/.spillway/tmp/<random>/<n>         bytes on their way into an object (mirror_staging.hpp)
//   ROOT/.spillway/uploads/<id>/            a multipart upload (mirror_multipart.hpp)
#pragma once

#include "base/result.hpp"
#include "fs/descriptor.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace spillway::bucket {

inline constexpr std::string_view mirror_private = ".spillway";
inline constexpr std::size_t segment_bytes_max = 255;  // Linux: NAME_MAX

// Why a mirror can't hold `key`, as "a segment is '..'"; empty if it can. Keys are UTF-8 without control bytes and
// backslashes, their segments are not empty, "." or "..", and the first is not ".spillway".
std::string_view why_not_a_key(std::string_view key);

// errc::invalid with that reason.
result<void> check_key(std::string_view key);

struct key_path {
  std::string directory;  // "1" of "1/a.gz"; empty: the root
  std::string name;       // "a.gz"
};

// REQUIRES: check_key(key).
key_path split_key(std::string_view key);

// "1/1_2020-01-25_17#1.json.gz" for a message; keys may hold marks that turn text around on a terminal.
std::string shown(std::string_view key);

// The directories of one mirror's keys. Keeps in mind which of them are durable, so that a put syncs the directories on
// the way to its key once and not each time.
// Thread rule: any thread.
class mirror_directories {
public:
  explicit mirror_directories(int root) : root_(root) {}

  // Opens `directory`, making what is missing. When this returns, it is durable with all its parents.
  // errc::conflict: one of its segments is an object. errc::not_found: it was removed meanwhile; trying again helps.
  result<fs::descriptor> open_for_put(const std::string& directory);

  // It is not there any more.
  void forget(const std::string& directory);

  // Takes away `directory` and its parents as far as they are empty, since a bucket has no empty directories, and
  // makes durable what is gone from the first that stays.
  result<void> prune(std::string directory);

private:
  int root_;
  std::mutex mutex_;
  std::unordered_set<std::string> durable_;
};

}  // namespace spillway::bucket
