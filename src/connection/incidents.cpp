#include "connection/incidents.hpp"

#include "access/probe.hpp"
#include "s3/policy.hpp"
#include "store/catalog.hpp"
#include "store/mail_log.hpp"

#include <algorithm>
#include <optional>
#include <utility>

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
  const access::permission_finding denied{trouble.permission, access::verdict::denied, trouble.detail, true};
  return access::remedy_for(denied, of.place);
}

// What `verify` has to be told to ask for what exports ask for.
std::vector<notify::named_option> verify_options_of(const model::connection& of) {
  const model::access_settings& kept = of.access;
  std::vector<notify::named_option> options{{"--profile", kept.profile},
                                            {"--region", kept.region},
                                            {"--endpoint-url", of.place.endpoint},
                                            {"--ca-bundle", kept.ca_bundle},
                                            {"--expected-bucket-owner", kept.expected_owner},
                                            {"--sse", kept.sse},
                                            {"--sse-kms-key-id", kept.kms_key_id}};
  if (kept.checksum != model::access_settings().checksum) {
    options.push_back({"--checksum", kept.checksum});
  }
  std::erase_if(options, [](const notify::named_option& each) { return each.value.empty(); });
  return options;
}

notify::incident incident_about(const model::connection& of, const model::organization& owner,
                                const store::access_trouble& trouble, const store::undelivered& waiting) {
  notify::incident made;
  made.connection = fmt::format("{}", of.id);
  made.series = fmt::format("{} {} {}", of.project, of.place.destination, of.place.endpoint);
  made.organization = owner.name;
  made.project = of.project;
  made.destination = of.place.destination;
  made.verify_options = verify_options_of(of);
  made.permission = trouble.permission;
  made.resource = resource_of(of, trouble.permission);
  made.reason = trouble.detail;
  made.since = trouble.since;
  made.hours = {waiting.first.value_or(model::hour{}), waiting.last.value_or(model::hour{}), waiting.hours};
  made.remedy =
      trouble.permission.empty() ? "find out what is missing: " + notify::verify_command(made) : remedy_of(of, trouble);
  made.policy = trouble.permission.starts_with("kms:") ? key_policy_of(of) : policy_of(of);
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

// None: a directory, which has no policy, or names that no policy can have.
std::optional<s3::grant> needed_grant_of(const model::connection& of) {
  s3::grant wanted{model::bucket_name_of(of.place), of.principal_arn, s3::default_grant_name(of.project),
                   of.access.kms_key_id};
  if (wanted.bucket.empty()) {
    return std::nullopt;
  }
  if (wanted.principal_arn.empty()) {
    const auto standing_in = s3::default_principal(s3::unknown_account, of.project);
    wanted.principal_arn = standing_in ? *standing_in : std::string();
  }
  auto made = s3::make_grant(std::move(wanted));
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

}  // namespace

std::string policy_of(const model::connection& of) {
  const auto grant = needed_grant_of(of);
  if (!grant) {
    return {};
  }
  return of.place.endpoint.empty() ? s3::bucket_policy(*grant) : s3::identity_policy(*grant);
}

std::string key_policy_of(const model::connection& of) {
  const auto grant = needed_grant_of(of);
  const bool has_policy = grant && !grant->kms_key_id.empty() && of.place.endpoint.empty();
  return has_policy ? s3::key_policy(*grant) : std::string();
}

result<notify::incident> begin_incident(db::database& state, const model::connection& of,
                                        const store::access_trouble& trouble, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, of.project));
  SPILLWAY_TRY_ASSIGN(const store::undelivered waiting, store::count_undelivered(state, of.id));
  notify::incident made = incident_about(of, owner, trouble, waiting);
  SPILLWAY_TRY(queue(state, notify::compose_incident(made, recipients_of(of, owner), now)));
  return made;
}

result<notify::incident> end_incident(db::database& state, const model::connection& of,
                                      const store::access_trouble& trouble, const store::undelivered& waited,
                                      base::instant now) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, of.project));
  notify::incident made = incident_about(of, owner, trouble, waited);
  made.over_at = now;
  SPILLWAY_TRY(queue(state, notify::compose_recovery(made, recipients_of(of, owner), now)));
  return made;
}

}  // namespace spillway::connection
