#include "s3/multipart.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace spillway::s3 {
namespace {

constexpr std::uint64_t mib = 1u << 20;

std::uint64_t part_bytes_for(std::uint64_t object_bytes) {
  const auto parts = static_cast<std::uint64_t>(part_number_max);
  const std::uint64_t least = object_bytes / parts + (object_bytes % parts == 0 ? 0 : 1);
  return std::max(part_bytes_usual, (least + mib - 1) / mib * mib);
}

std::string_view doing(step_kind kind) {
  switch (kind) {
    case step_kind::create: return "creating the upload";
    case step_kind::upload_part: return "uploading a part";
    case step_kind::complete: return "completing the upload";
    case step_kind::look: return "looking what was stored";
    case step_kind::abort: return "aborting the upload";
    case step_kind::list_parts: return "looking whether the upload has gone";
  }
  return "uploading";
}

bool is_retry(const verdict& value) { return value.action == action::retry || value.action == action::retry_slowly; }

// An upload that is gone is begun anew by the next try; it is no name that a person mistyped.
failure failure_of(const step& sent, const verdict& value) {
  failure made = to_failure(value, std::string(doing(sent.kind)));
  if (value.error_class == error_class::upload_gone) {
    made.code = errc::unavailable;
    made.hint.clear();
  }
  return made;
}

}  // namespace

std::vector<byte_range> parts_of(std::uint64_t object_bytes) {
  if (object_bytes <= part_bytes_usual) {
    return {{0, object_bytes}};
  }
  const std::uint64_t part_bytes = part_bytes_for(object_bytes);
  std::vector<byte_range> parts;
  for (std::uint64_t first = 0; first < object_bytes; first += part_bytes) {
    parts.push_back({first, std::min(part_bytes, object_bytes - first)});
  }
  return parts;
}

upload::upload(std::uint64_t object_bytes) : plan_(parts_of(object_bytes)) {
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    parts_.push_back({static_cast<int>(i + 1), {}, {}, plan_[i].bytes});
  }
}

upload upload::left_behind(std::string upload_id) {
  upload machine;
  machine.upload_id_ = std::move(upload_id);
  machine.clean_up();
  return machine;
}

std::optional<step> upload::next() {
  const int in_flight_max = phase_ == phase::upload_parts ? parts_in_flight_max : 1;
  if (phase_ == phase::done || phase_ == phase::drain || in_flight_ >= in_flight_max) {
    return std::nullopt;
  }
  step now;
  if (!again_.empty()) {
    now = again_.front();
    again_.pop_front();
  } else {
    switch (phase_) {
      case phase::create: now.kind = step_kind::create; break;
      case phase::upload_parts:
        if (parts_begun_ == plan_.size()) {
          return std::nullopt;
        }
        now = {step_kind::upload_part, static_cast<int>(parts_begun_ + 1), plan_[parts_begun_]};
        ++parts_begun_;
        break;
      case phase::complete: now.kind = step_kind::complete; break;
      case phase::look: now.kind = step_kind::look; break;
      case phase::abort: now.kind = step_kind::abort; break;
      case phase::list_parts: now.kind = step_kind::list_parts; break;
      case phase::drain:
      case phase::done: return std::nullopt;
    }
  }
  ++in_flight_;
  return now;
}

void upload::enter(phase next) {
  SPILLWAY_ASSERT(in_flight_ == 0);
  again_.clear();
  phase_ = next;
}

void upload::clean_up() {
  if (in_flight_ > 0) {
    // A part that arrives after the abort would stay in the bucket, unseen.
    phase_ = phase::drain;
  } else {
    enter(upload_id_.empty() ? phase::done : phase::abort);
  }
}

void upload::fail(failure why) {
  if (!failure_) {
    failure_ = std::move(why);
  }
  clean_up();
}

void upload::stop(failure why) {
  // What already ends, ends as it does.
  if (!is_settled() && phase_ != phase::done) {
    fail(std::move(why));
  }
}

void upload::created(std::string upload_id) {
  --in_flight_;
  upload_id_ = std::move(upload_id);
  if (failure_) {
    clean_up();
  } else {
    enter(phase::upload_parts);
  }
}

void upload::finish_part() {
  --in_flight_;
  if (phase_ == phase::drain && in_flight_ == 0) {
    clean_up();
  }
}

void upload::stored(const step& sent, std::string etag, std::optional<base::sha256_digest> sha256) {
  if (sent.kind != step_kind::upload_part) {
    --in_flight_;
    // A stop that came too late to be one.
    failure_.reset();
    upload_id_.clear();
    etag_ = std::move(etag);
    enter(phase::done);
    return;
  }
  SPILLWAY_ASSERT(!etag.empty());
  stored_part& part = parts_[static_cast<std::size_t>(sent.part_number - 1)];
  part.etag = std::move(etag);
  part.sha256 = sha256;
  finish_part();
  const bool is_whole =
      std::none_of(parts_.begin(), parts_.end(), [](const stored_part& each) { return each.etag.empty(); });
  if (phase_ == phase::upload_parts && is_whole) {
    enter(phase::complete);
  }
}

// Puts the step in line once more, unless its attempts are used up, or what should help did not.
bool upload::try_again(const step& sent, const verdict& value) {
  const bool has_helped_already = value.remedy != remedy::none && value.remedy == sent.remedy;
  if (!is_retry(value) || sent.attempt >= attempts_max || has_helped_already || phase_ == phase::drain) {
    return false;
  }
  step again = sent;
  ++again.attempt;
  again.remedy = value.remedy;
  again.pace = value.action;
  again.retry_after = value.retry_after;
  again_.push_back(again);
  return true;
}

void upload::part_failed(const step& sent, const verdict& value) {
  if (value.error_class == error_class::upload_gone) {
    upload_id_.clear();
  }
  const bool goes_on = value.error_class != error_class::upload_gone && try_again(sent, value);
  if (phase_ == phase::upload_parts && !goes_on) {
    fail(failure_of(sent, value));
  }
  finish_part();
}

void upload::complete_failed(const step& sent, const verdict& value) {
  const bool is_stopped = failure_.has_value();
  if (value.error_class == error_class::upload_gone) {
    upload_id_.clear();
  }
  // Whether the last of five lost answers was a success can't be known without looking. That something was there before
  // is known: whoever wants to put its own all the same compares the two.
  const bool is_last = is_stopped || sent.attempt >= attempts_max;
  const bool is_unclear = value.error_class != error_class::exists &&
                          (value.remedy == remedy::look_at_object || (is_retry(value) && is_last));
  if (!is_unclear && try_again(sent, value)) {
    return;
  }
  if (!is_stopped) {
    failure_ = failure_of(sent, value);
  }
  if (is_unclear) {
    enter(phase::look);
  } else {
    clean_up();
  }
}

void upload::abort_failed(const step& sent, const verdict& value) {
  // Who may abort and not list parts, as with the policy of access/, has to take the abort's word.
  const bool may_not_look = sent.kind == step_kind::list_parts && value.error_class == error_class::permission;
  if (value.error_class == error_class::upload_gone || may_not_look) {
    upload_id_.clear();
    enter(phase::done);
  } else if (!try_again(sent, value)) {
    if (!is_settled()) {
      failure_ = failure_of(sent, value);
    }
    enter(phase::done);
  }
}

void upload::failed(const step& sent, const verdict& value) {
  if (sent.kind == step_kind::upload_part) {
    part_failed(sent, value);
    return;
  }
  --in_flight_;
  switch (sent.kind) {
    case step_kind::create:
      if (!try_again(sent, value)) {
        fail(failure_of(sent, value));
      }
      break;
    case step_kind::complete: complete_failed(sent, value); break;
    case step_kind::look:
      // What led here has been kept as the failure.
      if (!try_again(sent, value)) {
        clean_up();
      }
      break;
    case step_kind::abort:
    case step_kind::list_parts: abort_failed(sent, value); break;
    case step_kind::upload_part: break;
  }
}

void upload::looked(finding found, std::string etag) {
  --in_flight_;
  if (found == finding::same) {
    failure_.reset();
    etag_ = std::move(etag);
  }
  // The same object may have been there before this upload, which then still is there.
  clean_up();
}

void upload::aborted() {
  --in_flight_;
  ++aborts_;
  enter(phase::list_parts);
}

void upload::listed(int parts_left) {
  --in_flight_;
  if (parts_left == 0) {
    upload_id_.clear();
    enter(phase::done);
  } else if (aborts_ < attempts_max) {
    enter(phase::abort);
  } else {
    if (!is_settled()) {
      failure_ = failure{errc::unavailable, std::string(doing(step_kind::abort)), "its parts are still there", {}};
    }
    enter(phase::done);
  }
}

result<std::string> upload::outcome() const {
  SPILLWAY_ASSERT(is_done());
  return failure_ ? result<std::string>(*failure_) : result<std::string>(etag_);
}

}  // namespace spillway::s3
