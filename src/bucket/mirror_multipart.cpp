#include "bucket/mirror_multipart.hpp"

#include "base/json_members.hpp"
#include "bucket/mirror_metadata.hpp"
#include "bucket/mirror_paths.hpp"
#include "fs/directory.hpp"
#include "fs/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <fmt/format.h>
#include <boost/json.hpp>

#include <fcntl.h>

namespace spillway::bucket {
namespace {

namespace json = boost::json;

constexpr std::string_view uploads_path = ".spillway/uploads";
constexpr const char* upload_file = "upload.json";
constexpr std::uint64_t upload_file_bytes_max = std::uint64_t{16} << 10;
constexpr std::size_t read_bytes = std::size_t{1} << 20;

failure no_such_upload() { return {errc::not_found, {}, "NoSuchUpload: the specified upload does not exist", {}}; }

failure refused(std::string cause) { return {errc::invalid, {}, std::move(cause), {}}; }

// An id is part of a path, so it is looked at before anything is opened.
bool is_upload_id(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string part_name(int number) { return fmt::format("{:05}", number); }

std::string encode_upload(std::string_view key, const put_options& options, base::instant created_at) {
  json::object out;
  out["key"] = key;
  out["created_at"] = base::format_utc(created_at);
  out["condition"] = options.condition == put_options::when::absent ? "absent" : "always";
  out["encryption"] = to_string(options.encryption);
  out["kms_key_id"] = options.kms_key_id;
  out["content_type"] = options.content_type;
  if (options.sha256) {
    out["sha256"] = base::sha256_hex(*options.sha256);
  }
  return json::serialize(out) + "\n";
}

// false: the text is none that encode_upload has written.
bool decode_upload(std::string_view text, open_upload& upload) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* in = error ? nullptr : parsed.if_object();
  if (in == nullptr) {
    return false;
  }
  const auto text_of = [in](std::string_view name) { return base::text_in(*in, name).value_or(""); };
  upload.key = text_of("key");
  upload.begun_at = base::parse_timestamp(text_of("created_at")).value_or(base::instant());
  upload.options.condition = text_of("condition") == "absent" ? put_options::when::absent : put_options::when::always;
  upload.options.kms_key_id = text_of("kms_key_id");
  upload.options.content_type = text_of("content_type");
  upload.options.sha256 = parse_sha256(text_of("sha256"));
  const auto encrypted = base::parse_name<model::encryption>(text_of("encryption"));
  upload.options.encryption = encrypted.value_or(encryption::none);
  return encrypted.has_value() && !upload.key.empty();
}

result<void> append_hashed(fs::atomic_file& file, int part, base::sha256& hash) {
  std::string buffer(read_bytes, '\0');
  for (off_t from = 0;;) {
    const ssize_t got = ::pread(part, buffer.data(), buffer.size(), from);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::from_errno(errno, "reading a part");
    }
    if (got == 0) {
      return {};
    }
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
    hash.update(piece);
    SPILLWAY_TRY(file.write(piece));
    from += got;
  }
}

failure wrong_hash(const base::sha256_digest& found, const base::sha256_digest& wanted) {
  return {errc::corrupt,
          {},
          fmt::format("its sha256 is {} and should be {}", base::sha256_hex(found), base::sha256_hex(wanted)),
          {}};
}

}  // namespace

result<void> write_body(fs::atomic_file& file, body_source& body, const std::optional<base::sha256_digest>& sha256) {
  std::optional<base::sha256> hash;
  if (sha256) {
    hash.emplace();
  }
  std::uint64_t bytes = 0;
  SPILLWAY_TRY(body.read([&](std::string_view piece) -> result<void> {
    bytes += piece.size();
    if (hash) {
      hash->update(piece);
    }
    return file.write(piece);
  }));
  if (bytes != body.bytes()) {
    return failure{errc::corrupt, {}, fmt::format("it has {} bytes and should have {}", bytes, body.bytes()), {}};
  }
  if (hash) {
    const base::sha256_digest found = hash->finish();
    if (found != *sha256) {
      return wrong_hash(found, *sha256);
    }
  }
  return {};
}

result<std::string> mirror_uploads::create(std::string_view key, const put_options& options) {
  std::string id = fs::random_name();
  SPILLWAY_TRY_ASSIGN(const fs::descriptor directory,
                      fs::make_beneath(root_, fmt::format("{}/{}", uploads_path, id), fs::sync_parents::all));
  if (const auto written = write_upload(directory.get(), key, options); !written) {
    remove_directory(id);  // nobody knows of it yet; that it stays is not what has failed
    return written.error();
  }
  return id;
}

result<void> mirror_uploads::write_upload(int directory, std::string_view key, const put_options& options) {
  SPILLWAY_TRY_ASSIGN(fs::atomic_file file, staging_.create(0600));
  SPILLWAY_TRY(file.write(encode_upload(key, options, clock_.now())));
  return file.commit(directory, upload_file, fs::replace::no);
}

result<open_upload> mirror_uploads::find(std::string_view key, std::string_view id) const {
  SPILLWAY_TRY_ASSIGN(open_upload upload, open(id));
  return upload.key == key ? result<open_upload>(std::move(upload)) : no_such_upload();
}

result<open_upload> mirror_uploads::open(std::string_view id) const {
  if (!is_upload_id(id)) {
    return no_such_upload();
  }
  auto directory = fs::open_beneath(root_, fmt::format("{}/{}", uploads_path, id));
  if (!directory) {
    return directory.error().code == errc::not_found ? no_such_upload() : directory.error();
  }
  open_upload upload;
  upload.id = id;
  upload.directory = std::move(*directory);
  const auto text = fs::read_file(upload.directory.get(), upload_file, upload_file_bytes_max);
  if (!text && text.error().code != errc::not_found) {
    return text.error();
  }
  if (!text || !decode_upload(*text, upload)) {
    return no_such_upload();
  }
  return upload;
}

result<std::vector<upload_info>> mirror_uploads::list() const {
  std::vector<upload_info> all;
  const auto directory = fs::open_beneath(root_, uploads_path);
  if (!directory) {
    return directory.error().code == errc::not_found ? result<std::vector<upload_info>>(all) : directory.error();
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<fs::directory_entry> entries, fs::read_directory(directory->get()));
  for (const fs::directory_entry& each : entries) {
    // One that is just being begun or ended is passed over.
    if (auto upload = open(each.name)) {
      all.push_back({std::move(upload->key), std::move(upload->id), upload->begun_at});
    }
  }
  return all;
}

result<std::vector<bucket::part>> mirror_uploads::parts_of(const open_upload& upload) const {
  std::vector<bucket::part> parts;
  SPILLWAY_TRY_ASSIGN(const std::vector<fs::directory_entry> entries, fs::read_directory(upload.directory.get()));
  for (const fs::directory_entry& each : entries) {
    int number = 0;
    std::from_chars(each.name.data(), each.name.data() + each.name.size(), number);
    SPILLWAY_TRY_ASSIGN(const auto state, fs::state_of(upload.directory.get(), each.name));
    if (number > 0 && each.name == part_name(number) && state) {
      parts.push_back({number, etag_of(state->identity)});
    }
  }
  std::ranges::sort(parts, {}, &bucket::part::number);
  return parts;
}

result<std::string> mirror_uploads::put_part(const open_upload& upload, int number, body_source& body) {
  if (number < 1 || number > model::part_number_max) {
    return refused("InvalidArgument: a part number is 1 to 10,000");
  }
  SPILLWAY_TRY_ASSIGN(fs::atomic_file file, staging_.create(0666));
  SPILLWAY_TRY(write_body(file, body, std::nullopt));
  SPILLWAY_TRY_ASSIGN(const fs::file_identity identity, file.seal(fs::durability::synced));
  const std::string name = part_name(number);
  if (const int error_number = file.rename_to(upload.directory.get(), name, fs::replace::yes); error_number != 0) {
    // The directory was removed while the part was written: completed or aborted.
    return error_number == ENOENT ? no_such_upload() : base::from_errno(error_number, "storing a part");
  }
  SPILLWAY_TRY(fs::sync_directory(upload.directory.get(), name));
  return etag_of(identity);
}

result<std::vector<fs::file_identity>> mirror_uploads::check_parts(const open_upload& upload,
                                                                   const std::vector<bucket::part>& parts) const {
  if (parts.empty()) {
    return refused("MalformedXML: an upload is completed with at least one part");
  }
  std::vector<fs::file_identity> identities;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    const bucket::part& each = parts[index];
    if (index > 0 && each.number <= parts[index - 1].number) {
      return refused("InvalidPartOrder: the parts are not in ascending order");
    }
    SPILLWAY_TRY_ASSIGN(const auto state, fs::state_of(upload.directory.get(), part_name(each.number)));
    if (!state || state->kind != fs::entry_kind::file || etag_of(state->identity) != each.etag) {
      return refused(fmt::format("InvalidPart: part {} was not found, or its ETag is another", each.number));
    }
    if (index + 1 < parts.size() && state->identity.bytes < part_bytes_min) {
      return refused(fmt::format("EntityTooSmall: part {} has {} bytes; all but the last need 5 MiB", each.number,
                                 state->identity.bytes));
    }
    identities.push_back(state->identity);
  }
  return identities;
}

result<assembled_upload> mirror_uploads::assemble(const open_upload& upload, const std::vector<bucket::part>& parts) {
  SPILLWAY_TRY_ASSIGN(const std::vector<fs::file_identity> identities, check_parts(upload, parts));
  if (parts.size() == 1 && !upload.options.sha256) {
    return assembled_upload{std::nullopt, part_name(parts[0].number), identities[0]};
  }
  assembled_upload out;
  SPILLWAY_TRY_ASSIGN(fs::atomic_file file, staging_.create(0666));
  base::sha256 hash;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    const std::string name = part_name(parts[index].number);
    const fs::descriptor part(::openat(upload.directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!part) {
      return base::from_errno(errno, "opening part " + name);
    }
    SPILLWAY_TRY(upload.options.sha256 ? append_hashed(file, part.get(), hash)
                                       : file.append_file(part.get(), identities[index].bytes));
  }
  if (upload.options.sha256) {
    const base::sha256_digest found = hash.finish();
    if (found != *upload.options.sha256) {
      return wrong_hash(found, *upload.options.sha256);
    }
  }
  SPILLWAY_TRY_ASSIGN(out.identity, file.seal(fs::durability::synced));
  out.file.emplace(std::move(file));
  return out;
}

result<void> mirror_uploads::remove(const open_upload& upload) { return remove_directory(upload.id); }

result<void> mirror_uploads::remove_directory(const std::string& id) {
  SPILLWAY_TRY_ASSIGN(const fs::descriptor parent, fs::open_beneath(root_, uploads_path));
  SPILLWAY_TRY(fs::remove_flat_directory(parent.get(), id));
  return fs::sync_directory(parent.get(), uploads_path);
}

}  // namespace spillway::bucket
