// Mails that wait until a server takes them, one row a recipient.
//
// Thread rule: as the database.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"

#include <cstdint>
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

// In the order in which they were added: those that are due by `now`, and all that wait.
result<std::vector<mail_row>> list_due_mails(db::database& state, base::instant now);
result<std::vector<mail_row>> list_waiting_mails(db::database& state);
// Those that a server has refused for good; they are kept to be shown.
result<std::vector<mail_row>> list_refused_mails(db::database& state);

result<void> remove_mail(db::database& state, std::int64_t id);
result<void> postpone_mail(db::database& state, std::int64_t id, base::instant until, std::string_view reason);
result<void> refuse_mail(db::database& state, std::int64_t id, std::string_view reason);

}  // namespace spillway::store
