// Mails that wait in the state file, handed to a server until it takes them.
#pragma once

#include "base/clock.hpp"
#include "notify/message.hpp"
#include "store/mail_log.hpp"
#include "store/state_file.hpp"

#include <functional>
#include <string>
#include <thread>

namespace spillway::connection {

// What became of a mail to one recipient.
struct mail_answer {
  enum class fate { taken, refused, later } fate = fate::taken;
  std::string reason{};  // of the other two
};
using mail_sender = std::function<mail_answer(const notify::mail&)>;

// The wait after so many tries: a minute, doubling to an hour.
std::chrono::minutes mail_delay(std::int64_t attempts);

// Sends what is due by now, one after another; how many were taken. The sender is called without a transaction.
result<std::int64_t> send_due_mails(db::database& state, const mail_sender& send, const base::clock& clock);

// The same, once a second, on a thread of its own: a mail server that hangs holds up no bucket.
class outbox_thread {
public:
  // `state` is its own (state_file::share); `clock` outlives it.
  outbox_thread(store::state_file state, mail_sender send, const base::clock& clock);
  // Ends after the mail that is being sent.
  ~outbox_thread() = default;

private:
  void work(const std::stop_token& stop);

  store::state_file state_;
  const mail_sender send_;
  const base::clock& clock_;
  std::jthread thread_;  // behind everything that it uses: it ends first
};

}  // namespace spillway::connection
