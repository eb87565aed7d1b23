#include "bucket/mirror_objects.hpp"

#include "fs/directory.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace spillway::bucket {
namespace {

constexpr std::size_t get_bytes = std::size_t{1} << 20;
// How often a put makes its directory again that a remove has taken away under it.
constexpr int place_attempts_max = 64;

// What stands where an object is to go. An empty directory is nothing to a bucket, and is removed.
result<void> make_room(int directory, const std::string& name) {
  SPILLWAY_TRY_ASSIGN(const auto state, fs::state_of(directory, name));
  if (!state || state->kind == fs::entry_kind::file) {
    return {};
  }
  if (state->kind != fs::entry_kind::directory) {
    return failure{errc::conflict,
                   {},
                   "something that is neither a file nor a directory has this name",
                   "move it away, or choose another directory"};
  }
  if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) {
    return {};
  }
  return failure{errc::conflict,
                 {},
                 "keys below it are there, and a directory can't hold both",
                 "choose another key, or remove those below this one"};
}

// Whether a directory ("a/b/") can hold keys of the page. All keys in it start with its path.
bool may_hold(std::string_view directory, std::string_view prefix, std::string_view after) {
  const bool on_the_way = directory.starts_with(prefix) || prefix.starts_with(directory);
  return on_the_way && (directory > after || after.starts_with(directory));
}

}  // namespace

base::instant modified_at(const fs::file_identity& identity) {
  return std::chrono::floor<std::chrono::microseconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(identity.modified_ns)));
}

result<std::optional<fs::file_identity>> mirror_objects::find(std::string_view key) const {
  const key_path path = split_key(key);
  const auto directory = fs::open_beneath(root_, path.directory);
  if (!directory) {
    const bool absent = directory.error().code == errc::not_found;
    return absent ? result<std::optional<fs::file_identity>>(std::nullopt) : directory.error();
  }
  SPILLWAY_TRY_ASSIGN(const auto state, fs::state_of(directory->get(), path.name));
  const bool is_object = state && state->kind == fs::entry_kind::file;
  return is_object ? std::optional(state->identity) : std::nullopt;
}

result<std::optional<open_object>> mirror_objects::open(std::string_view key) const {
  const key_path path = split_key(key);
  const auto directory = fs::open_beneath(root_, path.directory);
  if (!directory) {
    const bool absent = directory.error().code == errc::not_found;
    return absent ? result<std::optional<open_object>>(std::nullopt) : directory.error();
  }
  // Without O_NONBLOCK, a FIFO that somebody has put there would block the call.
  open_object object;
  object.file =
      fs::descriptor(::openat(directory->get(), path.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!object.file) {
    const bool absent = errno == ENOENT || errno == ELOOP || errno == ENXIO;
    return absent ? result<std::optional<open_object>>(std::nullopt) : base::from_errno(errno, "opening the file");
  }
  SPILLWAY_TRY_ASSIGN(const fs::entry_state state, fs::state_of(object.file.get()));
  if (state.kind != fs::entry_kind::file) {
    return std::optional<open_object>();
  }
  object.identity = state.identity;
  return std::optional<open_object>(std::move(object));
}

// The directory that the object is in now, still to be synced. A put makes its directory and renames into it, while a
// remove elsewhere may take the directory away in between, since it looks empty: then it is made again.
result<fs::descriptor> mirror_objects::rename_into_place(const key_path& path, fs::replace what,
                                                         const rename_step& rename) {
  for (int attempt = 0; attempt < place_attempts_max; ++attempt) {
    auto directory = directories_.open_for_put(path.directory);
    if (!directory && directory.error().code != errc::not_found) {
      return directory;
    }
    int error_number = ENOENT;
    if (directory) {
      SPILLWAY_TRY(make_room(directory->get(), path.name));
      error_number = rename(directory->get(), path.name, what);
    }
    if (error_number == 0) {
      return directory;
    }
    if (error_number == EEXIST) {
      // Whoever has put it may have been cut off before the sync, and what is there counts as put.
      SPILLWAY_TRY(fs::sync_directory(directory->get(), path.name));
      return failure{errc::conflict, {}, "PreconditionFailed: an object of this key is there", {}};
    }
    if (error_number == EXDEV) {
      return failure{errc::io, {}, "the directory is on another file system than the root of the bucket", {}};
    }
    if (error_number != ENOENT) {
      return base::from_errno(error_number, {});
    }
    directories_.forget(path.directory);
  }
  return failure{errc::io, {}, "its directory was removed again and again", {}};
}

result<receipt> mirror_objects::place(std::string_view key, const put_options& options,
                                      const fs::file_identity& identity, const rename_step& rename) {
  const key_path path = split_key(key);
  const auto what = options.condition == put_options::when::absent ? fs::replace::no : fs::replace::yes;
  SPILLWAY_TRY(write_note(root_, staging_, key, identity,
                          {options.sha256, options.encryption, options.kms_key_id, options.content_type}));
  auto directory = [&]() -> result<fs::descriptor> {
    const std::lock_guard lock(lock_of(key));
    // What takes nobody's place has no note to take away. If it can't be told, that note stays, and is nobody's.
    const auto before = what == fs::replace::yes ? find(key) : std::optional<fs::file_identity>();
    SPILLWAY_TRY_ASSIGN(fs::descriptor placed_in, rename_into_place(path, what, rename));
    if (before && *before) {
      remove_note(root_, key, **before);
    }
    return placed_in;
  }();
  if (!directory) {
    remove_note(root_, key, identity);
    return directory.error();
  }
  SPILLWAY_TRY(fs::sync_directory(directory->get(), path.name));
  return receipt{etag_of(identity), identity.bytes};
}

// What is not there any more is made durable too: whoever took it away may have been cut off before the sync.
result<void> mirror_objects::remove(std::string_view key) {
  const key_path path = split_key(key);
  {
    const std::lock_guard lock(lock_of(key));
    SPILLWAY_TRY_ASSIGN(const auto identity, find(key));
    if (identity) {
      const auto directory = fs::open_beneath(root_, path.directory);
      if (!directory && directory.error().code != errc::not_found) {
        return directory.error();
      }
      if (directory && ::unlinkat(directory->get(), path.name.c_str(), 0) != 0 && errno != ENOENT) {
        return base::from_errno(errno, {});
      }
      remove_note(root_, key, *identity);
    }
  }
  return directories_.prune(path.directory);
}

result<void> mirror_objects::walk(std::string_view prefix, std::string_view after, const object_step& show) const {
  const std::string own = std::string(mirror_private) + "/";
  const auto wanted = [&](std::string_view path) {
    if (path.ends_with('/')) {
      return path != own && may_hold(path, prefix, after);
    }
    return path > after && path.starts_with(prefix) && why_not_a_key(path).empty();
  };
  return fs::walk(root_, wanted, [&](const fs::found_file& file) {
    object_info info;
    info.key = file.path;
    info.bytes = file.identity.bytes;
    info.etag = etag_of(file.identity);
    info.modified_at = modified_at(file.identity);
    return show(std::move(info));
  });
}

result<list_page> mirror_objects::list(std::string_view prefix, std::string_view after, int objects_max) const {
  if (objects_max < 1 || objects_max > list_page::objects_max) {
    return failure{errc::invalid, {}, "a page has 1 to 1,000 keys", {}};
  }
  list_page page;
  SPILLWAY_TRY(walk(prefix, after, [&](object_info each) -> result<fs::walk_step> {
    if (page.objects.size() == static_cast<std::size_t>(objects_max)) {
      page.next = page.objects.back().key;
      return fs::walk_step::stop;
    }
    page.objects.push_back(std::move(each));
    return fs::walk_step::go_on;
  }));
  return page;
}

result<void> mirror_objects::list_all(std::string_view prefix, std::string_view after,
                                      const object_visitor& visit) const {
  return walk(prefix, after, [&](const object_info& each) -> result<fs::walk_step> {
    SPILLWAY_TRY(visit(each));
    return fs::walk_step::go_on;
  });
}

result<void> stream_object(const open_object& object, byte_range range, const piece_sink& sink) {
  const std::uint64_t bytes = object.identity.bytes;
  if (range.first >= bytes && range.first > 0) {
    return failure{errc::invalid, {}, "InvalidRange: the range starts behind the end of the object", {}};
  }
  std::uint64_t left = std::min(range.bytes, bytes - range.first);
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(left, get_bytes)), '\0');
  for (std::uint64_t from = range.first; left > 0;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, get_bytes));
    const ssize_t got = ::pread(object.file.get(), buffer.data(), wanted, static_cast<off_t>(from));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::from_errno(errno, {});
    }
    if (got == 0) {
      return failure{errc::corrupt, {}, "the file became shorter while it was read", {}};
    }
    SPILLWAY_TRY(sink(std::string_view(buffer.data(), static_cast<std::size_t>(got))));
    from += static_cast<std::uint64_t>(got);
    left -= static_cast<std::uint64_t>(got);
  }
  return {};
}

}  // namespace spillway::bucket
