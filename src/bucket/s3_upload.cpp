#include "bucket/s3_upload.hpp"

#include "base/exception.hpp"
#include "s3/object_head.hpp"
#include "s3/response_xml.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace spillway::bucket {
namespace {

// Completing may take minutes, in which S3 keeps the connection alive with white space.
constexpr std::chrono::seconds completing_patience{600};
// After a stop what was begun is still aborted, if the server answers soon.
constexpr std::chrono::seconds cleaning_patience{5};

class upload_driver {
public:
  upload_driver(const upload_tools& with, std::string_view key, body_source& body, const put_options& options,
                const s3::storing& how, s3::upload machine)
      : with_(with), key_(key), body_(body), options_(options), how_(how), machine_(std::move(machine)) {}

  // Parts that are under way refer to it, also where memory runs out between two of them.
  ~upload_driver() {
    std::unique_lock lock(mutex_);
    one_ended_.wait(lock, [this] { return ended_.size() == under_way_; });  // each ends by its own deadline
  }

  result<receipt> run() {
    while (!machine_.is_done()) {
      if (with_.stop.stop_requested() && !stopped_) {
        stopped_ = true;
        machine_.stop({errc::interrupted, "uploading", "asked to stop", {}});
      }
      if (const auto step = machine_.next()) {
        wait_before(*step);
        begin(*step);
      } else {
        finish_part();
      }
    }
    if (options_.uploads != nullptr && !begun_id_.empty() && machine_.upload_id().empty()) {
      options_.uploads->gone(key_, begun_id_);
    }
    SPILLWAY_TRY_ASSIGN(std::string etag, machine_.outcome());
    return receipt{std::move(etag), body_.bytes()};
  }

private:
  struct sent_part {
    s3::step step;
    std::string bytes;
    base::sha256_digest sha256;
    result<s3_answer> made;
  };

  s3::upload_address upload() const { return {key_, machine_.upload_id()}; }

  void wait_before(const s3::step& step) {
    if (step.attempt == 1 || step.pace == s3::action::proceed) {
      return;
    }
    const errc code = step.pace == s3::action::retry_slowly ? errc::throttled : errc::unavailable;
    with_.world.wait(std::max(step.retry_after, retry_delay(code, step.attempt, with_.world.random())));
  }

  void begin(const s3::step& step) {
    switch (step.kind) {
      case s3::step_kind::create: return create(step);
      case s3::step_kind::upload_part: return send_part(step);
      case s3::step_kind::complete: return complete(step);
      case s3::step_kind::look: return look(step);
      case s3::step_kind::abort: return abort(step);
      case s3::step_kind::list_parts: return list_parts(step);
    }
  }

  // A failure of ours (an interrupt, a bad certificate) ends the upload; an answer goes to the machine.
  std::optional<s3_answer> ask(const s3::step& step, const s3_requester::asking& what) {
    auto made = with_.requester.ask(what);
    if (!made) {
      machine_.stop(made.error());
      machine_.failed(step, no_answer());
      return std::nullopt;
    }
    if (!made->is_ok()) {
      machine_.failed(step, made->verdict);
      return std::nullopt;
    }
    return std::move(*made);
  }

  template <class Value>
  std::optional<Value> read(const s3::step& step, result<Value> parsed) {
    if (!parsed) {
      machine_.failed(step, no_answer());
      return std::nullopt;
    }
    return std::move(*parsed);
  }

  // Of a request that was not sent, or whose success has no readable document: the outcome is open.
  static s3::verdict no_answer() {
    s3::verdict value;
    value.error_class = s3::error_class::transient;
    value.action = s3::action::retry;
    value.code = errc::unavailable;
    value.message = "the answer can't be read";
    return value;
  }

  void create(const s3::step& step) {
    if (step.attempt == 1 && !keep_id({})) {
      return machine_.failed(step, no_answer());
    }
    const auto answer =
        ask(step, {[this](const s3::bucket_address& to) { return s3::create_multipart_upload(to, key_, how_); },
                   "InitiateMultipartUploadResult"});
    if (!answer) {
      return;
    }
    if (auto id = read(step, s3::parse_create_multipart_upload(answer->answer.body))) {
      begun_id_ = *id;
      machine_.created(std::move(*id));
      if (!keep_id(begun_id_)) {
        return;
      }
      const bool may_have_twins = step.attempt > 1 && !abort_twins();
      if (options_.uploads != nullptr && !may_have_twins) {
        options_.uploads->gone(key_, {});
      }
    }
  }

  // False ends the upload.
  bool keep_id(std::string_view id) {
    const auto kept = options_.uploads != nullptr ? options_.uploads->begun(key_, id) : result<void>();
    if (!kept) {
      machine_.stop(kept.error());
    }
    return kept.has_value();
  }

  // A "create" whose answer was lost may have begun an upload of the same key, whose id nobody knows. False: it may
  // still be there, because the answer to the question for it was lost, too. Exports do without the permission to ask;
  // then it stays for good.
  bool abort_twins() {
    const s3::upload_list_query query{key_, {}, {}};
    const auto made =
        with_.requester.ask({[&query](const s3::bucket_address& to) { return s3::list_multipart_uploads(to, query); },
                             "ListMultipartUploadsResult"});
    const auto page = made && made->is_ok() ? s3::parse_list_multipart_uploads(made->answer.body, query)
                                            : result<s3::upload_page>(failure());
    if (!page) {
      return made && made->verdict.code == errc::denied;
    }
    bool all_gone = true;
    for (const s3::listed_upload& each : page->uploads) {
      if (each.upload.key == key_ && each.upload.upload_id != begun_id_) {
        const auto aborted = with_.requester.ask(
            {[&each](const s3::bucket_address& to) { return s3::abort_multipart_upload(to, each.upload); }});
        all_gone = all_gone && aborted && (aborted->is_ok() || aborted->verdict.code == errc::not_found);
      }
    }
    return all_gone;
  }

  // As it was planned to be sent; hashed now if it was not planned, or has to go with an MD5. With the planned hash the
  // server compares what comes. errc::corrupt: with an MD5 it would not.
  result<s3::payload> payload_of(int part_number, std::string_view bytes) const {
    const auto index = static_cast<std::size_t>(part_number - 1);
    const bool is_planned = index < options_.part_sha256s.size();
    if (is_planned && how_.checksum != s3::checksum::md5) {
      return s3::payload{bytes.size(), options_.part_sha256s[index], {}};
    }
    const s3::payload made = s3::payload_of(bytes, how_.checksum);
    if (is_planned && made.sha256 != options_.part_sha256s[index]) {
      return failure{
          errc::corrupt, fmt::format("sending part {}", part_number), "its bytes are not those that were planned", {}};
    }
    return made;
  }

  // On a thread of the senders.
  result<s3_answer> send(sent_part& part, const s3::upload_address& address) {
    const int number = part.step.part_number;
    SPILLWAY_TRY_ASSIGN(const s3::payload payload, payload_of(number, part.bytes));
    part.sha256 = payload.sha256;
    const net::http_body body = net::memory_body(part.bytes);
    return with_.requester.ask(
        {[&](const s3::bucket_address& to) { return s3::upload_part(to, address, number, payload, how_.checksum); },
         {},
         &body});
  }

  // Reads the part on this thread, which the body belongs to, and sends it on another.
  void send_part(const s3::step& step) {
    auto part = std::make_shared<sent_part>(sent_part{step, with_.buffers.take(), {}, failure{}});
    part->bytes.clear();
    part->bytes.reserve(step.range.bytes);  // growing, it would leave its smaller self in the heap, several times
    const auto bytes_read = body_.read_range(step.range.first, step.range.bytes, [&part](std::string_view piece) {
      part->bytes += piece;
      return result<void>();
    });
    if (!bytes_read) {
      with_.buffers.give_back(std::move(part->bytes));
      machine_.stop(bytes_read.error());
      machine_.failed(step, no_answer());
      return;
    }
    with_.senders.post([this, part, address = upload()](std::size_t) {
      try {
        part->made = send(*part, address);
      } catch (const std::exception& thrown) {
        part->made = base::failure_of(thrown, "sending a part");
      }
      with_.buffers.give_back(std::move(part->bytes));
      const std::scoped_lock lock(mutex_);
      ended_.push_back(part);
      one_ended_.notify_one();
    });
    ++under_way_;
  }

  void finish_part() {
    SPILLWAY_ASSERT(under_way_ > 0);
    std::unique_lock lock(mutex_);
    one_ended_.wait(lock, [this] { return !ended_.empty(); });  // each ends by its own deadline
    const std::shared_ptr<sent_part> part = std::move(ended_.front());
    ended_.pop_front();
    lock.unlock();
    --under_way_;
    if (!part->made) {
      machine_.stop(part->made.error());
      machine_.failed(part->step, no_answer());
    } else if (!part->made->is_ok()) {
      machine_.failed(part->step, part->made->verdict);
    } else if (const auto head = s3::read_object_head(part->made->answer.headers)) {
      machine_.stored(part->step, head->etag,
                      how_.checksum == s3::checksum::sha256 ? std::optional(part->sha256) : std::nullopt);
    } else {
      machine_.failed(part->step, no_answer());
    }
  }

  void complete(const s3::step& step) {
    s3_requester::asking what{[this](const s3::bucket_address& to) {
                                return s3::complete_multipart_upload(to, upload(), machine_.parts(), how_.condition);
                              },
                              "CompleteMultipartUploadResult"};
    what.patience = completing_patience;
    const auto answer = ask(step, what);
    if (!answer) {
      return;
    }
    if (auto etag = read(step, s3::parse_complete_multipart_upload(answer->answer.body))) {
      machine_.stored(step, std::move(*etag));
    }
  }

  // The checksum that the object must have; nullopt: the parts are sent without one.
  std::optional<base::sha256_digest> sha256_of_parts() const {
    std::vector<base::sha256_digest> digests;
    for (const s3::stored_part& each : machine_.parts()) {
      if (!each.sha256) {
        return std::nullopt;
      }
      digests.push_back(*each.sha256);
    }
    return base::sha256_of_digests(digests);
  }

  // Whether the object is there although the answer was lost. Many objects are of one size: without a checksum of both
  // it is not known.
  void look(const s3::step& step) {
    auto made = with_.requester.ask({[this](const s3::bucket_address& to) { return s3::head_object(to, key_); }});
    if (made && made->verdict.error_class == s3::error_class::not_found) {
      return machine_.looked(s3::finding::none, {});
    }
    if (!made || !made->is_ok()) {
      return machine_.failed(step, made ? made->verdict : no_answer());
    }
    const auto head = s3::read_object_head(made->answer.headers);
    const auto wanted = sha256_of_parts();
    const bool is_same = head && wanted && head->bytes == body_.bytes() && head->sha256_of_parts == wanted;
    machine_.looked(is_same ? s3::finding::same : s3::finding::other, head ? head->etag : std::string());
  }

  void abort(const s3::step& step) {
    s3_requester::asking what{
        [this](const s3::bucket_address& to) { return s3::abort_multipart_upload(to, upload()); }};
    what.stop = s3_requester::when_stopped::go_on;
    what.patience = cleaning_patience;
    if (ask(step, what)) {
      machine_.aborted();
    }
  }

  void list_parts(const s3::step& step) {
    s3_requester::asking what{[this](const s3::bucket_address& to) { return s3::list_parts(to, upload(), 0); },
                              "ListPartsResult"};
    what.stop = s3_requester::when_stopped::go_on;
    what.patience = cleaning_patience;
    const auto answer = ask(step, what);
    if (!answer) {
      return;
    }
    if (const auto page = read(step, s3::parse_list_parts(answer->answer.body))) {
      machine_.listed(static_cast<int>(page->parts.size()));
    }
  }

  const upload_tools& with_;
  const part_buffers::user uses_buffers_{with_.buffers};
  const std::string key_;
  body_source& body_;
  const put_options& options_;
  const s3::storing& how_;
  s3::upload machine_;
  std::string begun_id_;
  bool stopped_ = false;
  std::size_t under_way_ = 0;  // parts that were posted, and are not finished
  std::mutex mutex_;
  std::condition_variable one_ended_;
  std::deque<std::shared_ptr<sent_part>> ended_;
};

}  // namespace

part_buffers::user::user(part_buffers& of) : buffers_(of) {
  const std::scoped_lock lock(buffers_.mutex_);
  ++buffers_.users_;
}

part_buffers::user::~user() {
  const std::scoped_lock lock(buffers_.mutex_);
  if (--buffers_.users_ == 0) {
    for (std::string& each : buffers_.free_) {
      std::string().swap(each);  // assigned to, it would keep its memory
    }
  }
}

std::string part_buffers::take() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return !free_.empty(); });
  std::string taken = std::move(free_.back());
  free_.pop_back();
  return taken;
}

void part_buffers::give_back(std::string used) {
  const std::scoped_lock lock(mutex_);
  free_.push_back(std::move(used));
  given_back_.notify_one();
}

result<receipt> upload_in_parts(const upload_tools& with, std::string_view key, body_source& body,
                                const put_options& options, const s3::storing& how) {
  return upload_driver(with, key, body, options, how, s3::upload(body.bytes())).run();
}

result<void> abort_upload(const upload_tools& with, const s3::upload_address& upload) {
  memory_body nothing({});
  const auto made = upload_driver(with, upload.key, nothing, {}, {}, s3::upload::left_behind(upload.upload_id)).run();
  return made ? result<void>() : made.error();
}

}  // namespace spillway::bucket
