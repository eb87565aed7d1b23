#include "s3/policy_document.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::s3 {
namespace {

namespace json = boost::json;

failure no_policy(std::string cause) {
  return {errc::invalid, "reading a bucket's policy", std::move(cause),
          "look at the policy: aws s3api get-bucket-policy"};
}

result<void> check_size(std::string_view document) {
  if (document.size() <= policy_bytes_max) {
    return {};
  }
  return failure{errc::too_large, "reading a bucket's policy",
                 fmt::format("it has {} bytes, and S3 takes {}", document.size(), policy_bytes_max),
                 "remove statements from the bucket's policy that nobody needs any more"};
}

// The document, with a list of statements whatever it had.
result<json::object> parse_policy(std::string_view document) {
  boost::system::error_code error;
  json::value parsed = json::parse(document, error);
  if (error || !parsed.is_object()) {
    return no_policy("MalformedPolicy: policies must be valid JSON and the first byte must be '{'");
  }
  json::object policy = std::move(parsed.get_object());
  json::value* statements = policy.if_contains("Statement");
  if (statements == nullptr) {
    return no_policy("MalformedPolicy: missing required field Statement");
  }
  if (statements->is_object()) {
    *statements = json::array{std::move(*statements)};
  }
  const json::array* list = statements->if_array();
  if (list == nullptr || !std::ranges::all_of(*list, [](const json::value& each) { return each.is_object(); })) {
    return no_policy("MalformedPolicy: Statement holds something else than statements");
  }
  return policy;
}

// The texts of a member that is one or a list of them; empty if it is absent or anything else.
std::set<std::string> texts_of(const json::object& of, std::string_view member) {
  const json::value* value = of.if_contains(member);
  std::set<std::string> texts;
  if (value != nullptr && value->is_string()) {
    texts.emplace(value->get_string());
  } else if (value != nullptr && value->is_array()) {
    for (const json::value& each : value->get_array()) {
      if (!each.is_string()) {
        return {};
      }
      texts.emplace(each.get_string());
    }
  }
  return texts;
}

// Those of {"AWS": ...}, if the principal names nobody else.
std::set<std::string> principals_of(const json::object& statement) {
  const json::value* principal = statement.if_contains("Principal");
  const json::object* named = principal == nullptr ? nullptr : principal->if_object();
  return named == nullptr || named->size() != 1 ? std::set<std::string>() : texts_of(*named, "AWS");
}

json::object statement_of(const grant& value) {
  return json::parse(bucket_policy(value)).at("Statement").at(0).as_object();
}

// Whether both let the same in, to do the same to the same: whatever their Sid is, and nothing else is said, as a
// condition would be.
bool grants_the_same(const json::object& statement, const json::object& wanted) {
  const std::size_t members = statement.size() - (statement.contains("Sid") ? 1 : 0);
  return members == wanted.size() - 1 && texts_of(statement, "Effect") == texts_of(wanted, "Effect") &&
         texts_of(statement, "Action") == texts_of(wanted, "Action") &&
         texts_of(statement, "Resource") == texts_of(wanted, "Resource") &&
         principals_of(statement) == principals_of(wanted);
}

// What the old kind of set-up has generated: exactly its six actions on exactly this bucket, for exactly the account
// root of the grant's account. S3 turns an account's id into that root. A statement that somebody has widened, narrowed
// or put a condition on is theirs.
bool is_legacy_statement(const json::object& statement, const grant& value) {
  const grant legacy = legacy_grant(value);
  json::object with_root = statement;
  if (principals_of(statement) == std::set<std::string>{std::string(account_of(value))}) {
    with_root["Principal"] = json::object{{"AWS", legacy.principal_arn}};
  }
  return grants_the_same(with_root, statement_of(legacy));
}

}  // namespace

result<void> check_policy(std::string_view document) {
  SPILLWAY_TRY(check_size(document));
  SPILLWAY_TRY(parse_policy(document));
  return {};
}

result<std::string> merge_policy(std::string_view existing, const grant& value, legacy_statement legacy) {
  if (existing.empty()) {
    return bucket_policy(value);
  }
  SPILLWAY_TRY_ASSIGN(json::object policy, parse_policy(existing));
  json::object ours = statement_of(value);
  const std::set<std::string> sid = texts_of(ours, "Sid");
  json::array merged;
  bool is_in = false;
  for (json::value& each : policy["Statement"].get_array()) {
    const json::object& statement = each.get_object();
    if (texts_of(statement, "Sid") == sid) {
      if (!std::exchange(is_in, true)) {
        merged.emplace_back(ours);
      }
    } else if (legacy == legacy_statement::keep || !is_legacy_statement(statement, value)) {
      merged.push_back(std::move(each));
    }
  }
  if (!is_in) {
    merged.emplace_back(std::move(ours));
  }
  policy["Statement"] = std::move(merged);
  std::string document = json::serialize(policy);
  if (const auto fits = check_size(document); !fits) {
    return base::while_doing("adding a statement", fits.error());
  }
  return document;
}

bool has_grant(std::string_view document, const grant& value) {
  const auto policy = parse_policy(document);
  if (!policy) {
    return false;
  }
  const json::object ours = statement_of(value);
  return std::ranges::any_of(policy->at("Statement").get_array(), [&ours](const json::value& each) {
    const json::object& statement = each.get_object();
    return texts_of(statement, "Sid") == texts_of(ours, "Sid") && grants_the_same(statement, ours);
  });
}

}  // namespace spillway::s3
