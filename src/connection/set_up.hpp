// Setting a connection up: may it be, may it get in, and where it starts.
#pragma once

#include "connection/delivery.hpp"
#include "store/connections.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::connection {

struct created {
  model::connection connection;
  std::optional<model::connection_id> took_over;  // whose history it has now
  bool took_over_other_filter = false;            // what was delivered stays as that one chose it
  std::optional<store::gap> gap;                  // hours between that one's last and its first
};

// Whether such a connection may be, before anything is asked of the bucket.
// errc::usage: a portfolio project; a filter that can't be read. errc::not_found: no such project.
// errc::conflict: the project is delivered there already, or another organization has the bucket; or a migration
// forbids it (migration_rules.hpp).
result<void> check_allowed(db::database& state, const model::connection& wanted);

// The last of it: errc::conflict as above.
result<void> check_place(db::database& state, const model::connection& wanted);

// Writes it down, enabled. It starts at 00:00 UTC of today; where another connection of the project to the same bucket
// was disabled less than 24 hours ago, at the hour in which that one stopped. REQUIRES: a transaction; check_allowed.
result<created> add(db::database& state, model::connection wanted, base::instant now);

// The same behind a disabled connection of the same project and place, whose history it gets.
result<created> add_behind(db::database& state, model::connection wanted, const model::connection& before,
                           base::instant now);

// Whether exports may go there, found out by doing it with a probe. errc::denied: the cause names each permission.
// errc::invalid: objects are not encrypted as asked for.
result<void> verify(const model::connection& wanted, const opened_bucket& to, std::string_view nonce);

// All of it: checks, verifies the access with the real prefix and encryption, claims the bucket if that is wanted, and
// writes it down. `nonce` is for the probe's key. errc::denied: the access is not there; the cause names each
// permission.
result<created> set_up(db::database& state, model::connection wanted, const opened_bucket& to, std::string_view nonce,
                       base::instant now);

// Claims the bucket if the connection does so, else looks whether another organization has. errc::conflict: it has.
result<void> claim(db::database& state, const model::connection& of, const opened_bucket& in, base::instant now);

// Whether `last` or another connection of its organization to this bucket makes a claim.
result<bool> may_have_claimed(db::database& state, const model::connection& last);

// Takes the organization's claim away, if nothing enabled is left of it in the bucket of `last` and this installation
// has put it. What comes back says why a claim stays that somebody may have to take away by hand; nullopt: none does.
result<std::optional<std::string>> release_claim(db::database& state, const model::connection& last,
                                                 const opened_bucket& in);

}  // namespace spillway::connection
