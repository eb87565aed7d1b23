// The steps of a migration on the bucket's policy and encryption: 0, 6, 7 and 8.
#include "connection/migration_work.hpp"

#include <fmt/format.h>

namespace spillway::connection {
namespace {

bool is_denied(const failure& failed) { return failed.code == errc::denied; }

std::string verdict_of(const result<void>& put) { return put ? "allowed" : "denied (" + put.error().text() + ")"; }

// Whether a setting may be put: what is there is put back, which changes nothing. Where nothing is there, nothing can
// be put that would not let somebody in or change how objects are encrypted.
template <class Setting, class Put>
result<std::string> ask_by_putting_back(const result<std::optional<Setting>>& there, const Put& put) {
  if (!there) {
    return is_denied(there.error()) ? result<std::string>("unknown: what is there can't be read") : there.error();
  }
  if (!*there) {
    return std::string("unknown: there is none that could be put back");
  }
  const result<void> made = put(**there);
  if (!made && made.error().code == errc::invalid) {
    return "unknown: what is there is not taken again: " + made.error().text();
  }
  return made || is_denied(made.error()) ? result<std::string>(verdict_of(made)) : made.error();
}

// A note on who else delivers into the bucket, which encrypts for everybody from now on.
result<void> name_neighbours(migration_work& work) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(work.state()));
  std::string others;
  for (const model::connection& each : all) {
    const bool is_other = each.id != work.row.old_connection && each.id != work.row.new_connection.value_or(0);
    if (is_other && each.state == model::connection_state::enabled && each.access.sse.empty() &&
        model::bucket_of(each.place) == model::bucket_of(work.row.place)) {
      others += fmt::format("{}{}", others.empty() ? "" : ", ", each.id);
    }
  }
  if (!others.empty()) {
    work.say("note: objects of these connections are encrypted with the key from now on, too: " + others);
  }
  return {};
}

void show_key_policy(migration_work& work, const s3::grant& grant) {
  if (model::bucket_name_of(work.old->place).empty()) {
    return;  // a directory's key is only a name
  }
  work.show("kms-key-policy.json", s3::key_policy(grant));
  work.say(
      work.old->place.endpoint.empty()
          ? fmt::format("set the key's policy, if that is not done: aws kms put-key-policy --key-id {} --policy-name "
                        "default --policy file://kms-key-policy.json",
                        grant.kms_key_id)
          : "let the exporting user have the key, if the server's KMS has policies");
}

void show_save_command(migration_work& work) {
  work.say(fmt::format("save what these say: {}; {}", bucket_command("get-bucket-policy", work.row.place),
                       bucket_command("get-bucket-encryption", work.row.place)));
}

}  // namespace

result<void> ask_for_permissions(migration_work& work) {
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, open_as_administrator(work));
  SPILLWAY_TRY_ASSIGN(const std::string policy,
                      ask_by_putting_back(to.bucket->policy(),
                                          [&to](const std::string& there) { return to.bucket->put_policy(there); }));
  work.say("s3:PutBucketPolicy: " + policy);
  SPILLWAY_TRY_ASSIGN(
      const std::string encryption,
      ask_by_putting_back(to.bucket->default_encryption(), [&to](const bucket::encryption_setting& there) {
        return to.bucket->put_default_encryption(there);
      }));
  work.say("s3:PutEncryptionConfiguration: " + encryption);
  work.say("kms:CreateKey: unknown: KMS itself is not spoken to; step 1 takes the name of a key");
  return {};
}

result<void> save_settings(migration_work& work) {
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, open_as_administrator(work));
  const bool is_done_by_hand = work.is_done_by_hand();
  const auto policy = to.bucket->policy();
  const auto encryption = to.bucket->default_encryption();
  std::vector<failure> failures;
  if (!policy) {
    failures.push_back(policy.error());
  }
  if (!encryption) {
    failures.push_back(encryption.error());
  }
  for (const failure& each : failures) {
    if (!is_denied(each)) {
      return each;
    }
    if (!is_done_by_hand) {
      show_save_command(work);
      return left_to_person(work, each, "");
    }
  }
  work.row.policy = {policy ? store::keeper::us : store::keeper::person, policy ? *policy : std::nullopt};
  work.row.encryption = {encryption ? store::keeper::us : store::keeper::person, std::nullopt};
  if (encryption && *encryption) {
    work.row.encryption.setting = *encryption;
  }
  work.say(!policy ? "policy: saved by hand" : *policy ? "policy: saved" : "policy: there is none");
  work.say(!encryption ? "encryption: saved by hand" : "encryption: " + describe(*encryption));
  if (policy && *policy) {
    work.show("saved-bucket-policy.json", **policy + "\n");
  }
  return {};
}

result<void> update_policies(migration_work& work) {
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, open_as_administrator(work));
  SPILLWAY_TRY_ASSIGN(const s3::grant grant, grant_of(work.row));
  SPILLWAY_TRY_ASSIGN(const s3::legacy_statement legacy, legacy_after(work.state(), work.row));
  const auto there = to.bucket->policy();
  if (!there && !is_denied(there.error())) {
    return there.error();
  }
  if (!there) {
    if (work.is_done_by_hand()) {
      work.say("done by hand");
      return {};
    }
    // It can't be known what a document of ours would replace.
    work.show("bucket-policy.json", s3::bucket_policy(grant));
    work.say("put this statement into the bucket's policy, and take that of the account root out");
    show_key_policy(work, grant);
    return left_to_person(work, there.error(), "");
  }
  if (is_policy_after(*there, grant, legacy)) {
    work.say("the bucket's policy trusts the role");
    show_key_policy(work, grant);
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const std::string after, policy_after(*there, grant, legacy));
  work.show("bucket-policy.json", after);
  show_key_policy(work, grant);
  if (const auto put = to.bucket->put_policy(after); !put) {
    return is_denied(put.error()) ? left_to_person(work, put.error(), "") : put.error();
  }
  if (!*there) {
    work.say("written: the bucket's policy trusts the role; there was none");
    return {};
  }
  work.say(
      legacy == s3::legacy_statement::remove
          ? "written: the bucket's policy trusts the role; the statement that set-up made for the account root is out"
          : "written: the bucket's policy trusts the role; that of the account root stays while another connection of "
            "the old kind delivers there");
  return {};
}

result<void> update_encryption(migration_work& work) {
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, open_as_administrator(work));
  const auto there = to.bucket->default_encryption();
  if (!there && !is_denied(there.error())) {
    return there.error();
  }
  const bool is_there = there && *there && (*there)->algorithm == bucket::encryption::sse_kms &&
                        is_key((*there)->kms_key_id, work.row.kms_key_id);
  const bool is_done_by_hand = !there && work.is_done_by_hand();
  if (!is_there && !is_done_by_hand) {
    const auto wanted = encryption_after(there ? *there : std::nullopt, work.row.kms_key_id);
    if (const auto put = to.bucket->put_default_encryption(wanted); !put) {
      work.say(encryption_command(work.row.place, wanted));
      if (!is_denied(put.error())) {
        return put.error();
      }
      failure left = left_to_person(work, put.error(), "");
      left.hint += "; if it is the key: name another one with --kms-key";
      return left;
    }
  }
  work.say(is_done_by_hand ? "done by hand" : "the bucket encrypts with key " + work.row.kms_key_id);
  return name_neighbours(work);
}

}  // namespace spillway::connection
