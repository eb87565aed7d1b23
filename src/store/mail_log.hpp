// Mails that wait until a server takes them, one row a recipient.
//
// Thread rule: as the database.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

struct mail_row {
  std::int64_t id = 0;
  std::string message_id;
  std::string in_reply_to;  // empty: none
  std::string recipient;
  std::string subject;
  std::string body;
  base::instant created_at;
  std::int64_t attempts = 0;
  base::instant next_try_at;
  std::string reason{};  // why it was not taken, or was refused for good
};

result<void> add_mail(db::database& state, const mail_row& added);

// Of those that are due (base::is_due), the one that was added first. A mail is not due while its recipient waits for
// the one that it answers.
result<std::optional<mail_row>> find_due_mail(db::database& state, base::instant now,
                                              std::chrono::microseconds wait_max);
// In the order in which they were added: all that wait.
result<std::vector<mail_row>> list_waiting_mails(db::database& state);
// Those that a server has refused for good; they are kept to be shown.
result<std::vector<mail_row>> list_refused_mails(db::database& state);

// Before it is handed to a server: what is not written down afterwards is sent again by then, and no sooner.
result<void> begin_mail_attempt(db::database& state, std::int64_t id, base::instant next_try_at);
// After that: the server has it, did not take it yet, or never will.
result<void> remove_mail(db::database& state, std::int64_t id);
result<void> defer_mail(db::database& state, std::int64_t id, std::string_view reason);
result<void> refuse_mail(db::database& state, std::int64_t id, std::string_view reason);

}  // namespace spillway::store
