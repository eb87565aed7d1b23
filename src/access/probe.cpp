#include "access/probe.hpp"

#include "bucket/retry.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace spillway::access {
namespace {

constexpr std::string_view probe_text = "spillway verify: this object may be removed\n";
constexpr std::string_view put_permission = "s3:PutObject";
// One that no server makes.
constexpr std::string_view unknown_upload_id = "00000000000000000000000000000000";

bool is_denied(const failure& why) { return why.code == errc::denied; }

// Who is not known, by wrong credentials or a wrong clock, is refused everything, and nothing is said of permissions.
bool is_about_permission(const failure& why, std::string_view permission) {
  return is_denied(why) && why.cause.find(permission) != std::string::npos;
}

// One permission, as more and more is known of it.
class finding {
public:
  finding(std::string permission, bool is_required) {
    made_.permission = std::move(permission), made_.is_required = is_required;
  }

  // What a call has shown that needs this permission, and no other that is not known to be there.
  template <class Value>
  void learn(const result<Value>& from) {
    if (from) {
      allow();
    } else if (is_denied(from.error())) {
      deny(from.error());
    } else {
      doubt(from.error());
    }
  }
  void allow() { settle(verdict::allowed, {}); }
  void deny(const failure& why) { settle(verdict::denied, why.cause); }
  void doubt(const failure& why) {
    if (!is_known() && made_.detail.empty()) {
      made_.detail = why.text();
    }
  }
  void doubt(std::string why) { doubt(failure{errc::bug, {}, std::move(why), {}}); }

  bool is_known() const { return made_.verdict != verdict::unknown; }
  bool is_allowed() const { return made_.verdict == verdict::allowed; }
  permission_finding take() { return std::move(made_); }

private:
  // A call that was allowed says more than one that was not: something else may have refused that.
  void settle(verdict value, std::string detail) {
    if (!is_allowed()) {
      made_.verdict = value;
      made_.detail = std::move(detail);
    }
  }

  permission_finding made_;
};

class prober {
public:
  prober(bucket::bucket& in, std::string_view prefix, const bucket::put_options& how, std::string_view nonce)
      : in_(in),
        prefix_(prefix.empty() ? "" : std::string(prefix) + "/"),
        key_(fmt::format("{}.spillway-probe-{}", prefix_, nonce)),
        missing_key_(key_ + "-missing"),
        how_(how),
        uses_kms_(how.encryption == bucket::encryption::sse_kms) {
    how_.content_type = "text/plain";
    how_.condition = bucket::put_options::when::always;
  }

  result<probe_report> run() {
    SPILLWAY_TRY(ask_for_the_bucket());
    if (how_.encryption == bucket::encryption::bucket_default) {
      const auto by_default = in_.default_encryption();
      uses_kms_ = by_default && *by_default && (*by_default)->algorithm == bucket::encryption::sse_kms;
    }
    put_object();
    put_again_if_absent();
    read_object();
    upload();
    list_uploads();
    remove_object();
    report_.permissions = {abort_.take(), remove_.take(), get_.take(), list_.take(), location_.take(), put_.take()};
    report_.permissions.push_back(list_parts_.take());
    report_.permissions.push_back(list_uploads_.take());
    if (uses_kms_) {
      report_.permissions.push_back(data_key_.take());
      report_.permissions.push_back(decrypt_.take());
    }
    return std::move(report_);
  }

private:
  // The first two calls; a failure of the second that is not about permissions is about the bucket, or about who asks.
  result<void> ask_for_the_bucket() {
    const auto region = in_.location();
    location_.learn(region);
    report_.region = region ? *region : std::string();
    const auto page = in_.list(prefix_, "", 1);
    list_.learn(page);
    if (!page && !is_about_permission(page.error(), "s3:ListBucket")) {
      return page.error();
    }
    return {};
  }

  result<bucket::receipt> put(const bucket::put_options& how) {
    bucket::memory_body body(probe_text);
    auto made = in_.put(key_, body, how);
    is_there_ = is_there_ || made;
    return made;
  }

  void put_object() {
    const auto made = put(how_);
    if (made || !uses_kms_) {
      put_.learn(made);
      is_plain_ = made && is_stored_plain();
      report_.is_encryption_ignored = is_plain_;
      if (is_plain_) {
        data_key_.doubt("the server ignores what is asked for of encryption");
      } else {
        data_key_.learn(made);
      }
      return;
    }
    // Refused with the key: refused without it too?
    bucket::put_options plain = how_;
    plain.encryption = bucket::encryption::sse_s3;
    plain.kms_key_id.clear();
    const auto without_key = put(plain);
    put_.learn(without_key);
    is_plain_ = without_key.has_value();
    if (without_key) {
      data_key_.deny(made.error());
    } else {
      data_key_.doubt("objects can't be put at all");
    }
  }

  // There are servers that take every header about encryption, and store objects as they are.
  bool is_stored_plain() {
    if (how_.encryption == bucket::encryption::bucket_default) {
      return false;
    }
    const auto there = in_.head(key_);
    return there && *there && (*there)->encryption == bucket::encryption::none;
  }

  void put_again_if_absent() {
    if (!is_there_) {
      return;
    }
    bucket::put_options conditional = how_;
    conditional.condition = bucket::put_options::when::absent;
    const auto made = put(conditional);
    if (made) {
      report_.conditions = probe_report::conditional_puts::ignored;
    } else if (made.error().code == errc::conflict) {
      report_.conditions = probe_report::conditional_puts::kept;
    }
  }

  result<std::string> read() {
    std::string text;
    SPILLWAY_TRY(in_.get(key_, {}, [&text](std::string_view piece) -> result<void> {
      text += piece;
      return {};
    }));
    return text;
  }

  void read_object() {
    // A key that is not there needs no key of KMS. Without s3:ListBucket AWS refuses to tell that it is not there.
    const auto missing = in_.head(missing_key_);
    if (missing || list_.is_allowed()) {
      get_.learn(missing);
    }
    if (!is_there_) {
      get_.doubt("there is no object to read");
      decrypt_.doubt("there is no object to read");
      return;
    }
    const auto text = read();
    if (text && *text != probe_text) {
      get_.doubt("what was read is not what was put");
      return;
    }
    if (text && is_plain_) {
      get_.allow();
      decrypt_.doubt("no object could be put with the key");
    } else if (text) {
      get_.allow();
      decrypt_.allow();
    } else if (get_.is_allowed() && uses_kms_) {
      decrypt_.learn(text);
    } else {
      get_.learn(text);
      decrypt_.doubt("the object can't be read");
    }
  }

  void upload() {
    const auto id = in_.create_multipart(key_, how_);
    if (!id) {
      put_.doubt(id.error());
      list_parts_.doubt("no upload could be begun");
      return abort_unknown_upload();
    }
    bucket::memory_body body(probe_text);
    const auto part = in_.put_part(key_, *id, 1, body);
    // Exports put objects too: that a part is taken says nothing of a put that was not.
    if (!part && uses_kms_) {
      decrypt_.learn(part);
    } else if (!part) {
      put_.learn(part);
    }
    list_parts_.learn(in_.list_parts(key_, *id));
    const auto aborted = in_.abort_multipart(key_, *id);
    abort_.learn(aborted);
    if (!aborted) {
      end_upload(*id, part);
    }
  }

  // Who may not abort an upload can complete it, and remove the object.
  void end_upload(const std::string& id, const result<std::string>& part) {
    if (part && in_.complete_multipart(key_, id, {{1, *part}})) {
      is_there_ = true;
    } else {
      report_.left_behind = fmt::format("an upload of {}", key_);
    }
  }

  // Who may not abort is refused before it is looked whether there is such an upload.
  void abort_unknown_upload() {
    const auto made = in_.abort_multipart(key_, unknown_upload_id);
    if (!made && made.error().code == errc::not_found) {
      abort_.allow();
    } else {
      abort_.learn(made);
    }
  }

  void list_uploads() { list_uploads_.learn(in_.list_uploads(prefix_)); }

  void remove_object() {
    const std::string& key = is_there_ ? key_ : missing_key_;
    auto made = in_.remove(key);
    if (!made && bucket::is_passing(made.error().code)) {
      made = in_.remove(key);  // what stays is in everybody's way
    }
    remove_.learn(made);
    if (!made && is_there_) {
      report_.left_behind = key_;
    }
  }

  bucket::bucket& in_;
  const std::string prefix_;
  const std::string key_;
  const std::string missing_key_;
  bucket::put_options how_;
  bool uses_kms_;
  bool is_there_ = false;
  bool is_plain_ = false;  // and not encrypted as was asked for
  finding location_{"s3:GetBucketLocation", true};
  finding list_{"s3:ListBucket", true};
  finding put_{std::string(put_permission), true};
  finding get_{"s3:GetObject", true};
  finding abort_{"s3:AbortMultipartUpload", true};
  finding remove_{"s3:DeleteObject", true};
  finding list_parts_{"s3:ListMultipartUploadParts", false};
  finding list_uploads_{"s3:ListBucketMultipartUploads", false};
  finding data_key_{"kms:GenerateDataKey", true};
  finding decrypt_{"kms:Decrypt", true};
  probe_report report_;
};

}  // namespace

bool probe_report::is_ok() const { return !is_denied() && unknown_put() == nullptr && !is_encryption_ignored; }

const permission_finding* probe_report::unknown_put() const {
  const auto found = std::ranges::find_if(permissions, [](const permission_finding& each) {
    return each.permission == put_permission && each.verdict == verdict::unknown;
  });
  return found == permissions.end() ? nullptr : &*found;
}

bool probe_report::is_denied() const {
  return !std::ranges::none_of(
      permissions, [](const permission_finding& each) { return each.is_required && each.verdict == verdict::denied; });
}

result<probe_report> probe(bucket::bucket& in, std::string_view prefix, const bucket::put_options& how,
                           std::string_view nonce) {
  return prober(in, prefix, how, nonce).run();
}

std::string remedy_for(const permission_finding& denied, const model::place& of) {
  // "kms:KeyNotFound" of MinIO, "KMS.NotFoundException: Key '...' does not exist" of AWS.
  const bool has_no_key = denied.detail.find("NotFound") != std::string::npos;
  const std::string bucket_name = model::bucket_name_of(of);
  if (denied.permission.starts_with("kms:") && has_no_key) {
    return "name a KMS key that exists, with --sse-kms-key-id";
  }
  if (bucket_name.empty()) {
    return fmt::format("allow {} in {}/.spillway/bucket.json, which says how the directory behaves", denied.permission,
                       of.destination);
  }
  if (denied.permission.starts_with("kms:")) {
    return fmt::format("allow {} to the exporting principal in the policy of the KMS key", denied.permission);
  }
  const bool is_of_bucket = denied.permission == "s3:ListBucket" || denied.permission == "s3:GetBucketLocation" ||
                            denied.permission == "s3:ListBucketMultipartUploads";
  return fmt::format("allow {} on arn:aws:s3:::{}{} in the bucket's policy and in that of the user or role",
                     denied.permission, bucket_name, is_of_bucket ? "" : "/*");
}

}  // namespace spillway::access
