#include "bucket/mirror_bucket.hpp"

#include "bucket/bucket_rules.hpp"
#include "bucket/mirror_metadata.hpp"
#include "bucket/mirror_multipart.hpp"
#include "bucket/mirror_objects.hpp"
#include "bucket/mirror_paths.hpp"
#include "bucket/mirror_settings.hpp"
#include "bucket/mirror_staging.hpp"
#include "fs/directory.hpp"
#include "s3/policy_document.hpp"

#include <algorithm>
#include <mutex>
#include <tuple>

namespace spillway::bucket {
namespace {

class mirror_bucket final : public bucket {
public:
  mirror_bucket(std::string name, fs::descriptor root, const base::clock& clock, bucket_settings settings)
      : name_(std::move(name)),
        root_(std::move(root)),
        rules_(std::move(settings)),
        staging_(root_.get()),
        objects_(root_.get(), staging_),
        uploads_(root_.get(), staging_, clock) {}

  std::string name() const override { return name_; }

  result<receipt> put(std::string_view key, body_source& body, const put_options& options) override;
  result<std::unique_ptr<staged_body>> stage() override;
  result<std::optional<object_info>> head(std::string_view key) override;
  result<void> get(std::string_view key, byte_range range, const piece_sink& sink) override;
  bool may_have_rotted() const override { return true; }
  result<list_page> list(std::string_view prefix, std::string_view after, int objects_max) override;
  result<void> list_all(std::string_view prefix, std::string_view after, const object_visitor& visit) override;
  result<void> remove(std::string_view key) override;
  result<std::string> create_multipart(std::string_view key, const put_options& options) override;
  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               body_source& body) override;
  result<receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                     const std::vector<part>& parts) override;
  result<void> abort_multipart(std::string_view key, std::string_view upload_id) override;
  result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) override;
  result<std::vector<upload_info>> list_uploads(std::string_view prefix) override;
  result<std::string> location() override;
  result<std::optional<std::string>> policy() override;
  result<void> put_policy(std::string_view json) override;
  result<void> remove_policy() override;
  result<std::optional<encryption_setting>> default_encryption() override;
  result<void> put_default_encryption(const encryption_setting& setting) override;
  result<void> remove_default_encryption() override;

private:
  // The calls themselves, without the words in front of a failure.
  result<receipt> store(std::string_view key, body_source& body, put_options options);
  result<fs::atomic_file> file_of(body_source& body, const put_options& options);
  result<std::optional<object_info>> look(std::string_view key);
  result<void> stream(std::string_view key, byte_range range, const piece_sink& sink);
  result<receipt> complete(std::string_view key, std::string_view upload_id, const std::vector<part>& parts);

  result<void> admit(operation what, std::string_view key, encryption encrypted = encryption::none) {
    return rules_.admit(what, key, encrypted);
  }
  put_options resolved(put_options options) const;
  result<void> change(std::string_view setting, const std::optional<std::string>& json);

  const std::string name_;
  const fs::descriptor root_;
  bucket_rules rules_;
  std::mutex settings_mutex_;  // bucket.json and what rules_ know of it change together
  mirror_staging staging_;
  mirror_objects objects_;
  mirror_uploads uploads_;
};

template <class T>
result<T> doing(std::string_view what, std::string_view key, result<T> outcome) {
  if (!outcome) {
    return base::while_doing(std::string(what) + " " + shown(key), std::move(outcome).error());
  }
  return outcome;
}

// The encryption that the object will have, with its key.
put_options mirror_bucket::resolved(put_options options) const {
  if (options.encryption == encryption::bucket_default) {
    const auto setting = rules_.default_encryption();
    options.encryption = setting ? setting->algorithm : encryption::none;
    options.kms_key_id = setting ? setting->kms_key_id : std::string();
  }
  if (options.encryption == encryption::sse_kms && options.kms_key_id.empty()) {
    options.kms_key_id = rules_.kms_key_id();
  }
  return options;
}

// What is put is obeyed at once, by this opened mirror.
result<void> mirror_bucket::change(std::string_view setting, const std::optional<std::string>& json) {
  const std::lock_guard lock(settings_mutex_);
  SPILLWAY_TRY_ASSIGN(const bucket_settings changed, write_setting(root_.get(), staging_, setting, json));
  rules_.change(changed);
  return {};
}

// What was staged, if it is there and whole; or the body.
result<fs::atomic_file> mirror_bucket::file_of(body_source& body, const put_options& options) {
  if (auto* const staged = dynamic_cast<mirror_staged_body*>(options.staged)) {
    if (auto whole = staged->take(body.bytes())) {
      return std::move(*whole);
    }
  }
  SPILLWAY_TRY_ASSIGN(fs::atomic_file file, staging_.create(0666));
  SPILLWAY_TRY(write_body(file, body, options.sha256));
  return file;
}

result<receipt> mirror_bucket::store(std::string_view key, body_source& body, put_options options) {
  SPILLWAY_TRY(check_key(key));
  options = resolved(std::move(options));
  SPILLWAY_TRY(admit(operation::put_object, key, options.encryption));
  SPILLWAY_TRY_ASSIGN(fs::atomic_file file, file_of(body, options));
  SPILLWAY_TRY_ASSIGN(const fs::file_identity identity, file.seal(fs::durability::synced));
  return objects_.place(key, options, identity, [&file](int directory, const std::string& name, fs::replace what) {
    return file.rename_to(directory, name, what);
  });
}

result<std::optional<object_info>> mirror_bucket::look(std::string_view key) {
  SPILLWAY_TRY(check_key(key));
  SPILLWAY_TRY(admit(operation::head_object, key));
  SPILLWAY_TRY_ASSIGN(const auto identity, objects_.find(key));
  if (!identity) {
    SPILLWAY_TRY(rules_.admit_absence(key));
    return std::optional<object_info>();
  }
  object_info info{std::string(key), identity->bytes, etag_of(*identity), modified_at(*identity),
                   std::nullopt,     std::nullopt,    encryption::none,   {}};
  if (auto note = objects_.note_of(key, *identity)) {
    info.sha256 = note->sha256;
    info.encryption = note->encryption;
    info.kms_key_id = std::move(note->kms_key_id);
  }
  return std::optional<object_info>(std::move(info));
}

result<void> mirror_bucket::stream(std::string_view key, byte_range range, const piece_sink& sink) {
  SPILLWAY_TRY(check_key(key));
  SPILLWAY_TRY_ASSIGN(const std::optional<open_object> object, objects_.open(key));
  const auto note = object ? objects_.note_of(key, object->identity) : std::nullopt;
  SPILLWAY_TRY(admit(operation::get_object, key, note ? note->encryption : encryption::none));
  if (!object) {
    SPILLWAY_TRY(rules_.admit_absence(key));
    return failure{errc::not_found, {}, "NoSuchKey: the specified key does not exist", {}};
  }
  return stream_object(*object, range, sink);
}

result<receipt> mirror_bucket::complete(std::string_view key, std::string_view upload_id,
                                        const std::vector<part>& parts) {
  SPILLWAY_TRY(check_key(key));
  SPILLWAY_TRY_ASSIGN(const open_upload upload, uploads_.find(key, upload_id));
  SPILLWAY_TRY(admit(operation::complete_multipart_upload, key, upload.options.encryption));
  SPILLWAY_TRY_ASSIGN(assembled_upload whole, uploads_.assemble(upload, parts));
  const auto rename = [&](int directory, const std::string& name, fs::replace what) {
    return whole.file ? whole.file->rename_to(directory, name, what)
                      : fs::rename_entry(upload.directory.get(), whole.part, directory, name, what);
  };
  SPILLWAY_TRY_ASSIGN(const receipt done, objects_.place(key, upload.options, whole.identity, rename));
  SPILLWAY_TRY(uploads_.remove(upload));
  return done;
}

result<receipt> mirror_bucket::put(std::string_view key, body_source& body, const put_options& options) {
  return doing("putting", key, store(key, body, options));
}

result<std::unique_ptr<staged_body>> mirror_bucket::stage() {
  auto file = staging_.create(0666);
  if (!file) {
    return base::while_doing("putting to " + name_, std::move(file).error());
  }
  return std::unique_ptr<staged_body>(std::make_unique<mirror_staged_body>(std::move(*file)));
}

result<std::optional<object_info>> mirror_bucket::head(std::string_view key) {
  return doing("looking at", key, look(key));
}

result<void> mirror_bucket::get(std::string_view key, byte_range range, const piece_sink& sink) {
  return doing("getting", key, stream(key, range, sink));
}

result<list_page> mirror_bucket::list(std::string_view prefix, std::string_view after, int objects_max) {
  const auto admitted = admit(operation::list_objects, prefix);
  return doing("listing", name_ + "/" + std::string(prefix),
               admitted ? objects_.list(prefix, after, objects_max) : result<list_page>(admitted.error()));
}

result<void> mirror_bucket::list_all(std::string_view prefix, std::string_view after, const object_visitor& visit) {
  const auto admitted = admit(operation::list_objects, prefix);
  return doing("listing", name_ + "/" + std::string(prefix),
               admitted ? objects_.list_all(prefix, after, visit) : admitted);
}

result<void> mirror_bucket::remove(std::string_view key) {
  const auto take_away = [&]() -> result<void> {
    SPILLWAY_TRY(check_key(key));
    SPILLWAY_TRY(admit(operation::delete_object, key));
    return objects_.remove(key);
  };
  return doing("removing", key, take_away());
}

result<std::string> mirror_bucket::create_multipart(std::string_view key, const put_options& options) {
  const auto create = [&]() -> result<std::string> {
    SPILLWAY_TRY(check_key(key));
    const put_options with_encryption = resolved(options);
    SPILLWAY_TRY(admit(operation::create_multipart_upload, key, with_encryption.encryption));
    return uploads_.create(key, with_encryption);
  };
  return doing("starting the upload of", key, create());
}

result<std::string> mirror_bucket::put_part(std::string_view key, std::string_view upload_id, int part_number,
                                            body_source& body) {
  const auto store_part = [&]() -> result<std::string> {
    SPILLWAY_TRY_ASSIGN(const open_upload upload, uploads_.find(key, upload_id));
    SPILLWAY_TRY(admit(operation::upload_part, key, upload.options.encryption));
    return uploads_.put_part(upload, part_number, body);
  };
  return doing("putting part " + std::to_string(part_number) + " of", key, store_part());
}

result<receipt> mirror_bucket::complete_multipart(std::string_view key, std::string_view upload_id,
                                                  const std::vector<part>& parts) {
  return doing("completing the upload of", key, complete(key, upload_id, parts));
}

result<void> mirror_bucket::abort_multipart(std::string_view key, std::string_view upload_id) {
  const auto abort = [&]() -> result<void> {
    SPILLWAY_TRY(admit(operation::abort_multipart_upload, key));
    SPILLWAY_TRY_ASSIGN(const open_upload upload, uploads_.find(key, upload_id));
    return uploads_.remove(upload);
  };
  return doing("aborting the upload of", key, abort());
}

result<std::vector<bucket::part>> mirror_bucket::list_parts(std::string_view key, std::string_view upload_id) {
  const auto list = [&]() -> result<std::vector<part>> {
    SPILLWAY_TRY(admit(operation::list_parts, key));
    SPILLWAY_TRY_ASSIGN(const open_upload upload, uploads_.find(key, upload_id));
    return uploads_.parts_of(upload);
  };
  return doing("listing the parts of", key, list());
}

result<std::vector<upload_info>> mirror_bucket::list_uploads(std::string_view prefix) {
  const auto list = [&]() -> result<std::vector<upload_info>> {
    SPILLWAY_TRY(admit(operation::list_multipart_uploads, prefix));
    SPILLWAY_TRY_ASSIGN(std::vector<upload_info> all, uploads_.list());
    std::erase_if(all, [prefix](const upload_info& each) { return !each.key.starts_with(prefix); });
    std::ranges::sort(all, {}, [](const upload_info& each) { return std::tie(each.key, each.upload_id); });
    return all;
  };
  return doing("listing the uploads of", name_ + "/" + std::string(prefix), list());
}

result<std::string> mirror_bucket::location() {
  SPILLWAY_TRY(doing("asking for the location of", name_, admit(operation::get_bucket_location, "")));
  return rules_.location();
}

result<std::optional<std::string>> mirror_bucket::policy() {
  SPILLWAY_TRY(doing("asking for the policy of", name_, admit(operation::get_bucket_policy, "")));
  return rules_.policy();
}

result<void> mirror_bucket::put_policy(std::string_view json) {
  const auto put = [&]() -> result<void> {
    SPILLWAY_TRY(admit(operation::put_bucket_policy, ""));
    SPILLWAY_TRY(s3::check_policy(json));
    return change("policy", std::string(json));
  };
  return doing("writing the policy of", name_, put());
}

result<void> mirror_bucket::remove_policy() {
  const auto admitted = admit(operation::delete_bucket_policy, "");
  return doing("removing the policy of", name_, admitted ? change("policy", std::nullopt) : admitted);
}

result<std::optional<encryption_setting>> mirror_bucket::default_encryption() {
  SPILLWAY_TRY(doing("asking for the encryption of", name_, admit(operation::get_bucket_encryption, "")));
  return rules_.default_encryption();
}

result<void> mirror_bucket::put_default_encryption(const encryption_setting& setting) {
  const auto put = [&]() -> result<void> {
    if (setting.algorithm != encryption::sse_s3 && setting.algorithm != encryption::sse_kms) {
      return failure{errc::bug, {}, "the default of a bucket can't be its default", {}};
    }
    if (!setting.document.empty()) {
      return failure{errc::invalid, {}, "it is a document of another kind of bucket", {}};
    }
    SPILLWAY_TRY(admit(operation::put_bucket_encryption, ""));
    return change("default_encryption", to_json(setting));
  };
  return doing("writing the encryption of", name_, put());
}

result<void> mirror_bucket::remove_default_encryption() {
  const auto admitted = admit(operation::delete_bucket_encryption, "");
  return doing("removing the encryption of", name_, admitted ? change("default_encryption", std::nullopt) : admitted);
}

}  // namespace

result<std::unique_ptr<bucket>> open_mirror(std::filesystem::path root, const base::clock& clock, create_root create) {
  const std::string name = root.string();
  if (create == create_root::yes) {
    SPILLWAY_TRY(fs::make_directories(root));
  }
  SPILLWAY_TRY_ASSIGN(fs::descriptor directory, fs::open_directory(root));
  auto settings = read_settings(directory.get());
  if (!settings) {
    return base::while_doing("opening bucket " + shown(name), settings.error());
  }
  mirror_staging::sweep(directory.get());
  return std::unique_ptr<bucket>(
      std::make_unique<mirror_bucket>(name, std::move(directory), clock, std::move(*settings)));
}

}  // namespace spillway::bucket
