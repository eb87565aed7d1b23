// A bucket's requests, each asked as often as s3_retry.hpp says. What fails names what was being done, and to what:
// "putting 1/1_2020-01-25_17#1.json.gz: ...".
#pragma once

#include "bucket/s3_retry.hpp"

#include <optional>
#include <string_view>

namespace spillway::bucket {

failure failed(std::string_view doing, std::string_view to_what, const failure& why);

// Thread rule: any thread, at any time.
class s3_caller {
public:
  // Both outlive it.
  s3_caller(s3_requester& requester, const retry_world& world) : requester_(requester), world_(world) {}

  // An answer that is no success is a failure.
  result<s3_answer> ask(std::string_view doing, std::string_view to_what, const s3_requester::asking& what) const;

  // The answer, whatever it is.
  result<s3_answer> ask_for_any(const s3_requester::asking& what) const {
    return ask_with_retries(requester_, world_, what);
  }
  // What ask() makes of it.
  static result<s3_answer> judged(std::string_view doing, std::string_view to_what, result<s3_answer> made);

  // nullopt: what was asked for is not there.
  result<std::optional<s3_answer>> ask_if_there(std::string_view doing, std::string_view to_what,
                                                const s3_requester::asking& what) const;

  // Of an answer that says no more than that it was done.
  template <class Answer>
  static result<void> done(const result<Answer>& made) {
    return made ? result<void>() : made.error();
  }

private:
  s3_requester& requester_;
  const retry_world& world_;
};

}  // namespace spillway::bucket
