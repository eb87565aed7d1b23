#include "connection/set_up.hpp"

#include "access/claim.hpp"
#include "access/probe.hpp"
#include "connection/export_rules.hpp"
#include "connection/life_cycle.hpp"
#include "connection/migration_rules.hpp"
#include "store/catalog.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

constexpr std::string_view creating = "creating a connection";

// The connection of the project to the same bucket that is not enabled by itself any more: a disabled one, or the
// implicit one of the same place. One of the same place goes first, since it has the history; of several, the one that
// was disabled last.
result<std::optional<model::connection>> find_predecessor(db::database& state, const model::connection& wanted) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(state));
  const auto rank = [&wanted](const model::connection& of) {
    return std::pair(of.place == wanted.place, of.disabled_at.value_or(base::instant::min()));
  };
  std::optional<model::connection> found;
  for (const model::connection& each : all) {
    const bool is_there =
        each.project == wanted.project && model::bucket_of(each.place) == model::bucket_of(wanted.place);
    const bool is_implicit = each.kind == model::connection_kind::implicit && each.place == wanted.place;
    const bool is_past = is_implicit || each.state == model::connection_state::disabled;
    if (is_there && is_past && (!found || rank(*found) <= rank(each))) {
      found = each;
    }
  }
  return found;
}

bool is_missing(const access::permission_finding& of) {
  return of.is_required && of.verdict == access::verdict::denied;
}

std::string remedy_of(const access::probe_report& report, const model::place& of) {
  const auto first = std::ranges::find_if(report.permissions, is_missing);
  if (std::ranges::count_if(report.permissions, is_missing) == 1) {
    return access::remedy_for(*first, of);
  }
  return "allow each of them: spillway verify says where, and spillway policy writes a policy that does";
}

// "s3:GetObject, s3:PutObject (AccessDenied: ...)"
std::string describe_denied(const access::probe_report& report) {
  std::string text;
  std::string detail;
  for (const access::permission_finding& each : report.permissions) {
    if (is_missing(each)) {
      text += (text.empty() ? "" : ", ") + each.permission;
      detail = detail.empty() ? each.detail : detail;
    }
  }
  text += detail.empty() ? "" : " (" + detail + ")";
  return report.left_behind.empty() ? text : text + "; " + report.left_behind + " could not be removed, and may be";
}

result<created> add_alone(db::database& state, model::connection wanted, base::instant now) {
  wanted.kind = model::connection_kind::scheduled;
  wanted.state = model::connection_state::enabled;
  wanted.created_at = now;
  wanted.start = model::first_hour_of_day(now);
  created made;
  SPILLWAY_TRY_ASSIGN(made.connection, store::add_connection(state, std::move(wanted)));
  return made;
}

// Where the new connection starts, after the one that it follows.
result<void> follow(db::database& state, const model::connection& before, base::instant now, created& made) {
  model::connection& connection = made.connection;
  const bool is_scheduled = before.kind == model::connection_kind::scheduled;
  const bool is_same_place = before.place == connection.place;
  std::optional<model::hour> stop;
  if (is_scheduled) {
    SPILLWAY_TRY_ASSIGN(stop, find_stop(state, before));
  }
  // Where nobody delivered events there is no hour to go on at.
  if (stop) {
    if (model::is_within_takeover_time(before, now)) {
      // With the history of the same place the hours that it has are known; elsewhere only what comes behind is due.
      connection.start = is_same_place ? before.start : *stop;
    } else if (*stop < connection.start) {
      made.gap = store::gap{*stop, {connection.start.number - 1}};
    }
    SPILLWAY_TRY(store::change_connection(state, connection));
  }
  if (is_same_place) {
    SPILLWAY_TRY(store::move_history(state, before.id, connection.id));
    made.took_over = before.id;
    made.took_over_other_filter = before.filter != connection.filter;
  }
  if (!is_scheduled) {
    SPILLWAY_TRY(store::remove_connection(state, before.id));
  }
  if (!made.gap) {
    return {};
  }
  return is_same_place ? store::add_break(state, connection.id, before.start, *made.gap)
                       : store::add_gap(state, connection.id, *made.gap);
}

// Connections of an organization to buckets of the name that `last` delivers to: one server may be reached by several
// endpoints, and who they are can't be told from here.
result<std::vector<model::connection>> list_namesakes(db::database& state, const model::connection& last,
                                                      model::organization_id owner) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(state));
  std::vector<model::connection> found;
  for (const model::connection& each : all) {
    const bool has_name = model::bucket_of(each.place).destination == model::bucket_of(last.place).destination;
    if (each.kind != model::connection_kind::scheduled || !has_name) {
      continue;
    }
    SPILLWAY_TRY_ASSIGN(const model::organization of, store::owner_of(state, each.project));
    if (of.id == owner) {
      found.push_back(each);
    }
  }
  return found;
}

bool makes_claim(const model::connection& of) { return of.claim != model::claim_choice::none; }

}  // namespace

result<void> check_allowed(db::database& state, const model::connection& wanted) {
  SPILLWAY_TRY_ASSIGN(const auto project, store::find_project(state, wanted.project));
  if (!project) {
    return failure{errc::not_found, std::string(creating), fmt::format("there is no project {}", wanted.project),
                   fmt::format("make it first: spillway project create --id {}", wanted.project)};
  }
  SPILLWAY_TRY(check_source(*project, std::string(creating)));
  SPILLWAY_TRY(canonical_filter(wanted.filter));
  SPILLWAY_TRY(check_migrations(state, wanted));
  return check_place(state, wanted);
}

result<void> check_place(db::database& state, const model::connection& wanted) {
  SPILLWAY_TRY(check_alone(state, wanted, std::string(creating)));
  SPILLWAY_TRY_ASSIGN(const model::project project, store::get_project(state, wanted.project));
  SPILLWAY_TRY(check_exporters(state, project, wanted.place));
  return check_owner(state, wanted);
}

result<created> add(db::database& state, model::connection wanted, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const auto before, find_predecessor(state, wanted));
  SPILLWAY_TRY_ASSIGN(created made, add_alone(state, std::move(wanted), now));
  if (before) {
    SPILLWAY_TRY(follow(state, *before, now, made));
  }
  return made;
}

result<created> add_behind(db::database& state, model::connection wanted, const model::connection& before,
                           base::instant now) {
  SPILLWAY_TRY_ASSIGN(created made, add_alone(state, std::move(wanted), now));
  SPILLWAY_TRY(follow(state, before, now, made));
  return made;
}

result<void> verify(const model::connection& wanted, const opened_bucket& to, std::string_view nonce) {
  const std::string verifying = "verifying " + wanted.place.destination;
  const auto probed = access::probe(*to.bucket, to.prefix, to.put, nonce);
  if (!probed) {
    return base::while_doing(verifying, probed.error());
  }
  if (probed->is_denied()) {
    return failure{errc::denied, verifying, "denied: " + describe_denied(*probed), remedy_of(*probed, wanted.place)};
  }
  if (probed->is_encryption_ignored) {
    return failure{errc::invalid, verifying, "objects are stored there without the encryption that was asked for",
                   "leave out --sse, or deliver elsewhere"};
  }
  if (const access::permission_finding* put = probed->unknown_put()) {
    return failure{errc::invalid, verifying,
                   fmt::format("whether it allows {} is not known: {}", put->permission, put->detail),
                   "spillway verify shows all of it; run the command again when exports may go there"};
  }
  return {};
}

result<created> set_up(db::database& state, model::connection wanted, const opened_bucket& to, std::string_view nonce,
                       base::instant now) {
  SPILLWAY_TRY(check_allowed(state, wanted));
  SPILLWAY_TRY(verify(wanted, to, nonce));
  SPILLWAY_TRY(claim(state, wanted, to, now));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state));
  SPILLWAY_TRY(check_allowed(state, wanted));
  SPILLWAY_TRY_ASSIGN(created made, add(state, std::move(wanted), now));
  SPILLWAY_TRY(change.commit());
  return made;
}

result<void> claim(db::database& state, const model::connection& of, const opened_bucket& in, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, of.project));
  if (of.claim != model::claim_choice::object) {
    return check_claim(*in.bucket, owner.id);
  }
  SPILLWAY_TRY_ASSIGN(const std::string installation, store::installation_of(state, owner.id));
  return access::claim_bucket(*in.bucket, owner, now, in.put, installation);
}

result<bool> may_have_claimed(db::database& state, const model::connection& last) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, last.project));
  SPILLWAY_TRY_ASSIGN(const auto namesakes, list_namesakes(state, last, owner.id));
  return makes_claim(last) || std::ranges::any_of(namesakes, makes_claim);  // `last` may have been deleted
}

result<std::optional<std::string>> release_claim(db::database& state, const model::connection& last,
                                                 const opened_bucket& in) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, last.project));
  SPILLWAY_TRY_ASSIGN(const std::int64_t left, store::count_enabled(state, last.place, owner.id));
  if (left > 0) {
    return std::optional<std::string>();
  }
  SPILLWAY_TRY_ASSIGN(const auto found, access::find_claim(*in.bucket));
  if (!found || found->owner.id != owner.id) {
    return std::optional<std::string>();
  }
  SPILLWAY_TRY_ASSIGN(const std::string installation, store::installation_of(state, owner.id));
  if (found->installation != installation) {
    return std::optional(fmt::format("another installation of organization {} has put it, at {}", owner.id,
                                     base::format_utc(found->claimed_at)));
  }
  SPILLWAY_TRY_ASSIGN(const auto namesakes, list_namesakes(state, last, owner.id));
  const auto live = std::ranges::find(namesakes, model::connection_state::enabled, &model::connection::state);
  if (live != namesakes.end()) {
    return std::optional(fmt::format("connection {} delivers to a bucket of this name at {}", live->id,
                                     live->place.endpoint.empty() ? "AWS's own endpoint" : live->place.endpoint));
  }
  SPILLWAY_TRY(access::release_claim(*in.bucket, owner.id));
  return std::optional<std::string>();
}

}  // namespace spillway::connection
