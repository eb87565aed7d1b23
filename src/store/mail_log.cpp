#include "store/mail_log.hpp"

#include "store/row_values.hpp"

namespace spillway::store {
namespace {

constexpr std::string_view mail_columns =
    "SELECT id, message_id, in_reply_to, recipient, subject, body, created_at, attempts, next_try_at, reason FROM outgoing_mail ";

mail_row mail_of(const db::statement& row) {
  const auto text = [&row](int column) { return std::string(row.text(column)); };
  return {row.number(0),      text(1), text(2), text(3), text(4), text(5), instant_in(row, 6), row.number(7),
          instant_in(row, 8), text(9)};
}

}  // namespace

result<void> add_mail(db::database& state, const mail_row& added) {
  return state.run("INSERT INTO outgoing_mail(message_id, in_reply_to, recipient, subject, body, created_at, "
                   "next_try_at) VALUES(?, ?, ?, ?, ?, ?, ?)",
                   added.message_id, added.in_reply_to, added.recipient, added.subject, added.body, base::to_us(added.created_at),
                   base::to_us(added.next_try_at));
}

result<std::vector<mail_row>> list_due_mails(db::database& state, base::instant now) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(mail_columns) +
                                                          "WHERE is_refused=0 AND next_try_at<=? ORDER BY id",
                                                      base::to_us(now)));
  return db::collect(std::move(rows), mail_of);
}

result<std::vector<mail_row>> list_waiting_mails(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(mail_columns) + "WHERE is_refused=0 ORDER BY id"));
  return db::collect(std::move(rows), mail_of);
}

result<std::vector<mail_row>> list_refused_mails(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(mail_columns) + "WHERE is_refused=1 ORDER BY id"));
  return db::collect(std::move(rows), mail_of);
}

result<void> remove_mail(db::database& state, std::int64_t id) {
  return state.run("DELETE FROM outgoing_mail WHERE id=?", id);
}

result<void> postpone_mail(db::database& state, std::int64_t id, base::instant until, std::string_view reason) {
  return state.run("UPDATE outgoing_mail SET attempts=attempts+1, next_try_at=?, reason=? WHERE id=?", base::to_us(until),
                   reason, id);
}

result<void> refuse_mail(db::database& state, std::int64_t id, std::string_view reason) {
  return state.run("UPDATE outgoing_mail SET attempts=attempts+1, is_refused=1, reason=? WHERE id=?", reason, id);
}

}  // namespace spillway::store
