// S3 behind the HTTP client: requests as s3_bucket sends them, answered from a bucket in memory, without a socket. The
// n-th request can fail in the ways in which requests do. Signatures are not looked at.
#pragma once

#include "net/http_client.hpp"
#include "support/memory_bucket.hpp"

#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace spillway::test {

enum class request_fault {
  not_sent,     // the connection fails before the request is out
  lost_answer,  // it is done, and nobody hears of it
  slow_down,    // 503
  denied,       // 403 AccessDenied
};

// `nth` to nth + times - 1.
std::set<std::int64_t> requests_from(std::int64_t nth, std::int64_t times);

// The server. It outlives its clients.
class s3_in_memory {
public:
  explicit s3_in_memory(const base::clock& clock) : bucket(clock, "s3://raw") {}

  // These requests fail, counted from 1 from here on.
  void arm(request_fault kind, std::set<std::int64_t> which);
  void disarm() { arm(request_fault::not_sent, {}); }
  std::string fired_at() const;  // "PUT /raw/1/1_2020-01-25_14%231.json.gz"; empty: none

  memory_bucket bucket;

private:
  friend class s3_in_memory_client;
  // nullopt: it is let through.
  std::optional<request_fault> strike(const net::http_request& request);

  mutable std::mutex mutex_;
  request_fault kind_ = request_fault::not_sent;
  std::set<std::int64_t> struck_;
  std::int64_t requests_ = 0;
  std::string fired_at_;
};

std::unique_ptr<net::http_client> make_client(s3_in_memory& server);

}  // namespace spillway::test
