#include "connection/outbox.hpp"

#include "base/stoppable_wait.hpp"

#include <algorithm>

namespace spillway::connection {
namespace {

constexpr std::chrono::minutes mail_delay_max{60};

constexpr std::chrono::seconds look_interval{1};

}  // namespace

std::chrono::minutes mail_delay(std::int64_t attempts) {
  return std::min(std::chrono::minutes{1 << std::clamp<std::int64_t>(attempts, 0, 10)}, mail_delay_max);
}

result<std::int64_t> send_due_mails(db::database& state, const mail_sender& send, const base::clock& clock) {
  SPILLWAY_TRY_ASSIGN(const std::vector<store::mail_row> due, store::list_due_mails(state, clock.now()));
  std::int64_t taken = 0;
  for (const store::mail_row& each : due) {
    const mail_answer answer = send({{}, {each.recipient}, each.subject, each.body, each.created_at, each.message_id,
                                     each.in_reply_to});
    switch (answer.fate) {
      case mail_answer::fate::taken:
        SPILLWAY_TRY(store::remove_mail(state, each.id));
        ++taken;
        break;
      case mail_answer::fate::refused: SPILLWAY_TRY(store::refuse_mail(state, each.id, answer.reason)); break;
      case mail_answer::fate::later:
        SPILLWAY_TRY(store::postpone_mail(state, each.id, clock.now() + mail_delay(each.attempts), answer.reason));
        break;
    }
  }
  return taken;
}

outbox_thread::outbox_thread(store::state_file state, mail_sender send, const base::clock& clock)
    : state_(std::move(state)),
      send_(std::move(send)),
      clock_(clock),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

void outbox_thread::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    // A state file that can't be written to ends the agents, who say so; mails wait until it can.
    (void)send_due_mails(state_.database(), send_, clock_);
    base::wait_unless_stopped(stop, look_interval);
  }
}

}  // namespace spillway::connection
