// The begin and the end of an incident: what is known of it gathered, and mails written for those concerned.
#pragma once

#include "notify/incident.hpp"
#include "store/connections.hpp"
#include "store/ledger.hpp"

#include <functional>

namespace spillway::connection {

// Told of both, after they are in the state file. Thread rule: called on any agent's thread.
using incident_sink = std::function<void(const notify::incident&, notify::incident_event)>;

// The policy of the bucket that lets exports in, as set-up generates it; for another service than AWS's that of a user
// of MinIO. Empty: a directory, which has none. Who exports is account 000000000000 where nobody has said.
std::string policy_of(const model::connection& of);

// The policy of its KMS key on AWS. Empty: it names none, or is elsewhere.
std::string key_policy_of(const model::connection& of);

// Mails go to the administrators of the organization and to who created the connection. They wait in the state file.
// `waited` is what was undelivered while the trouble lasted. REQUIRES: a transaction.
result<notify::incident> begin_incident(db::database& state, const model::connection& of,
                                        const store::access_trouble& trouble, base::instant now);
result<notify::incident> end_incident(db::database& state, const model::connection& of,
                                      const store::access_trouble& trouble, const store::undelivered& waited,
                                      base::instant now);

}  // namespace spillway::connection
