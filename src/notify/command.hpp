// The command of `--on-incident`, for those who have no mail.
#pragma once

#include "base/result.hpp"
#include "notify/incident.hpp"

#include <chrono>
#include <stop_token>
#include <string>

namespace spillway::notify {

// Ours: time for a request to a chat or a pager, and not so long that the next hour waits for it.
inline constexpr std::chrono::seconds command_patience{60};

// Runs `/bin/sh -c COMMAND` with to_json(about, event) as standard input and SPILLWAY_EVENT=blocked or recovered. It
// has our environment without AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and SPILLWAY_SMTP_URL, and is killed with all
// that it has started at the deadline and on a stop.
// The first 4 KiB of what it printed, fit for a log: for the operator who has written it. errc::io: it could not be
// started, or failed; the cause says how, with nothing of the command. errc::unavailable: it did not end in time.
// errc::interrupted. Thread rule: any thread, while nothing changes the environment.
result<std::string> run_incident_command(const std::string& command, const incident& about, incident_event event,
                                         std::chrono::milliseconds patience, const std::stop_token& stop);

}  // namespace spillway::notify
