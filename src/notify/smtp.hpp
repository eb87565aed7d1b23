// Hands a mail to a server, by SMTP with TLS and login. Blocks. Target spillway_mail: the core does not link libcurl.
#pragma once

#include "base/result.hpp"
#include "notify/message.hpp"
#include "notify/smtp_settings.hpp"

#include <chrono>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace spillway::notify {

// Ours: RFC 5321 lets a server think for 10 minutes, but nobody waits for it here: the mail is sent again later.
inline constexpr std::chrono::seconds smtp_patience{60};

// An address, and what the server said of it: "550 5.1.1 User unknown".
struct answered_recipient {
  std::string address;
  std::string reason;
};

struct delivery {
  std::vector<std::string> taken;            // the server has the mail for them
  std::vector<answered_recipient> refused;   // for good (5xx): trying again is of no use
  std::vector<answered_recipient> deferred;  // not yet (4xx), or not reached any more: to be tried again
};

// Sends `what` to each of `recipients`, in a transaction of its own, so that one who is refused keeps nobody else from
// having it; the message names all of `what.to`. TLS is 1.2 at least, and verified. `patience` is for all of it.
// Each recipient is in one list of the delivery. A failure means that nobody has it and nobody was refused, and that no
// other mail would fare better now: errc::unavailable: the server is not reached, closes (421), or does not answer in
// time: later. errc::denied: it refuses the
// login or the sender, or wants a login. errc::invalid: TLS can't be had, or its certificate is not trusted, or the
// mail is no mail (to_message). errc::interrupted. No failure and no reason holds the password, also where the server
// repeats it. Thread rule: any thread.
result<delivery> send(const smtp_settings& settings, const mail& what, std::span<const std::string> recipients,
                      std::chrono::milliseconds patience, const std::stop_token& stop);

}  // namespace spillway::notify
