#include "export/object_hashes.hpp"

#include "base/parts_sha256.hpp"
#include "s3/multipart.hpp"

#include <algorithm>

namespace spillway::exporting {
namespace {

// Hashes an object as a whole, and each of the parts that it is cut into.
class parts_hasher {
public:
  explicit parts_hasher(std::uint64_t object_bytes) : ranges_(s3::parts_of(object_bytes)) {}

  void update(std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t count = std::min<std::size_t>(piece.size(), ranges_[made_.size()].bytes - in_part_);
      hash_.update(piece.substr(0, count));
      piece.remove_prefix(count);
      in_part_ += count;
      if (in_part_ == ranges_[made_.size()].bytes) {
        made_.push_back(hash_.finish_part());
        in_part_ = 0;
      }
    }
  }
  std::vector<base::sha256_digest> parts() { return std::move(made_); }
  base::sha256_digest whole() { return hash_.finish(); }

private:
  const std::vector<s3::byte_range> ranges_;
  base::parts_sha256 hash_;
  std::uint64_t in_part_ = 0;
  std::vector<base::sha256_digest> made_;
};

// Hands the bytes of `body` to both. What can't be staged, as on a full disk, is not: the put will tell.
template <class Hash>
result<void> feed(bucket::body_source& body, Hash& hash, std::unique_ptr<bucket::staged_body>& copy) {
  return body.read([&hash, &copy](std::string_view piece) -> result<void> {
    hash.update(piece);
    if (copy && !copy->write(piece)) {
      copy.reset();
    }
    return {};
  });
}

bool has_parts(const store::object_row& object) {
  return static_cast<std::uint64_t>(object.bytes) > s3::part_bytes_usual;
}

}  // namespace

result<void> hash_object(db::database& reader, const object_place& in, store::object_row& object,
                         staged_objects* staged) {
  std::optional<store::known_hashes> known;
  if (object.segment_bytes.empty()) {
    SPILLWAY_TRY_ASSIGN(known, store::find_hashes(reader, in.project.id, in.hour, object));
  }
  if (known && (!has_parts(object) || !known->part_sha256s.empty())) {
    object.sha256 = known->sha256;
    object.part_sha256s = std::move(known->part_sha256s);
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const auto body, open_body(reader, in, object));
  auto copy = staged != nullptr ? staged->begin() : nullptr;
  if (has_parts(object)) {
    parts_hasher hash(static_cast<std::uint64_t>(object.bytes));
    SPILLWAY_TRY(feed(*body, hash, copy));
    object.sha256 = hash.whole();
    object.part_sha256s = hash.parts();
  } else {
    base::sha256 hash;
    SPILLWAY_TRY(feed(*body, hash, copy));
    object.sha256 = hash.finish();
  }
  if (copy) {
    staged->keep(object.sha256, std::move(copy));
  }
  return {};
}

result<void> check_object(db::database& reader, const object_place& in, const store::object_row& object) {
  SPILLWAY_TRY_ASSIGN(const auto body, open_body(reader, in, object));
  base::sha256 hash;
  std::unique_ptr<bucket::staged_body> no_copy;
  SPILLWAY_TRY(feed(*body, hash, no_copy));
  return hash.finish() == object.sha256
             ? result<void>()
             : failure{errc::corrupt, "reading what is to be " + object.key, "it is not what was planned", {}};
}

}  // namespace spillway::exporting
