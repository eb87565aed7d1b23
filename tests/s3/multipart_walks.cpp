// Uploads to a bucket whose answers get lost, and to one that answers as it likes.
#include "s3/multipart.hpp"

#include "support/check_result.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

namespace spillway::s3_multipart_walks_tests {
namespace {

using s3::finding;
using s3::step;
using s3::step_kind;

constexpr std::uint64_t mib = 1u << 20;

s3::verdict answered(int status, const std::string& code = "") {
  return s3::classify({status, {}, code.empty() ? "" : "<Error><Code>" + code + "</Code></Error>"}, {});
}
const s3::verdict lost = answered(0);
const s3::verdict gone = answered(404, "NoSuchUpload");

// A bucket that does what it is asked, while answers get lost on their way back.
class forgetful_bucket {
public:
  bool has_object() const { return has_object_; }
  bool has_upload() const { return has_upload_; }

  void answer(s3::upload& machine, const step& sent, bool is_lost) {
    const bool needs_upload = sent.kind == step_kind::upload_part || sent.kind == step_kind::complete ||
                              sent.kind == step_kind::abort || sent.kind == step_kind::list_parts;
    const bool is_gone = needs_upload && !has_upload_;
    if (!is_gone) {
      change(sent.kind);
    }
    if (is_lost || is_gone) {
      machine.failed(sent, is_lost ? lost : gone);
      return;
    }
    switch (sent.kind) {
      case step_kind::create: machine.created("id"); break;
      case step_kind::look: machine.looked(has_object_ ? finding::same : finding::none, "etag"); break;
      case step_kind::abort: machine.aborted(); break;
      case step_kind::list_parts: machine.listed(1); break;
      case step_kind::upload_part:
      case step_kind::complete: machine.stored(sent, "etag"); break;
    }
  }

private:
  void change(step_kind kind) {
    has_object_ = has_object_ || kind == step_kind::complete;
    has_upload_ = kind == step_kind::create || (has_upload_ && kind != step_kind::complete && kind != step_kind::abort);
  }

  bool has_object_ = false;
  bool has_upload_ = false;
};

// Drives an upload of 65 MiB; the answers to the requests from `first` on get lost, `count` of them.
void lose_answers(int first, int count) {
  forgetful_bucket there;
  s3::upload machine(65 * mib);
  for (int sent = 0; !machine.is_done(); ++sent) {
    BOOST_REQUIRE_LT(sent, 100);
    const auto next = machine.next();
    BOOST_REQUIRE(next.has_value());
    there.answer(machine, *next, sent >= first && sent < first + count);
  }
  // A success is one, and a failure is none unless nobody could be asked any more.
  BOOST_TEST((!machine.outcome() || there.has_object()));
  BOOST_TEST((machine.outcome() || !there.has_object() || count > s3::attempts_max));
  // What is left behind is named, but for an upload whose id never came.
  BOOST_TEST((!there.has_upload() || machine.upload_id() == "id" || (first == 0 && count >= s3::attempts_max)));
  BOOST_TEST((count >= s3::attempts_max || machine.outcome()));
}

// What any conversation has to keep to, whatever the answers.
class random_walk {
public:
  explicit random_walk(std::mt19937_64& random)
      : random_(random), machine_((random() % 8 + 1) * 15 * mib), failures_in_8_(random() % 8) {}

  // Whether the upload ended well.
  bool run() {
    for (int turn = 0; !machine_.is_done(); ++turn) {
      BOOST_REQUIRE_LT(turn, 1000);
      begin();
      if (random_() % 100 == 0) {
        machine_.stop({errc::interrupted, "", "a signal", ""});
      }
      const auto which = static_cast<std::ptrdiff_t>(random_() % under_way_.size());
      const step sent = under_way_[static_cast<std::size_t>(which)];
      under_way_.erase(under_way_.begin() + which);
      answer(sent);
    }
    BOOST_REQUIRE(under_way_.empty());
    const auto outcome = machine_.outcome();
    BOOST_REQUIRE((!outcome || *outcome == "etag"));
    return outcome.has_value();
  }

private:
  void begin() {
    while (const auto next = machine_.next()) {
      // Only parts go beside parts, and nothing is completed with a part missing.
      BOOST_REQUIRE((next->kind == step_kind::upload_part || under_way_.empty()));
      BOOST_REQUIRE((next->kind != step_kind::complete || stored_.size() == machine_.parts().size()));
      BOOST_REQUIRE(next->attempt <= s3::attempts_max);
      under_way_.push_back(*next);
    }
    BOOST_REQUIRE(!under_way_.empty());
    BOOST_REQUIRE_LE(under_way_.size(), 4U);
  }

  void answer(const step& sent) {
    static const std::vector<s3::verdict> failures = {lost,
                                                      gone,
                                                      answered(403, "AccessDenied"),
                                                      answered(503),
                                                      answered(412, "PreconditionFailed"),
                                                      answered(400, "BadDigest"),
                                                      answered(500, "InternalError")};
    if (random_() % 8 < failures_in_8_) {
      machine_.failed(sent, failures[random_() % failures.size()]);
      return;
    }
    switch (sent.kind) {
      case step_kind::create: machine_.created("id"); break;
      case step_kind::upload_part: stored_.insert(sent.part_number); [[fallthrough]];
      case step_kind::complete: machine_.stored(sent, "etag"); break;
      case step_kind::look: machine_.looked(static_cast<finding>(random_() % 3), "etag"); break;
      case step_kind::abort: machine_.aborted(); break;
      case step_kind::list_parts: machine_.listed(static_cast<int>(random_() % 2)); break;
    }
  }

  std::mt19937_64& random_;
  s3::upload machine_;
  std::uint64_t failures_in_8_;
  std::vector<step> under_way_;
  std::set<int> stored_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_multipart_walks)

BOOST_AUTO_TEST_CASE(whichever_answers_get_lost_the_outcome_is_true) {
  for (int first = 0; first < 16; ++first) {
    for (int count = 1; count <= 20; ++count) {
      BOOST_TEST_CONTEXT(count << " lost from " << first << " on") { lose_answers(first, count); }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_conversation_ends_and_leaves_nothing_unsaid) {
  std::mt19937_64 random(7);
  int successes = 0;
  for (int round = 0; round < 5000; ++round) {
    successes += random_walk(random).run() ? 1 : 0;
  }
  BOOST_TEST(successes > 1000);
  BOOST_TEST(successes < 4900);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_multipart_walks_tests
