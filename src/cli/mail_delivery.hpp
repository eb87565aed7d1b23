// Mails and commands of incidents, as the options of `run` ask for them.
#pragma once

#include "base/result.hpp"
#include "connection/incidents.hpp"
#include "connection/outbox.hpp"

#include <optional>
#include <stop_token>
#include <string>

namespace spillway::cli {

// --smtp-file, else $SPILLWAY_SMTP_URL; nullopt: neither, and mails wait in the state file. errc::usage: no such URL.
result<std::optional<connection::mail_sender>> find_mail_sender(const std::string& smtp_file,
                                                              std::stop_token stop);

// --on-incident; that the command fails is said on standard error, and changes nothing else.
connection::incident_sink make_incident_sink(const std::string& command, std::stop_token stop);

}  // namespace spillway::cli
