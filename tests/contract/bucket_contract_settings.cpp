// The part of the contract that is about a bucket's policy and default encryption.
#include "contract/bucket_contract.hpp"
#include "support/check_result.hpp"

#include <string>
#include <utility>

#include <boost/json.hpp>

namespace spillway::test::contract {
namespace {

using bucket::encryption;
using bucket::encryption_setting;

constexpr const char* kms_key = "exporter-key";  // of the servers that tests start

// A policy that every server takes: anybody may do `action` to the objects of the bucket "raw".
std::string policy_allowing(const std::string& action) {
  return R"({"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"AWS":["*"]},"Action":[")" +
         action + R"("],"Resource":["arn:aws:s3:::raw/*"]}]})";
}

// The actions of the first statement, which a server may give as a text or a list.
std::string action_in(const std::string& policy) {
  boost::json::value action = boost::json::parse(policy).at("Statement").at(0).at("Action");
  return std::string((action.is_array() ? action.at(0) : action).as_string());
}

// AWS has no bucket without an encryption: then it is its own.
bool is_unset(const result<std::optional<encryption_setting>>& read) {
  return read && (!*read || (**read).algorithm == encryption::sse_s3);
}

}  // namespace

void a_policy_is_put_read_replaced_and_removed(const bucket_factory& make) {
  const auto bucket = make();
  for (const std::string action : {"s3:GetObject", "s3:PutObject"}) {
    REQUIRE_OK(bucket->put_policy(policy_allowing(action)));
    const auto read = bucket->policy();
    REQUIRE_OK(read);
    BOOST_REQUIRE(read->has_value());
    BOOST_TEST(action_in(**read) == action);
  }
  REQUIRE_OK(bucket->remove_policy());
  BOOST_TEST(!bucket->policy().value().has_value());
}

void a_policy_that_was_read_can_be_put_back(const bucket_factory& make) {
  const auto bucket = make();
  REQUIRE_OK(bucket->put_policy(policy_allowing("s3:GetObject")));
  const std::string saved = bucket->policy().value().value();
  REQUIRE_OK(bucket->put_policy(policy_allowing("s3:PutObject")));
  REQUIRE_OK(bucket->put_policy(saved));
  BOOST_TEST(bucket->policy().value().value() == saved);
}

void what_is_no_policy_is_refused_and_changes_nothing(const bucket_factory& make) {
  const auto bucket = make();
  REQUIRE_OK(bucket->put_policy(policy_allowing("s3:GetObject")));
  // MinIO takes a document without statements; AWS and the mirror do not.
  for (const std::string text : {"", "{", "[]", "text"}) {
    BOOST_TEST_CONTEXT(text) { CHECK_FAILS(bucket->put_policy(text), errc::invalid); }
  }
  BOOST_TEST(action_in(bucket->policy().value().value()) == "s3:GetObject");
}

void a_bucket_without_a_policy_has_none_to_remove(const bucket_factory& make) {
  const auto bucket = make();
  CHECK_OK(bucket->remove_policy());
  CHECK_OK(bucket->remove_policy());
}

void a_default_encryption_is_put_read_replaced_and_removed(const bucket_factory& make) {
  const auto bucket = make();
  for (const encryption_setting& setting :
       {encryption_setting{encryption::sse_s3, {}, {}, {}}, encryption_setting{encryption::sse_kms, kms_key, {}, {}}}) {
    REQUIRE_OK(bucket->put_default_encryption(setting));
    const auto read = bucket->default_encryption();
    REQUIRE_OK(read);
    BOOST_CHECK(*read == setting);
  }
  REQUIRE_OK(bucket->remove_default_encryption());
  BOOST_TEST(is_unset(bucket->default_encryption()));
}

void a_default_encryption_that_was_read_can_be_put_back(const bucket_factory& make) {
  const auto bucket = make();
  const encryption_setting with_bucket_keys{encryption::sse_kms, kms_key, encryption_setting::bucket_keys::on, {}};
  for (const encryption_setting& setting : {encryption_setting{encryption::sse_s3, {}, {}, {}}, with_bucket_keys}) {
    REQUIRE_OK(bucket->put_default_encryption(setting));
    const auto saved = bucket->default_encryption();
    REQUIRE_OK(saved);
    BOOST_REQUIRE(saved->has_value());
    REQUIRE_OK(bucket->put_default_encryption({encryption::sse_kms, kms_key, {}, {}}));
    REQUIRE_OK(bucket->put_default_encryption(**saved));
    BOOST_CHECK(bucket->default_encryption().value() == *saved);
  }
}

void what_is_put_afterwards_is_encrypted_as_the_bucket_says(const bucket_factory& make) {
  const auto bucket = make();
  REQUIRE_OK(bucket->put_default_encryption({encryption::sse_kms, kms_key, {}, {}}));
  put_text(*bucket, "k", "text");
  const auto found = bucket->head("k").value().value();
  BOOST_CHECK(found.encryption == encryption::sse_kms);
  BOOST_TEST(found.kms_key_id.find(kms_key) != std::string::npos);
  REQUIRE_OK(bucket->remove_default_encryption());
  put_text(*bucket, "k", "text");
  BOOST_CHECK(bucket->head("k").value()->encryption != encryption::sse_kms);
}

void a_bucket_without_a_default_encryption_has_none_to_remove(const bucket_factory& make) {
  const auto bucket = make();
  CHECK_OK(bucket->remove_default_encryption());
  CHECK_OK(bucket->remove_default_encryption());
  BOOST_TEST(is_unset(bucket->default_encryption()));
}

}  // namespace spillway::test::contract
