#include "bucket/s3_settings.hpp"

#include "s3/requests.hpp"
#include "s3/response_xml.hpp"

#include <utility>

namespace spillway::bucket {
result<std::string> s3_settings::location() const {
  SPILLWAY_TRY_ASSIGN(const s3_answer made,
                      caller_.ask("asking for the region of", name_, {&s3::get_bucket_location, "LocationConstraint"}));
  return s3::parse_bucket_location(made.answer.body);
}

result<std::optional<std::string>> s3_settings::policy() const {
  SPILLWAY_TRY_ASSIGN(auto made, caller_.ask_if_there("reading the policy of", name_, {&s3::get_bucket_policy}));
  return made ? std::optional(std::move(made->answer.body)) : std::nullopt;
}

result<void> s3_settings::put_policy(std::string_view json) const {
  return s3_caller::done(caller_.ask("writing the policy of", name_,
                                     {[&](const s3::bucket_address& to) { return s3::put_bucket_policy(to, json); }}));
}

result<void> s3_settings::remove_policy() const {
  return s3_caller::done(caller_.ask_if_there("removing the policy of", name_, {&s3::delete_bucket_policy}));
}

result<std::optional<encryption_setting>> s3_settings::default_encryption() const {
  SPILLWAY_TRY_ASSIGN(const auto made,
                      caller_.ask_if_there("reading the encryption of", name_,
                                           {&s3::get_bucket_encryption, "ServerSideEncryptionConfiguration"}));
  if (!made) {
    return std::optional<encryption_setting>();
  }
  SPILLWAY_TRY_ASSIGN(encryption_setting read, s3::parse_bucket_encryption(made->answer.body));
  return std::optional(std::move(read));
}

result<void> s3_settings::put_default_encryption(const encryption_setting& setting) const {
  return s3_caller::done(caller_.ask("writing the encryption of", name_, {[&](const s3::bucket_address& to) {
                                       return s3::put_bucket_encryption(to, setting);
                                     }}));
}

result<void> s3_settings::remove_default_encryption() const {
  return s3_caller::done(caller_.ask_if_there("removing the encryption of", name_, {&s3::delete_bucket_encryption}));
}

}  // namespace spillway::bucket
