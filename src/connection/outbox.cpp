#include "connection/outbox.hpp"

#include "base/exception.hpp"
#include "base/stoppable_wait.hpp"

#include <algorithm>

namespace spillway::connection {
namespace {

constexpr std::chrono::minutes mail_delay_max{60};

constexpr std::chrono::seconds mail_look_interval{1};
constexpr std::chrono::minutes trouble_interval{1};

}  // namespace

std::chrono::minutes mail_delay(std::int64_t attempts) {
  return std::min(std::chrono::minutes{1 << std::clamp<std::int64_t>(attempts, 0, 10)}, mail_delay_max);
}

result<mail_round> send_due_mails(db::database& state, const mail_sender& send, const base::clock& clock,
                                  const std::stop_token& stop) {
  const base::instant now = clock.now();
  mail_round round;
  while (!round.is_server_away && !stop.stop_requested()) {
    SPILLWAY_TRY_ASSIGN(const auto due, store::find_due_mail(state, now, mail_delay_max));
    if (!due) {
      break;
    }
    SPILLWAY_TRY(store::begin_mail_attempt(state, due->id, now + mail_delay(due->attempts)));
    const mail_answer answer =
        send({{}, {due->recipient}, due->subject, due->body, due->created_at, due->message_id, due->in_reply_to});
    switch (answer.fate) {
      case mail_answer::fate::taken:
        SPILLWAY_TRY(store::remove_mail(state, due->id));
        ++round.taken;
        break;
      case mail_answer::fate::refused: SPILLWAY_TRY(store::refuse_mail(state, due->id, answer.reason)); break;
      case mail_answer::fate::away: round.is_server_away = true; [[fallthrough]];
      case mail_answer::fate::later: SPILLWAY_TRY(store::defer_mail(state, due->id, answer.reason)); break;
    }
  }
  return round;
}

outbox_thread::outbox_thread(store::state_file state, mail_sender send, const base::clock& clock,
                             std::function<void(const failure&)> say)
    : state_(std::move(state)),
      send_(std::move(send)),
      clock_(clock),
      say_(std::move(say)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

void outbox_thread::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto round = send_due(stop);
    if (!round) {
      say_(round.error());
    }
    const bool is_well = round && !round->is_server_away;
    base::wait_unless_stopped(stop, is_well ? mail_look_interval : trouble_interval);
  }
}

result<mail_round> outbox_thread::send_due(const std::stop_token& stop) {
  try {
    return send_due_mails(state_.database(), send_, clock_, stop);
  } catch (const std::exception& thrown) {
    return base::failure_of(thrown, "sending mails");
  }
}

}  // namespace spillway::connection
