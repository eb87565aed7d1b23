// Drives one multipart upload: what s3::upload decides, sent with several parts under way.
#pragma once

#include "base/thread_pool.hpp"
#include "bucket/bucket.hpp"
#include "bucket/retry.hpp"
#include "bucket/s3_requester.hpp"
#include "s3/multipart.hpp"
#include "s3/requests.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bucket {

// Buffers for parts, shared by all uploads of a bucket: as many as parts may be under way. They have memory while there
// is an upload: connections stay open for years, and put a large object now and then.
// Thread rule: any thread.
class part_buffers {
public:
  explicit part_buffers(int count) : free_(static_cast<std::size_t>(count)) {}

  // An upload. REQUIRES: what it has taken is given back before it ends.
  class user {
  public:
    explicit user(part_buffers& of);
    ~user();
    user(const user&) = delete;
    user& operator=(const user&) = delete;

  private:
    part_buffers& buffers_;
  };

  // An empty one, with the memory of an earlier part. Waits until one is given back.
  std::string take();
  void give_back(std::string used);

private:
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::string> free_;
  int users_ = 0;
};

struct upload_tools {
  s3_requester& requester;
  part_buffers& buffers;
  base::thread_pool& senders;  // as many threads as buffers
  const retry_world& world;
  std::stop_token stop;
};

// Uploads `body` under `key`. On failure nothing is left behind, as far as the server can be reached: what is left
// stays in `options.uploads`. `how` says the same as `options`, in s3's words.
result<receipt> upload_in_parts(const upload_tools& with, std::string_view key, body_source& body,
                                const put_options& options, const s3::storing& how);

// Takes away an upload that was left behind, and looks whether it has gone.
result<void> abort_upload(const upload_tools& with, const s3::upload_address& upload);

}  // namespace spillway::bucket
