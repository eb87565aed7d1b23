// How one object gets into a bucket: which request is next, and what its answer means. Sends nothing itself; whoever
// drives it asks next() until it gives nothing, sends, and reports each answer:
//
//     s3::upload machine(bytes);
//     while (!machine.is_done()) {
//       while (const auto step = machine.next()) start(*step);       // up to four parts at a time
//       ...one answer came: machine.created(id), stored(step, etag), failed(step, verdict), looked(...), listed(...)
//     }
//     return machine.outcome();
//
//     usual       create -> upload_part 1..n -> complete -> done
//     unclear     look (HEAD): it is known whether the object is ours; then as failed
//     failed      the parts under way end -> abort -> list_parts -> (abort again) -> done
//
// An object of the same key and bytes may be put again at any time; nothing is visible before complete.
// Not thread-safe.
#pragma once

#include "base/result.hpp"
#include "s3/error_class.hpp"
#include "s3/requests.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace spillway::s3 {

// Up to here one PUT does; above, parts of this size. S3 wants at least 5 MiB in every part but the last; 16 MiB in
// four parts at a time are 64 MiB under way, and 10,000 of them 156 GiB. Source of the limits: Amazon S3 User Guide,
// "Amazon S3 multipart upload limits".
inline constexpr std::uint64_t part_bytes_usual = 16u << 20;
inline constexpr int parts_in_flight_max = 4;
inline constexpr int attempts_max = 5;  // of one request

// The parts of an object, in their order; one that is the whole object if a single PUT does. The same size always gives
// the same parts, so that their hashes can be recorded when the upload is planned. Parts grow where 10,000 would not
// do.
std::vector<byte_range> parts_of(std::uint64_t object_bytes);

enum class step_kind { create, upload_part, complete, look, abort, list_parts };

// One request to send.
struct step {
  step_kind kind = step_kind::create;
  int part_number = 0;        // of upload_part
  byte_range range = {0, 0};  // of upload_part: what to send
  int attempt = 1;            // 1 to attempts_max
  // From the answer to the attempt before: what to do first, and how long to wait.
  s3::remedy remedy = remedy::none;
  s3::action pace = action::proceed;  // proceed, retry or retry_slowly
  std::chrono::milliseconds retry_after{0};
};

// What HEAD found under the key: an object of the right size and checksum, another one or one whose checksum is not
// told, or none.
enum class finding { same, other, none };

class upload {
public:
  explicit upload(std::uint64_t object_bytes);
  // Takes away an upload that an earlier run left behind.
  static upload left_behind(std::string upload_id);

  // What to send now. nullopt: an answer has to come first, or all is done.
  std::optional<step> next();
  bool is_done() const { return phase_ == phase::done; }

  // The answers. `sent` is the step as next() gave it.
  void created(std::string upload_id);
  // Of upload_part and complete. A part's ETag is not empty; its `sha256` is passed on to complete.
  void stored(const step& sent, std::string etag, std::optional<base::sha256_digest> sha256 = {});
  void looked(finding found, std::string etag);
  void aborted();
  void listed(int parts_left);
  // Of any step. An answer that never came is the verdict on a response of status 0.
  void failed(const step& sent, const verdict& value);

  // Ends early: what is under way is waited for, and the upload aborted.
  void stop(failure why);

  // To be kept somewhere durable before the first part is sent; empty before created() and after the upload has gone.
  const std::string& upload_id() const { return upload_id_; }
  // For complete: what was stored, by number.
  std::vector<stored_part> parts() const { return parts_; }

  // The object's ETag; empty from left_behind(). REQUIRES: is_done(). If upload_id() is still there then, its parts
  // cost money until somebody aborts it.
  result<std::string> outcome() const;

private:
  enum class phase { create, upload_parts, drain, complete, look, abort, list_parts, done };
  upload() = default;

  bool is_settled() const { return failure_ || !etag_.empty(); }  // how it ends is known
  void enter(phase next);
  void fail(failure why);
  void clean_up();
  void finish_part();
  bool try_again(const step& sent, const verdict& value);
  void complete_failed(const step& sent, const verdict& value);
  void part_failed(const step& sent, const verdict& value);
  void abort_failed(const step& sent, const verdict& value);

  phase phase_ = phase::create;
  std::vector<byte_range> plan_;
  std::size_t parts_begun_ = 0;
  int in_flight_ = 0;               // requests that were given out and not answered
  std::deque<step> again_;          // to be sent once more, before anything new
  std::vector<stored_part> parts_;  // one for each of plan_; without an ETag as long as it is not stored
  std::string upload_id_;
  std::string etag_;
  int aborts_ = 0;
  std::optional<failure> failure_;
};

}  // namespace spillway::s3
