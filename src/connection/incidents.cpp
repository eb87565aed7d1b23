#include "connection/incidents.hpp"

#include "access/probe.hpp"
#include "s3/policy.hpp"
#include "store/catalog.hpp"
#include "store/ledger.hpp"
#include "store/mail_log.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

std::string resource_of(const model::connection& of, std::string_view permission) {
  const std::string name = model::bucket_name_of(of.place);
  if (name.empty()) {
    return of.place.destination;
  }
  if (permission.starts_with("kms:")) {
    return of.access.kms_key_id;
  }
  const bool is_of_objects = permission.find("Object") != std::string_view::npos ||
                             permission == "s3:AbortMultipartUpload" || permission == "s3:ListMultipartUploadParts";
  return "arn:aws:s3:::" + name + (is_of_objects ? "/*" : "");
}

std::string remedy_of(const model::connection& of, const store::access_trouble& trouble) {
  if (trouble.permission.empty()) {
    return "find out what is missing: spillway verify " + of.place.destination;
  }
  const access::permission_finding denied{trouble.permission, access::verdict::denied, trouble.detail, true};
  return access::remedy_for(denied, of.place);
}

result<notify::incident> describe(db::database& state, const model::connection& of, const model::organization& owner,
                                  const store::access_trouble& trouble) {
  notify::incident made;
  made.connection = fmt::format("{}", of.id);
  made.organization = owner.name;
  made.project = of.project;
  made.destination = of.place.destination;
  made.permission = trouble.permission;
  made.resource = resource_of(of, trouble.permission);
  made.since = trouble.since;
  SPILLWAY_TRY_ASSIGN(const store::undelivered waiting, store::count_undelivered(state, of.id));
  made.hours = {waiting.first.value_or(model::hour{}), waiting.last.value_or(model::hour{}), waiting.hours};
  made.remedy = remedy_of(of, trouble);
  made.policy = policy_of(of);
  return made;
}

std::vector<std::string> recipients_of(const model::connection& of, const model::organization& owner) {
  std::vector<std::string> all = owner.administrators;
  if (!of.creator.mail.empty() && std::ranges::count(all, of.creator.mail) == 0) {
    all.push_back(of.creator.mail);
  }
  return all;
}

// One row a recipient: who is refused keeps nobody from having it. The sender's address is that of who sends.
result<void> queue(db::database& state, const notify::mail& written) {
  for (const std::string& each : written.to) {
    SPILLWAY_TRY(store::add_mail(state, {0, written.id, written.in_reply_to, each, written.subject, written.body,
                                         written.created_at, 0, written.created_at}));
  }
  return {};
}

}  // namespace

std::string policy_of(const model::connection& of) {
  s3::grant wanted{model::bucket_name_of(of.place), of.principal_arn, s3::default_grant_name(of.project), of.access.kms_key_id};
  if (wanted.bucket.empty()) {
    return {};
  }
  if (wanted.principal_arn.empty()) {
    const auto standing_in = s3::default_principal(s3::unknown_account, of.project);
    wanted.principal_arn = standing_in ? *standing_in : std::string();
  }
  const auto grant = s3::make_grant(std::move(wanted));
  if (!grant) {
    return {};
  }
  return of.place.endpoint.empty() ? s3::bucket_policy(*grant) : s3::identity_policy(*grant);
}

result<notify::incident> begin_incident(db::database& state, const model::connection& of,
                                        const store::access_trouble& trouble, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, of.project));
  SPILLWAY_TRY_ASSIGN(notify::incident made, describe(state, of, owner, trouble));
  SPILLWAY_TRY(queue(state, notify::compose_incident(made, {}, recipients_of(of, owner), now)));
  return made;
}

result<notify::incident> end_incident(db::database& state, const model::connection& of,
                                      const store::access_trouble& trouble, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, of.project));
  SPILLWAY_TRY_ASSIGN(notify::incident made, describe(state, of, owner, trouble));
  made.over_at = now;
  SPILLWAY_TRY(queue(state, notify::compose_recovery(made, {}, recipients_of(of, owner), now)));
  return made;
}

}  // namespace spillway::connection
