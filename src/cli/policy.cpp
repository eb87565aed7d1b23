// spillway policy: what an administrator has to allow, as a document to hand over.
#include "s3/policy.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "model/project.hpp"

#include <sstream>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace {

namespace json = boost::json;

struct policy_options {
  std::string bucket;
  std::string prefix;
  std::string account;
  std::string principal;
  std::string kms_key;
  std::string format = "json";
  model::project_id project = 0;
};

result<s3::grant> grant_of(const policy_options& wanted) {
  s3::grant made;
  made.bucket = wanted.bucket;
  made.name = s3::default_grant_name(wanted.project);
  made.kms_key_id = wanted.kms_key;
  made.principal_arn = wanted.principal;
  if (made.principal_arn.empty() && wanted.account.empty()) {
    return failure{errc::usage, "writing a policy", "neither --account nor --principal says who exports",
                   "name the AWS account that the role of exports is in with --account, or somebody with --principal"};
  }
  if (made.principal_arn.empty()) {
    SPILLWAY_TRY_ASSIGN(made.principal_arn, s3::default_principal(wanted.account, wanted.project));
  }
  return s3::make_grant(std::move(made));
}

// One document if there is one policy; with a key a document of both, under their names.
std::string json_policies(const s3::grant& grant) {
  if (grant.kms_key_id.empty()) {
    return s3::bucket_policy(grant);
  }
  return json_text(json::object{{"bucket_policy", json::parse(s3::bucket_policy(grant))},
                                {"kms_key_policy", json::parse(s3::key_policy(grant))}}) +
         "\n";
}

json::object user_policy(const s3::grant& grant) {
  json::array commands;
  std::istringstream lines(s3::mc_commands(grant));
  for (std::string line; std::getline(lines, line);) {
    commands.emplace_back(line);
  }
  return {{"user_policy", json::parse(s3::identity_policy(grant))}, {"commands", std::move(commands)}};
}

result<exit_status> write_policy(const policy_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(const s3::grant grant, grant_of(wanted));
  const bool as_json = with.output == session::output::json;
  if (wanted.format == "terraform") {
    if (as_json) {
      return failure{errc::usage, "writing a policy", "terraform is no JSON",
                     "leave --json out, or --format terraform"};
    }
    SPILLWAY_TRY(print(s3::terraform_policy(grant)));
  } else if (wanted.format == "mc") {
    SPILLWAY_TRY(as_json ? print_json(user_policy(grant)) : print(s3::identity_policy(grant) + s3::mc_commands(grant)));
  } else {
    SPILLWAY_TRY(print(json_policies(grant)));
  }
  return exit_status::done;
}

}  // namespace

void add_policy(program& to) {
  auto wanted = std::make_shared<policy_options>();
  CLI::App& verb = to.add_verb("policy", "Write the policies that let exports into a bucket", program::uses_state::no,
                               [wanted](session& with) { return write_policy(*wanted, with); });
  verb.add_option("--bucket", wanted->bucket, "The bucket's name")->required()->type_name("NAME");
  verb.add_option("--prefix", wanted->prefix,
                  "Where exports go in it; the policy is for the whole bucket, as Amplitude's is")
      ->type_name("PREFIX");
  verb.add_option("--project", wanted->project, "The project that is exported")
      ->required()
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, model::id_max).description(""));
  verb.add_option("--account", wanted->account, "The AWS account that the role of exports is in")->type_name("ACCOUNT");
  verb.add_option("--principal", wanted->principal,
                  "Who exports (default: arn:aws:iam::ACCOUNT:role/spillway-export-PROJECT)")
      ->type_name("ARN");
  verb.add_option("--kms-key", wanted->kms_key, "The KMS key that objects are encrypted with")->type_name("ARN");
  verb.add_option("--format", wanted->format, "What it is written as; mc is for a user of MinIO")
      ->check(CLI::IsMember({"json", "terraform", "mc"}))
      ->type_name("KIND")
      ->capture_default_str();
}

}  // namespace spillway::cli
