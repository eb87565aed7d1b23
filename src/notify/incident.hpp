// A connection that access has blocked: what an operator has to know, as a mail and as JSON.
#pragma once

#include "base/time.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"
#include "notify/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::notify {

// The hours of a connection that are closed and not delivered.
struct waiting_hours {
  model::hour first;
  model::hour last;
  std::int64_t count = 0;  // 0: none; `first` and `last` say nothing then
};

struct named_option {
  std::string name;   // "--sse"
  std::string value;  // "aws:kms"; never a secret
};

// Texts come as they are; those of others (a bucket's name, what a server said) need no cleaning before.
struct incident {
  std::string connection;         // its id
  std::string series;             // the same of connections that follow each other at a place; empty: `connection`
  std::string organization;       // its name
  model::project_id project = 0;  // 0: all of the organization's
  std::string destination;        // as commands take it: "s3://raw/analytics"
  std::vector<named_option> verify_options;  // with which `spillway verify` asks for what exports ask for
  std::string permission;         // "s3:PutObject"; empty: the server does not say
  std::string resource;           // what it was refused on: "arn:aws:s3:::raw/analytics/*"; empty: not known
  std::string reason;             // what failed, as commands say it; empty: not known
  base::instant since;            // the first refusal
  waiting_hours hours;            // of a recovery: those that waited
  std::string remedy;             // what to do, one line; empty: only what every mail says
  std::string policy;             // a document to paste; empty: none
  std::optional<base::instant> over_at;
};

// What shows whether exports may go there again, for a shell: "spillway verify s3://raw/analytics --sse aws:kms".
std::string verify_command(const incident& about);

enum class incident_event { blocked, recovered };
std::string_view to_string(incident_event event);  // "blocked", "recovered"

// The mail at the start of an incident, and the one at its end, which answers the first. `to` are addresses, `when`
// is the mail's date, and who it is from is left to the one that sends it. The ids follow from series, time and event,
// so that an incident never has two mails, and a recovery answers also what an earlier connection has sent.
mail compose_incident(const incident& about, std::vector<std::string> to, base::instant when);
// REQUIRES: `about.over_at`.
mail compose_recovery(const incident& about, std::vector<std::string> to, base::instant when);

// One line of JSON and '\n', for programs:
// {"event":"blocked","connection":"3","organization":"Acme","project":187520,"destination":"s3://raw/analytics",
//  "permission":"s3:PutObject","resource":"arn:aws:s3:::raw/analytics/*","reason":"...",
//  "since":"2020-01-25T17:00:00Z","over_at":null,
//  "waiting_hours":{"count":2,"first":"2020-01-25_17","last":"2020-01-25_18"},"remedy":"...","policy":"{...}"}
// Without waiting hours `first` and `last` are null. Bytes that are no UTF-8 are written as in mails: \xNN.
std::string to_json(const incident& about, incident_event event);

}  // namespace spillway::notify
