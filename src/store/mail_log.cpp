#include "store/mail_log.hpp"

#include "store/row_values.hpp"

namespace spillway::store {
namespace {

constexpr std::string_view mail_columns =
    "SELECT id, message_id, in_reply_to, recipient, subject, body, created_at, attempts, next_try_at, reason FROM "
    "outgoing_mail ";

mail_row mail_of(const db::statement& row) {
  const auto text = [&row](int column) { return std::string(row.text(column)); };
  return {row.number(0),      text(1), text(2), text(3), text(4), text(5), instant_in(row, 6), row.number(7),
          instant_in(row, 8), text(9)};
}

}  // namespace

result<void> add_mail(db::database& state, const mail_row& added) {
  return state.run(
      "INSERT INTO outgoing_mail(message_id, in_reply_to, recipient, subject, body, created_at, "
      "next_try_at) VALUES(?, ?, ?, ?, ?, ?, ?)",
      added.message_id, added.in_reply_to, added.recipient, added.subject, added.body, base::to_us(added.created_at),
      base::to_us(added.next_try_at));
}

result<std::optional<mail_row>> find_due_mail(db::database& state, base::instant now,
                                              std::chrono::microseconds wait_max) {
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query(std::string(mail_columns) +
                      "AS due WHERE is_refused=0 AND (next_try_at<=?1 OR next_try_at>?2) AND NOT EXISTS(SELECT 1 FROM "
                      "outgoing_mail AS earlier WHERE earlier.id<due.id AND earlier.is_refused=0 AND "
                      "earlier.message_id=due.in_reply_to AND earlier.recipient=due.recipient) ORDER BY id LIMIT 1",
                  base::to_us(now), base::to_us(now + wait_max)));
  return db::collect_one(std::move(row), mail_of);
}

result<std::vector<mail_row>> list_waiting_mails(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(mail_columns) + "WHERE is_refused=0 ORDER BY id"));
  return db::collect(std::move(rows), mail_of);
}

result<std::vector<mail_row>> list_refused_mails(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(mail_columns) + "WHERE is_refused=1 ORDER BY id"));
  return db::collect(std::move(rows), mail_of);
}

result<void> begin_mail_attempt(db::database& state, std::int64_t id, base::instant next_try_at) {
  return state.run("UPDATE outgoing_mail SET attempts=attempts+1, next_try_at=? WHERE id=?", base::to_us(next_try_at),
                   id);
}

result<void> remove_mail(db::database& state, std::int64_t id) {
  return state.run("DELETE FROM outgoing_mail WHERE id=?", id);
}

result<void> defer_mail(db::database& state, std::int64_t id, std::string_view reason) {
  return state.run("UPDATE outgoing_mail SET reason=? WHERE id=?", reason, id);
}

result<void> refuse_mail(db::database& state, std::int64_t id, std::string_view reason) {
  return state.run("UPDATE outgoing_mail SET is_refused=1, reason=? WHERE id=?", reason, id);
}

}  // namespace spillway::store
