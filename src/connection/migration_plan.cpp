#include "connection/migration_plan.hpp"

#include "base/shell_word.hpp"
#include "s3/endpoint.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::connection {
namespace {

namespace json = boost::json;
using bucket::encryption;
using bucket::encryption_setting;

failure usage(std::string cause, std::string hint) { return {errc::usage, {}, std::move(cause), std::move(hint)}; }

// "111122223333" of "arn:aws:iam::111122223333:root"; empty: not said.
std::string account_in(std::string_view arn) {
  for (int colons = 0; colons < 4 && !arn.empty(); ++colons) {
    arn.remove_prefix(std::min(arn.find(':'), arn.size() - 1) + 1);
  }
  return std::string(arn.substr(0, arn.find(':')));
}

result<std::string> choose_principal(const model::connection& old, const migration_request& asked) {
  const std::string trusted = account_in(old.principal_arn);
  if (!asked.principal_arn.empty()) {
    if (!trusted.empty() && account_in(asked.principal_arn) != trusted) {
      return usage(fmt::format("the bucket trusts account {}, and the role is of another", trusted),
                   "name a role of that account: the statement of the old kind is found by it");
    }
    return asked.principal_arn;
  }
  std::string account = asked.account.empty() ? trusted : asked.account;
  if (account.empty() && model::bucket_name_of(old.place).empty()) {
    account = s3::unknown_account;  // of a directory, where nobody is let in or kept out
  }
  if (account.empty()) {
    return usage("the account whose role exports is not known",
                 "name it: --account ACCOUNT, or the role: --principal ARN");
  }
  if (!trusted.empty() && account != trusted) {
    return usage(fmt::format("the bucket trusts account {}, not {}", trusted, account), "leave out --account");
  }
  return s3::default_principal(account, old.project);
}

// A directory's policy is handed out and not obeyed: a name that a bucket could have will do.
std::string name_in_policy(const model::place& of) {
  if (std::string named = model::bucket_name_of(of); !named.empty()) {
    return named;
  }
  std::string name = std::filesystem::path(of.destination).filename().string();
  return s3::is_bucket_name(name) ? name : "mirror";
}

// A list of texts is a set in a policy, and one text is a list of it: MinIO hands them out in another order every time.
// It also spells "Id" as "ID".
json::value normalized(json::value value) {
  if (json::object* members = value.if_object()) {
    for (json::key_value_pair& each : *members) {
      each.value() = normalized(std::move(each.value()));
    }
    if (const auto spelled = members->find("ID"); spelled != members->end()) {
      json::value id = std::move(spelled->value());
      members->erase(spelled);
      members->insert_or_assign("Id", std::move(id));
    }
  } else if (json::array* list = value.if_array()) {
    for (json::value& each : *list) {
      each = normalized(std::move(each));
    }
    if (std::ranges::all_of(*list, [](const json::value& each) { return each.is_string(); })) {
      std::ranges::sort(*list, {}, [](const json::value& each) { return std::string_view(each.get_string()); });
      if (list->size() == 1) {
        return json::value(std::move(list->front()));
      }
    }
  }
  return value;
}

bool has_legacy(const std::string& policy, const s3::grant& grant) {
  const auto kept = s3::merge_policy(policy, grant, s3::legacy_statement::keep);
  const auto removed = s3::merge_policy(policy, grant, s3::legacy_statement::remove);
  return kept && removed && *kept != *removed;
}

}  // namespace

std::string title_of(int step) {
  constexpr std::array<std::string_view, store::migration_steps + 1> titles = {
      "are the permissions there that a migration needs",
      "a KMS key in your account",
      "the connection that is migrated",
      "disable it, and wait until its running jobs have ended",
      "set a new connection up, with the settings of the old one",
      "generate the policy of the bucket, which trusts a role instead of the account, and that of the key",
      "save the policy and the encryption of the bucket, for a rollback",
      "update the policies of the bucket and of the key",
      "let the bucket encrypt with the key",
      "verify the access, and make the new connection",
      "wait for the first export, and look at what it has put",
      "delete the old connection"};
  return std::string(titles.at(static_cast<std::size_t>(step)));
}

std::string title_of_rollback(int step) {
  constexpr std::array<std::string_view, rollback_steps> titles = {
      "remove the new connection", "put the policy of the bucket back", "put the encryption of the bucket back",
      "enable the old connection", "the KMS key may be deleted"};
  return std::string(titles.at(static_cast<std::size_t>(step) - 1));
}

result<store::migration_row> plan_migration(db::database& state, const model::connection& old,
                                            const migration_request& asked, base::instant now) {
  if (old.principal != model::principal_kind::root) {
    return usage(fmt::format("connection {} trusts a role already", old.id), "there is nothing to migrate");
  }
  SPILLWAY_TRY_ASSIGN(const auto other, store::find_open_migration(state, old.place));
  if (other) {
    return failure{errc::conflict,
                   {},
                   fmt::format("connection {} is being migrated in the same bucket", other->old_connection),
                   fmt::format("finish that first: spillway connection migrate {}", other->old_connection)};
  }
  store::migration_row row;
  row.old_connection = old.id;
  row.project = old.project;
  row.place = old.place;
  row.old_state = old.state == model::connection_state::enabled ? store::migration_row::was::enabled
                                                                : store::migration_row::was::disabled;
  SPILLWAY_TRY_ASSIGN(row.principal_arn, choose_principal(old, asked));
  row.kms_key_id = asked.kms_key_id;
  row.export_profile = asked.export_profile;
  row.created_at = now;
  SPILLWAY_TRY(grant_of(row));
  return row;
}

result<void> take_request(store::migration_row& row, const migration_request& asked) {
  const auto take = [](std::string& known, const std::string& said, std::string_view what) -> result<void> {
    if (!said.empty() && !known.empty() && known != said) {
      return usage(fmt::format("it was begun with the {} {}", what, known), "roll it back to begin with another");
    }
    known = said.empty() ? known : said;
    return {};
  };
  // Until then nothing in the bucket names the key; the step before shows its policy.
  if (row.step < migration_step::encryption && !asked.kms_key_id.empty() && asked.kms_key_id != row.kms_key_id) {
    row.kms_key_id = asked.kms_key_id;
    row.step = std::min<int>(row.step, migration_step::save);
  }
  SPILLWAY_TRY(take(row.kms_key_id, asked.kms_key_id, "key"));
  SPILLWAY_TRY(take(row.principal_arn, asked.principal_arn, "role"));
  if (!row.new_connection && !asked.export_profile.empty()) {
    row.export_profile = asked.export_profile;
  }
  SPILLWAY_TRY(grant_of(row));
  return {};
}

result<s3::grant> grant_of(const store::migration_row& row) {
  return s3::make_grant(
      {name_in_policy(row.place), row.principal_arn, s3::default_grant_name(row.project), row.kms_key_id});
}

model::connection new_connection_of(const model::connection& old, const store::migration_row& row) {
  model::connection made = old;
  made.id = 0;
  made.principal = model::principal_kind::role;
  made.principal_arn = row.principal_arn;
  made.access.sse = "aws:kms";
  made.access.kms_key_id = row.kms_key_id;
  if (!row.export_profile.empty()) {
    made.access.profile = row.export_profile;
  }
  made.disabled_at.reset();
  return made;
}

result<s3::legacy_statement> legacy_after(db::database& state, const store::migration_row& row) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(state));
  for (const model::connection& each : all) {
    const bool is_legacy =
        each.kind == model::connection_kind::scheduled && each.principal == model::principal_kind::root;
    if (is_legacy && each.id != row.old_connection && model::bucket_of(each.place) == model::bucket_of(row.place)) {
      return s3::legacy_statement::keep;
    }
  }
  return s3::legacy_statement::remove;
}

result<std::string> policy_after(const std::optional<std::string>& before, const s3::grant& grant,
                                 s3::legacy_statement legacy) {
  return s3::merge_policy(before.value_or(""), grant, legacy);
}

bool is_policy_after(const std::optional<std::string>& now, const s3::grant& grant, s3::legacy_statement legacy) {
  return now && s3::has_grant(*now, grant) && (legacy == s3::legacy_statement::keep || !has_legacy(*now, grant));
}

bool is_same_policy(const std::optional<std::string>& one, const std::optional<std::string>& other) {
  if (!one || !other) {
    return one == other;
  }
  boost::system::error_code error;
  boost::system::error_code other_error;
  const json::value parsed = json::parse(*one, error);
  const json::value other_parsed = json::parse(*other, other_error);
  return *one == *other || (!error && !other_error && normalized(parsed) == normalized(other_parsed));
}

encryption_setting encryption_after(const std::optional<encryption_setting>& before, const std::string& kms_key_id) {
  encryption_setting wanted;
  wanted.algorithm = encryption::sse_kms;
  wanted.kms_key_id = kms_key_id;
  wanted.keys = before ? before->keys : encryption_setting::bucket_keys::off;
  return wanted;
}

bool is_key(std::string_view told, std::string_view named) {
  return told == named || told.ends_with("/" + std::string(named)) || told.ends_with(":" + std::string(named));
}

std::string describe(const std::optional<encryption_setting>& setting) {
  if (!setting) {
    return "none";
  }
  if (setting->algorithm != encryption::sse_kms) {
    return "AES256";
  }
  return setting->kms_key_id.empty() ? "aws:kms" : "aws:kms with key " + setting->kms_key_id;
}

std::string bucket_command(std::string_view action, const model::place& of) {
  return fmt::format("aws s3api {} --bucket {}{}", action, name_in_policy(of),
                     of.endpoint.empty() ? "" : " --endpoint-url " + base::shell_word(of.endpoint));
}

std::string encryption_command(const model::place& of, const std::optional<encryption_setting>& wanted) {
  if (!wanted) {
    return bucket_command("delete-bucket-encryption", of);
  }
  json::object rule{{"SSEAlgorithm", to_string(wanted->algorithm)}};
  if (!wanted->kms_key_id.empty()) {
    rule["KMSMasterKeyID"] = wanted->kms_key_id;
  }
  const json::object whole{
      {"Rules", json::array{json::object{{"ApplyServerSideEncryptionByDefault", rule},
                                         {"BucketKeyEnabled", wanted->keys == encryption_setting::bucket_keys::on}}}}};
  return fmt::format("{} --server-side-encryption-configuration '{}'", bucket_command("put-bucket-encryption", of),
                     json::serialize(whole));
}

}  // namespace spillway::connection
