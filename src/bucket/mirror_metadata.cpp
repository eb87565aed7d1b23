#include "bucket/mirror_metadata.hpp"

#include "base/bytes.hpp"
#include "base/json_members.hpp"
#include "fs/directory.hpp"
#include "fs/read_file.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace spillway::bucket {
namespace {

namespace json = boost::json;

constexpr std::string_view notes_path = ".spillway/objects";
// A key of 1,024 bytes, every one escaped to six, and what stands beside it.
constexpr std::uint64_t note_bytes_max = std::uint64_t{16} << 10;

std::string note_name(std::string_view key, const fs::file_identity& identity) {
  const base::hash128 hash = base::hash128_of(key);
  return fmt::format("{:016x}{:016x}-{}.json", hash.high, hash.low, etag_of(identity));
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

template <class Number>
bool is_number(const json::object& note, std::string_view name, Number wanted) {
  const json::value* value = note.if_contains(name);
  if (value == nullptr || !value->is_number()) {
    return false;
  }
  boost::system::error_code ignored;
  return value->to_number<Number>(ignored) == wanted && !ignored;
}

}  // namespace

bool object_note::says_nothing() const {
  return !sha256 && encryption == model::encryption::none && content_type == object_note().content_type;
}

std::optional<base::sha256_digest> parse_sha256(std::string_view text) {
  base::sha256_digest digest{};
  if (text.size() != digest.size() * 2) {
    return std::nullopt;
  }
  for (std::size_t index = 0; index < digest.size(); ++index) {
    const int high = hex_digit(text[2 * index]);
    const int low = hex_digit(text[2 * index + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    digest[index] = static_cast<unsigned char>(high * 16 + low);
  }
  return digest;
}

std::string etag_of(const fs::file_identity& identity) {
  return fmt::format("{:x}-{:x}-{:x}", identity.inode, identity.bytes, identity.modified_ns);
}

std::string encode_note(std::string_view key, const fs::file_identity& identity, const object_note& note) {
  json::object out;
  out["key"] = key;
  out["inode"] = identity.inode;
  out["bytes"] = identity.bytes;
  out["mtime_ns"] = identity.modified_ns;
  if (note.sha256) {
    out["sha256"] = base::sha256_hex(*note.sha256);
  }
  out["encryption"] = to_string(note.encryption);
  out["kms_key_id"] = note.kms_key_id;
  out["content_type"] = note.content_type;
  return json::serialize(out) + "\n";
}

std::optional<object_note> decode_note(std::string_view text, std::string_view key, const fs::file_identity& identity) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* in = error ? nullptr : parsed.if_object();
  if (in == nullptr || base::text_in(*in, "key") != key || !is_number(*in, "inode", identity.inode) ||
      !is_number(*in, "bytes", identity.bytes) || !is_number(*in, "mtime_ns", identity.modified_ns)) {
    return std::nullopt;
  }
  object_note note;
  if (const auto digest = base::text_in(*in, "sha256")) {
    note.sha256 = parse_sha256(*digest);
  }
  note.encryption =
      base::parse_name<model::encryption>(base::text_in(*in, "encryption").value_or("")).value_or(encryption::none);
  note.kms_key_id = base::text_in(*in, "kms_key_id").value_or("");
  note.content_type = base::text_in(*in, "content_type").value_or("");
  return note;
}

result<void> write_note(int root, mirror_staging& staging, std::string_view key, const fs::file_identity& identity,
                        const object_note& note) {
  if (note.says_nothing()) {
    return {};
  }
  const bool lasts = note.encryption != encryption::none;
  const std::string name = note_name(key, identity);
  SPILLWAY_TRY_ASSIGN(fs::atomic_file file, staging.create(0666));
  SPILLWAY_TRY(file.write(encode_note(key, identity, note)));
  SPILLWAY_TRY(file.seal(lasts ? fs::durability::synced : fs::durability::unsynced));
  SPILLWAY_TRY_ASSIGN(const fs::descriptor directory, fs::make_beneath(root, notes_path, fs::sync_parents::of_new));
  if (const int error_number = file.rename_to(directory.get(), name, fs::replace::yes); error_number != 0) {
    return base::from_errno(error_number, "noting the checksum of an object");
  }
  return lasts ? fs::sync_directory(directory.get(), name) : result<void>();
}

std::optional<object_note> read_note(int root, std::string_view key, const fs::file_identity& identity) {
  const auto directory = fs::open_beneath(root, notes_path);
  if (!directory) {
    return std::nullopt;
  }
  const auto text = fs::read_file(directory->get(), note_name(key, identity), note_bytes_max);
  return text ? decode_note(*text, key, identity) : std::nullopt;
}

void remove_note(int root, std::string_view key, const fs::file_identity& identity) {
  if (const auto directory = fs::open_beneath(root, notes_path); directory) {
    ::unlinkat(directory->get(), note_name(key, identity).c_str(), 0);
  }
}

}  // namespace spillway::bucket
