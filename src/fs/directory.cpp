#include "fs/directory.hpp"

#include "base/bytes.hpp"

#include <array>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

namespace spillway::fs {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

// Takes the first segment off "a/b/c"; empty if it is one that could lead elsewhere or name nothing.
std::string take_segment(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  std::string segment(rest.substr(0, slash));
  rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  const bool usable = segment != "." && segment != ".." && segment.find('\0') == std::string::npos;
  return usable ? segment : std::string();
}

failure bad_segment(std::string_view relative) {
  return {
      errc::invalid, "opening " + base::printable(relative), "a path below a directory has an unusable segment", {}};
}

result<descriptor> open_child(int parent, const std::string& name) {
  descriptor child(::openat(parent, name.c_str(), directory_flags | O_NOFOLLOW));
  if (child) {
    return child;
  }
  // A symbolic link gives ELOOP or ENOTDIR, by kernel: both mean that there is no directory of that name.
  const int error_number = errno == ELOOP ? ENOTDIR : errno;
  return base::from_errno(error_number, "opening directory " + base::printable(name));
}

failure name_the_clash(int parent, const std::string& name, failure inner) {
  const auto state = state_of(parent, name);
  if (!state || !*state || (*state)->kind == entry_kind::directory) {
    return inner;
  }
  const bool link = (*state)->kind == entry_kind::link;
  inner.code = errc::conflict;
  inner.cause = link ? "it is a symbolic link, which is not followed" : "it is a file, not a directory";
  inner.hint = "move it away, or choose another directory";
  return inner;
}

// Opens or makes one segment.
result<descriptor> make_child(int parent, const std::string& name, sync_parents parents) {
  auto found = open_child(parent, name);
  if (!found && found.error().code != errc::not_found) {
    return found;
  }
  bool changed = false;
  if (!found) {
    changed = ::mkdirat(parent, name.c_str(), 0777) == 0;
    if (!changed && errno != EEXIST) {
      return base::from_errno(errno, "making directory " + base::printable(name));
    }
    found = open_child(parent, name);
    if (!found) {
      return name_the_clash(parent, name, std::move(found).error());
    }
  }
  if (changed || parents == sync_parents::all) {
    SPILLWAY_TRY(sync_directory(parent, name));
  }
  return found;
}

// Most file systems tell the kind with the name; the others are asked.
entry_kind kind_of(int directory, const dirent& raw) {
  switch (raw.d_type) {
    case DT_REG: return entry_kind::file;
    case DT_DIR: return entry_kind::directory;
    case DT_LNK: return entry_kind::link;
    case DT_UNKNOWN: break;
    default: return entry_kind::other;
  }
  const auto state = state_of(directory, raw.d_name);
  return state && *state ? (*state)->kind : entry_kind::other;
}

}  // namespace

result<descriptor> open_directory(const std::filesystem::path& path) {
  descriptor directory(::open(path.c_str(), directory_flags));
  if (directory) {
    return directory;
  }
  const std::string doing = "opening directory " + base::printable(path.string());
  if (errno == ENOTDIR) {
    return failure{errc::conflict, doing, "it is not a directory", {}};
  }
  return base::from_errno(errno, doing);
}

namespace {

// Who may not look into a directory can't sync it either, and has not made anything in it.
result<void> sync_if_readable(const std::filesystem::path& path) {
  const descriptor directory(::open(path.c_str(), directory_flags));
  if (directory) {
    return sync_directory(directory.get(), path.string());
  }
  return errno == EACCES ? result<void>()
                         : base::from_errno(errno, "opening directory " + base::printable(path.string()));
}

}  // namespace

result<void> make_directories(const std::filesystem::path& path) {
  std::filesystem::path made = path.is_absolute() ? path.root_path() : std::filesystem::path(".");
  std::filesystem::path last_found_in = made;
  for (const std::filesystem::path& segment : path.relative_path()) {
    if (segment.empty()) {
      continue;
    }
    const std::filesystem::path parent = made;
    made /= segment;
    if (::mkdir(made.c_str(), 0777) == 0) {
      SPILLWAY_TRY_ASSIGN(const descriptor directory, open_directory(parent));
      SPILLWAY_TRY(sync_directory(directory.get(), made.string()));
    } else if (errno == EEXIST || errno == EISDIR) {
      last_found_in = parent;
    } else {
      return base::from_errno(errno, "making directory " + base::printable(made.string()));
    }
  }
  SPILLWAY_TRY(open_directory(path));
  // An earlier call may have ended between making that directory and the sync: those above it were synced before.
  return sync_if_readable(last_found_in);
}

result<descriptor> open_beneath(int root, std::string_view relative) {
  descriptor here(::openat(root, ".", directory_flags));
  if (!here) {
    return base::from_errno(errno, "opening a directory");
  }
  for (std::string_view rest = relative; !rest.empty();) {
    const std::string segment = take_segment(rest);
    if (segment.empty()) {
      return bad_segment(relative);
    }
    SPILLWAY_TRY_ASSIGN(here, open_child(here.get(), segment));
  }
  return here;
}

result<descriptor> make_beneath(int root, std::string_view relative, sync_parents parents) {
  descriptor here(::openat(root, ".", directory_flags));
  if (!here) {
    return base::from_errno(errno, "opening a directory");
  }
  for (std::string_view rest = relative; !rest.empty();) {
    const std::string segment = take_segment(rest);
    if (segment.empty()) {
      return bad_segment(relative);
    }
    SPILLWAY_TRY_ASSIGN(here, make_child(here.get(), segment, parents));
  }
  return here;
}

result<void> sync_directory(int directory, std::string_view name) {
  // Some file systems can't sync a directory and say so with EINVAL: there is nothing to do better there.
  if (::fsync(directory) != 0 && errno != EINVAL) {
    return base::from_errno(errno, "syncing the directory of " + base::printable(name));
  }
  return {};
}

result<std::vector<directory_entry>> read_directory(int directory) {
  // A descriptor of its own: reading moves the position, which duplicates would share.
  descriptor own(::openat(directory, ".", directory_flags));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(own ? ::fdopendir(own.get()) : nullptr, ::closedir);
  if (!stream) {
    return base::from_errno(errno, "reading a directory");
  }
  const int number = own.release();
  std::vector<directory_entry> entries;
  for (;;) {
    errno = 0;
    const dirent* raw = ::readdir(stream.get());
    if (raw == nullptr) {
      break;
    }
    if (raw->d_name != std::string_view(".") && raw->d_name != std::string_view("..")) {
      entries.push_back({raw->d_name, kind_of(number, *raw)});
    }
  }
  if (errno != 0) {
    return base::from_errno(errno, "reading a directory");
  }
  return entries;
}

result<void> remove_flat_directory(int directory, const std::string& name) {
  auto opened = open_beneath(directory, name);
  if (!opened) {
    return opened.error().code == errc::not_found ? result<void>() : result<void>(opened.error());
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<directory_entry> entries, read_directory(opened->get()));
  for (const directory_entry& entry : entries) {
    if (entry.kind != entry_kind::directory && ::unlinkat(opened->get(), entry.name.c_str(), 0) != 0 &&
        errno != ENOENT) {
      return base::from_errno(errno, "removing " + base::printable(entry.name));
    }
  }
  if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return base::from_errno(errno, "removing directory " + base::printable(name));
  }
  return {};
}

std::string random_name() {
  std::array<unsigned char, 16> bytes{};
  // 16 bytes are never given in part once the kernel's generator is seeded, which getrandom waits for.
  SPILLWAY_ASSERT(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  return base::to_hex(bytes);
}

}  // namespace spillway::fs
