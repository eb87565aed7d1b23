// Mails that wait in the state file, handed to a server until it takes them.
#pragma once

#include "base/clock.hpp"
#include "notify/message.hpp"
#include "store/mail_log.hpp"
#include "store/state_file.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace spillway::connection {

// What became of a mail to one recipient.
struct mail_answer {
  enum class fate {
    taken,
    refused,  // for good
    later,
    away,  // the server takes nobody's mail now: later
  } fate = fate::taken;
  std::string reason{};  // of all but `taken`
};
using mail_sender = std::function<mail_answer(const notify::mail&)>;

// The wait after so many tries: a minute, doubling to an hour.
std::chrono::minutes mail_delay(std::int64_t attempts);

struct mail_round {
  std::int64_t taken = 0;
  bool is_server_away = false;  // what was behind it was not tried
};

// Sends what is due by now, one after another. The sender is called without a transaction, and only for what the state
// file says is being sent: a mail whose end can't be written down is sent again, after its delay.
// Ends after the mail that is being sent when `stop` is asked.
result<mail_round> send_due_mails(db::database& state, const mail_sender& send, const base::clock& clock,
                                  const std::stop_token& stop);

// The same, once a second, on a thread of its own: a mail server that hangs holds up no bucket. A minute passes where
// the server is away, or the state file fails, which `say` is told.
class outbox_thread {
public:
  // `state` is its own (state_file::share); `clock` outlives it. `say` is called on the thread.
  outbox_thread(store::state_file state, mail_sender send, const base::clock& clock,
                std::function<void(const failure&)> say);
  // Ends after the mail that is being sent.
  ~outbox_thread() = default;

private:
  void work(const std::stop_token& stop);
  result<mail_round> send_due(const std::stop_token& stop);

  store::state_file state_;
  const mail_sender send_;
  const base::clock& clock_;
  const std::function<void(const failure&)> say_;
  std::jthread thread_;  // behind everything that it uses: it ends first
};

}  // namespace spillway::connection
