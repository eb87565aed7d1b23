// Mails that wait in the state file, handed to a server until it takes them.
#pragma once

#include "base/clock.hpp"
#include "notify/message.hpp"
#include "store/mail_log.hpp"

#include <functional>
#include <string>

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

}  // namespace spillway::connection
