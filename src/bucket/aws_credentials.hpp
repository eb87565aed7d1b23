// Credentials as they are at the moment: read again from files and programs, and roles assumed again, before they
// expire and when S3 refuses them.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bucket/aws_settings.hpp"
#include "bucket/credential_process.hpp"
#include "net/http_client.hpp"
#include "s3/sigv4.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

namespace spillway::bucket {

// Where roles are assumed.
struct sts_access {
  net::http_client* client = nullptr;
  std::string region;
  std::string endpoint_url;  // empty: AWS's own of the region
};

// Gets credentials from where they come from: one program and one request a role, or two if our clock is wrong, each
// within a minute. When roles expire is told by our clock.
// errc::denied: the program or STS gave none. errc::unavailable, errc::throttled: it may later. errc::usage.
result<timed_credentials> fetch_credentials(const credential_source& from, const sts_access& sts,
                                            const base::clock& clock, const std::stop_token& stop);

// Holds the last ones. Thread rule: any thread; while one fetches, the others wait for what it gets.
class credentials_provider {
public:
  using fetch_function = std::function<result<timed_credentials>()>;
  // `clock` must tell the real time: AWS's servers expire by it.
  credentials_provider(fetch_function fetch, const base::clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  // Fetched the first time, and again from five minutes before they expire, but not within 30 seconds; as long as they
  // hold, a failure of that is no failure yet.
  result<s3::credentials> current();

  // S3 has refused `used`: true if there are other ones by now.
  bool renew(const s3::credentials& used);

private:
  const fetch_function fetch_;
  const base::clock& clock_;
  std::mutex mutex_;
  std::optional<timed_credentials> held_;
  base::instant fetched_at_;
  base::instant next_try_at_;
};

}  // namespace spillway::bucket
