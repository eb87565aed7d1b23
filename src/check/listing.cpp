#include "check/listing.hpp"

#include "bucket/mirror_paths.hpp"
#include "check/key_check.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace spillway::check {
namespace {

// Objects stand before the marker of their hour.
auto order_of(const listing_entry& entry) {
  return std::tuple(entry.hour, entry.kind == model::object_kind::marker, entry.partition, entry.kind);
}

// A mirror's own files, as they come along when it is copied into a bucket.
bool is_private(std::string_view key) {
  const std::string_view first = key.substr(0, key.find('/'));
  return first == bucket::mirror_private;
}

result<void> take(const bucket::object_info& object, listing& into, const finding_sink& sink) {
  if (is_private(object.key)) {
    return {};
  }
  ++into.objects;
  into.bytes += object.bytes;
  const key_reading read = read_key(object.key);
  if (read.is_claim) {
    return {};
  }
  if (!read.name) {
    return sink({finding_kind::note, object.key, 0, "not a name of events, merges or a marker; left alone", 1});
  }
  if (!read.trouble.empty()) {
    return sink(
        {finding_kind::name, object.key, 0, fmt::format("{}; it should be {}", read.trouble, read.should_be), 1});
  }
  // Old merges lie in a folder like a project's, and belong to no project.
  const std::string path = object.key.substr(0, object.key.rfind('/'));
  listing_folder& folder = into.folders[read.scope > 0 ? path + "/" : path];
  folder.path = path;
  folder.owner = read.name->owner;
  folder.scope = read.scope;
  folder.entries.push_back({read.name->hour.number, object.bytes, read.name->partition, read.name->kind});
  return {};
}

}  // namespace

model::object_name listing_folder::name_of(const listing_entry& entry) const {
  return {entry.kind, owner, {entry.hour}, entry.partition};
}

std::string listing_folder::key_of(const listing_entry& entry) const {
  const std::string key = model::to_key(name_of(entry), {});
  std::string_view name = std::string_view(key).substr(key.rfind('/') + 1);
  if (scope > 0) {
    name.remove_prefix(1);
  }
  return fmt::format("{}/{}", path, name);
}

result<void> for_each_object(bucket::bucket& from, std::string_view prefix, const bucket::object_visitor& each) {
  return from.list_all(prefix.empty() ? std::string() : std::string(prefix) + "/", {}, each);
}

result<listing> list_bucket(bucket::bucket& from, std::string_view prefix, const finding_sink& sink) {
  listing made;
  SPILLWAY_TRY(
      for_each_object(from, prefix, [&](const bucket::object_info& object) { return take(object, made, sink); }));
  for (auto& [path, folder] : made.folders) {
    std::ranges::sort(folder.entries, {}, order_of);
  }
  return made;
}

}  // namespace spillway::check
