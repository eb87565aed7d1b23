// The objects of a mirror as files: found, read, listed, put in place, taken away. Knows neither rules nor uploads.
#pragma once

#include "bucket/bucket.hpp"
#include "bucket/mirror_metadata.hpp"
#include "bucket/mirror_paths.hpp"
#include "bucket/mirror_staging.hpp"
#include "fs/walk.hpp"

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::bucket {

// An object's file, open for reading.
struct open_object {
  fs::descriptor file;
  fs::file_identity identity;
};

// Gives the bytes that are to become an object their name: 0, or errno. May be called again after ENOENT.
using rename_step = std::function<int(int directory, const std::string& name, fs::replace what)>;

// All keys passed in have gone through check_key. Thread rule: any thread.
class mirror_objects {
public:
  mirror_objects(int root, mirror_staging& staging) : root_(root), staging_(staging), directories_(root) {}

  // The state of the key's file; nullopt: there is no such object.
  result<std::optional<fs::file_identity>> find(std::string_view key) const;
  result<std::optional<open_object>> open(std::string_view key) const;

  // What is noted of it, if that still holds.
  std::optional<object_note> note_of(std::string_view key, const fs::file_identity& identity) const {
    return read_note(root_, key, identity);
  }

  // Lets synced bytes of that identity become the object `key`, durably, with a note of what the options say.
  // errc::conflict: when::absent, and it is there; or the key clashes with a directory or a file.
  // REQUIRES: options.encryption is not bucket_default.
  result<receipt> place(std::string_view key, const put_options& options, const fs::file_identity& identity,
                        const rename_step& rename);

  // Durable; nothing there is no failure.
  result<void> remove(std::string_view key);

  // As bucket::list, which reads the directory anew for each page, and bucket::list_all, which reads it once.
  result<list_page> list(std::string_view prefix, std::string_view after, int objects_max) const;
  result<void> list_all(std::string_view prefix, std::string_view after, const object_visitor& visit) const;

private:
  using object_step = std::function<result<fs::walk_step>(object_info)>;
  result<void> walk(std::string_view prefix, std::string_view after, const object_step& show) const;
  result<fs::descriptor> rename_into_place(const key_path& path, fs::replace what, const rename_step& rename);
  std::mutex& lock_of(std::string_view key) { return locks_[std::hash<std::string_view>()(key) % locks_.size()]; }

  int root_;
  mirror_staging& staging_;
  mirror_directories directories_;
  // An object and its note change together; by hash of the key.
  std::array<std::mutex, 64> locks_;
};

// Hands the bytes of `range` to `sink` in pieces of 1 MiB. errc::invalid: S3's InvalidRange.
result<void> stream_object(const open_object& object, byte_range range, const piece_sink& sink);

// The file's modification time.
base::instant modified_at(const fs::file_identity& identity);

}  // namespace spillway::bucket
