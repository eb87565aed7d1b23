// Objects whose bytes their bucket has before they are put. Planning reads and hashes every byte of them; a bucket that
// is a directory takes these at once, so that the disk is at work meanwhile and nothing is read and hashed again. The
// ledger still comes first: until the put no key leads to them.
#pragma once

#include "base/hashes.hpp"
#include "bucket/bucket.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace spillway::exporting {

// Thread rule: any thread. The bucket lives longer than this.
class staged_objects {
public:
  // Each is an open file, and so is what every thread has begun. What is planned beyond `objects_max` is read again
  // when it is put.
  explicit staged_objects(bucket::bucket& to, std::size_t objects_max = 64) : to_(to), objects_max_(objects_max) {}

  // Where the bytes of one more go. Null: the bucket takes nothing ahead, can't now, or has enough.
  std::unique_ptr<bucket::staged_body> begin();

  // Keeps what was begun, for the put of an object of this hash.
  void keep(const base::sha256_digest& sha256, std::unique_ptr<bucket::staged_body> whole);

  // Null: nothing was kept of it.
  std::unique_ptr<bucket::staged_body> take(const base::sha256_digest& sha256);

private:
  bucket::bucket& to_;
  const std::size_t objects_max_;
  std::mutex mutex_;
  std::map<base::sha256_digest, std::unique_ptr<bucket::staged_body>> kept_;
};

}  // namespace spillway::exporting
