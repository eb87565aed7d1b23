#include "cli/mail_delivery.hpp"

#include "cli/program.hpp"

#include "base/bytes.hpp"
#include "base/environment.hpp"
#include "notify/command.hpp"
#include "notify/smtp.hpp"
#include "notify/smtp_file.hpp"

#include <fmt/format.h>

namespace spillway::cli {
namespace {

using connection::mail_answer;

// A server that can't be reached, or does not let us in, is one that somebody will put right: the mail waits.
mail_answer answer_of(const result<notify::delivery>& sent) {
  if (!sent) {
    return {mail_answer::fate::away, sent.error().text()};
  }
  if (!sent->refused.empty()) {
    return {mail_answer::fate::refused, sent->refused.front().reason};
  }
  return sent->deferred.empty() ? mail_answer{} : mail_answer{mail_answer::fate::later, sent->deferred.front().reason};
}

}  // namespace

result<std::optional<connection::mail_sender>> find_mail_sender(const std::string& smtp_file, std::stop_token stop) {
  SPILLWAY_TRY_ASSIGN(auto settings,
                      notify::find_smtp_settings(smtp_file, base::system_environment()("SPILLWAY_SMTP_URL")));
  if (!settings) {
    return std::optional<connection::mail_sender>();
  }
  return std::optional<connection::mail_sender>([settings = std::move(*settings), stop](const notify::mail& written) {
    notify::mail mail = written;
    mail.from = settings.from;
    return answer_of(notify::send(settings, mail, mail.to, notify::smtp_patience, stop));
  });
}

connection::incident_sink make_incident_sink(const std::string& command, std::stop_token stop) {
  if (command.empty()) {
    return [](const notify::incident&, notify::incident_event) {};
  }
  return [command, stop](const notify::incident& about, notify::incident_event event) {
    const auto made = notify::run_incident_command(command, about, event, notify::command_patience, stop);
    if (!made) {
      print_note(
          fmt::format("--on-incident: {}\n", base::printable(made.error().text(), base::shown_failure_bytes_max)));
    }
  };
}

}  // namespace spillway::cli
