// One request to S3 and what its answer means: signed, sent, judged, and sent once more where the answer itself says
// what to do differently (another region, another clock, other credentials). How often to try again for other reasons
// is decided in s3_retry.hpp, and for uploads in s3_upload.hpp.
//
// Thread rule: any thread, at any time.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bucket/aws_credentials.hpp"
#include "bucket/breaker.hpp"
#include "net/http_client.hpp"
#include "s3/endpoint.hpp"
#include "s3/error_class.hpp"
#include "s3/request.hpp"
#include "s3/sigv4.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace spillway::bucket {

struct s3_answer {
  s3::response answer;  // status 0: none came
  s3::verdict verdict;
  std::optional<failure> on_the_way;  // why none came

  bool is_ok() const { return verdict.action == s3::action::proceed; }
  // REQUIRES: not is_ok().
  failure to_failure() const;
};

class s3_requester {
public:
  struct settings {
    s3::bucket_address bucket;
    std::string region;
    std::stop_token stop;
  };

  // All that it refers to outlives it. `clock` tells the real time.
  s3_requester(net::http_client& client, credentials_provider& credentials, const base::clock& clock, settings wanted);

  // Builds the request for the bucket's address, which may be another one after a redirect.
  using builder = std::function<result<s3::request>(const s3::bucket_address& bucket)>;
  enum class when_stopped { end, go_on };  // go_on: what was begun has to be cleaned up
  struct asking {
    builder build;
    std::string_view success_root{};        // of an answer that must be this document
    const net::http_body* body = nullptr;   // null: the request's own
    // For the body of a success. It can't take back what it has had: what fails behind that is not tried again.
    const net::piece_sink* sink = nullptr;
    // Besides the time that a body takes to be sent. With a sink, also between two pieces for it.
    std::chrono::seconds patience{60};
    when_stopped stop = when_stopped::end;
  };
  // A failure is one before anything was sent, an interrupt, or one behind the first piece for the sink (errc::io if
  // the way has failed): everything else is in the answer.
  result<s3_answer> ask(const asking& what);

private:
  // What answers have taught; the same for all requests that follow.
  struct knowledge {
    s3::bucket_address bucket;
    std::string region;
    s3::clock_skew skew{0};
  };

  // What one attempt was made with, and what its answer said of the clock.
  struct attempted {
    knowledge known;
    s3::credentials keys;
    std::optional<s3::clock_skew> measured;
  };

  knowledge known() const;
  result<s3_answer> attempt(const asking& what, attempted& with);
  net::http_result<net::http_response> send(const s3::request& request, const asking& what,
                                            const net::piece_sink& sink);
  bool learn(const s3_answer& from, const attempted& used, const asking& what);
  bool learn_clock(const attempted& used);
  bool learn_region(const s3_answer& from, const attempted& used, const asking& what);
  std::string ask_for_region(const attempted& used, const asking& what);

  net::http_client& client_;
  credentials_provider& credentials_;
  const base::clock& clock_;
  const std::stop_token stop_;
  breaker breaker_;
  mutable std::mutex mutex_;
  knowledge known_;
};

}  // namespace spillway::bucket
