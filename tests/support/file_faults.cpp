#include "support/file_faults.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <limits>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include <boost/icl/interval_set.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace spillway::test {
namespace {

// What an operation does, as far as faults tell them apart.
enum class effect { look, change, write, sync, end };

using byte_ranges = boost::icl::interval_set<off_t>;
using byte_range = byte_ranges::interval_type;

byte_range range_of(off_t at, ssize_t bytes) { return byte_range::right_open(at, at + std::max<ssize_t>(bytes, 0)); }

// What the disk has of a file: the kernel drops the pages that it can't write, and from then on shows them in memory as
// if they were written.
struct written_file {
  byte_ranges unsynced;  // since the last sync
  byte_ranges lost;      // dropped behind a sync that failed, and not written again
};

struct injector {
  std::atomic<bool> is_watching = false;
  std::mutex mutex;  // over all that follows
  std::string below;
  bool is_armed = false;
  file_fault kind = file_fault::error;
  std::int64_t nth = 0;
  std::int64_t operations = 0;
  std::string fired_at;
  std::map<std::pair<dev_t, ino_t>, written_file> files;
  std::vector<std::string> repeated_syncs;
  std::map<std::pair<dev_t, ino_t>, std::string> unsynced_directories;
};

// Never destroyed: threads may still close files when the process ends.
injector& the_injector() {
  static auto* const made = new injector;
  return *made;
}

// ---- what an operation is about

std::string link_text(const std::string& link) {
  char text[4'096];
  const ssize_t bytes = ::readlink(link.c_str(), text, sizeof text);
  return bytes > 0 ? std::string(text, static_cast<std::size_t>(bytes)) : std::string();
}

std::string path_of(int file) { return link_text("/proc/self/fd/" + std::to_string(file)); }

std::string path_in(int directory, const char* path) {
  if (path[0] == '/' || directory == AT_FDCWD) {
    return path;
  }
  const std::string_view relative(path);
  return path_of(directory) + (relative == "." ? "" : "/" + std::string(relative));
}

bool is_below(const injector& in, std::string_view path) {
  return path.starts_with(in.below) && (path.size() == in.below.size() || path[in.below.size()] == '/');
}

bool is_database(std::string_view path) { return path.ends_with(".db"); }
bool is_log(std::string_view path) { return path.ends_with(".db-wal"); }

using file_key = std::pair<dev_t, ino_t>;

file_key key_of(const struct stat& state) { return {state.st_dev, state.st_ino}; }

struct stat state_of(int file) {
  struct stat state{};
  ::fstat(file, &state);
  return state;
}
file_key key_of(int file) { return key_of(state_of(file)); }

// ---- whether it fails

bool can_strike(file_fault kind, effect what) {
  switch (kind) {
    case file_fault::error: return true;
    case file_fault::short_write: return what == effect::write;
    case file_fault::full: return what == effect::write || what == effect::change;
    case file_fault::dead: return what != effect::end;
  }
  return false;
}

bool is_lasting(file_fault kind) { return kind == file_fault::full || kind == file_fault::dead; }

// REQUIRES: the lock.
bool strikes(injector& in, effect what, std::string_view name, const std::string& path) {
  if (!in.is_armed || !can_strike(in.kind, what)) {
    return false;
  }
  const std::int64_t number = ++in.operations;
  const bool is_struck = is_lasting(in.kind) ? number >= in.nth : number == in.nth;
  if (is_struck && in.fired_at.empty()) {
    in.fired_at = std::string(name) + " of " + path;
  }
  return is_struck;
}

enum class fate { real, half, fails };  // fails: errno says how

fate fate_of(injector& in, effect what, std::string_view name, const std::string& path) {
  if (!strikes(in, what, name, path)) {
    return fate::real;
  }
  errno = in.kind == file_fault::full ? ENOSPC : EIO;
  return in.kind == file_fault::short_write ? fate::half : fate::fails;
}

// Looks that cost nothing when no test watches.
fate on_path(effect what, std::string_view name, int directory, const char* path) {
  injector& in = the_injector();
  if (!in.is_watching.load(std::memory_order_acquire)) {
    return fate::real;
  }
  const std::string whole = path_in(directory, path);
  const std::scoped_lock lock(in.mutex);
  return is_below(in, whole) ? fate_of(in, what, name, whole) : fate::real;
}

fate on_file(effect what, std::string_view name, int file) {
  injector& in = the_injector();
  if (!in.is_watching.load(std::memory_order_acquire)) {
    return fate::real;
  }
  const std::string path = path_of(file);
  const std::scoped_lock lock(in.mutex);
  return is_below(in, path) ? fate_of(in, what, name, path) : fate::real;
}

// `which` was written, or cut off.
void on_written(int file, byte_range which) {
  injector& in = the_injector();
  if (!in.is_watching.load(std::memory_order_acquire) || boost::icl::is_empty(which)) {
    return;
  }
  const std::string path = path_of(file);
  const std::scoped_lock lock(in.mutex);
  if (!is_below(in, path)) {
    return;
  }
  written_file& known = in.files[key_of(file)];
  // The sums of SQLite's log run on from frame to frame: behind a frame that was written anew, and behind a new header,
  // what was there counts no more.
  if (is_log(path) &&
      (which.lower() == 0 || (!known.lost.empty() && boost::icl::contains(which, boost::icl::lower(known.lost))))) {
    known.lost.clear();
  }
  // Only databases are repaired: another file is thrown away.
  if (is_database(path)) {
    known.lost.subtract(which);
  }
  known.unsynced.add(which);
}

fate on_sync(std::string_view name, int file) {
  injector& in = the_injector();
  if (!in.is_watching.load(std::memory_order_acquire)) {
    return fate::real;
  }
  const std::string path = path_of(file);
  const std::scoped_lock lock(in.mutex);
  if (!is_below(in, path)) {
    return fate::real;
  }
  const fate found = fate_of(in, effect::sync, name, path);
  const struct stat state = state_of(file);
  if (!S_ISREG(state.st_mode)) {
    if (found == fate::real) {
      in.unsynced_directories.erase(key_of(state));
    }
    return found;
  }
  written_file& known = in.files[key_of(state)];
  if (!known.lost.empty()) {
    in.repeated_syncs.push_back(path);
  }
  if (found != fate::real) {
    known.lost += known.unsynced;
  }
  known.unsynced.clear();
  return found;
}

// An entry was made, replaced or removed: what its directory's next sync is for.
void entry_changed(int directory, const char* path) {
  injector& in = the_injector();
  if (!in.is_watching.load(std::memory_order_acquire)) {
    return;
  }
  const int before = errno;
  const std::filesystem::path parent = std::filesystem::path(path_in(directory, path)).parent_path();
  struct stat state{};
  const bool is_found = ::stat(parent.c_str(), &state) == 0;
  const std::scoped_lock lock(in.mutex);
  if (is_found && is_below(in, parent.string())) {
    in.unsynced_directories[key_of(state)] = parent.string();
  }
  errno = before;
}

// The number of a file that has gone is given to another one.
struct leaving {
  leaving(int directory, const char* path) {
    struct stat state{};
    if (the_injector().is_watching.load(std::memory_order_acquire) &&
        ::fstatat(directory, path, &state, AT_SYMLINK_NOFOLLOW) == 0 &&
        (S_ISDIR(state.st_mode) || state.st_nlink == 1)) {
      key = key_of(state);
    }
  }
  void left() const {
    if (key != file_key()) {
      const std::scoped_lock lock(the_injector().mutex);
      the_injector().files.erase(key);
      the_injector().unsynced_directories.erase(key);
    }
  }
  file_key key;
};

void* next(const char* name, std::atomic<void*>& known) {
  void* found = known.load(std::memory_order_relaxed);
  if (found == nullptr) {
    found = ::dlsym(RTLD_NEXT, name);
    if (found == nullptr) {
      std::abort();
    }
    known.store(found, std::memory_order_relaxed);
  }
  return found;
}

}  // namespace

file_faults::file_faults(const std::filesystem::path& below) {
  injector& in = the_injector();
  const std::scoped_lock lock(in.mutex);
  in.below = below.string();
  in.is_armed = false;
  in.operations = 0;
  in.fired_at.clear();
  in.files.clear();
  in.repeated_syncs.clear();
  in.unsynced_directories.clear();
  in.is_watching.store(true, std::memory_order_release);
}

file_faults::~file_faults() { the_injector().is_watching.store(false, std::memory_order_release); }

void file_faults::arm(file_fault kind, std::int64_t nth) {
  injector& in = the_injector();
  const std::scoped_lock lock(in.mutex);
  in.kind = kind;
  in.nth = nth;
  in.operations = 0;
  in.fired_at.clear();
  in.is_armed = true;
}

void file_faults::disarm() {
  const std::scoped_lock lock(the_injector().mutex);
  the_injector().is_armed = false;
}

bool file_faults::has_fired() const { return !fired_at().empty(); }

std::string file_faults::fired_at() const {
  const std::scoped_lock lock(the_injector().mutex);
  return the_injector().fired_at;
}

std::vector<std::string> file_faults::repeated_syncs() const {
  const std::scoped_lock lock(the_injector().mutex);
  return the_injector().repeated_syncs;
}

std::vector<std::string> file_faults::unsynced_directories(const std::filesystem::path& below) const {
  injector& in = the_injector();
  const std::scoped_lock lock(in.mutex);
  std::vector<std::string> all;
  for (const auto& [key, path] : in.unsynced_directories) {
    if (path.starts_with(below.string()) && path.find("/.spillway") == std::string::npos) {
      all.push_back(path);
    }
  }
  return all;
}

std::vector<std::string> file_faults::unsynced_files(const std::filesystem::path& below) const {
  std::vector<std::string> all;
  if (!std::filesystem::exists(below)) {
    return all;
  }
  for (const auto& each : std::filesystem::recursive_directory_iterator(below)) {
    struct stat state{};
    if (!each.is_regular_file() || each.path().string().find("/.spillway") != std::string::npos ||
        ::stat(each.path().c_str(), &state) != 0) {
      continue;
    }
    injector& in = the_injector();
    const std::scoped_lock lock(in.mutex);
    if (const auto known = in.files.find(key_of(state)); known != in.files.end() && !known->second.unsynced.empty()) {
      all.push_back(each.path().string());
    }
  }
  return all;
}

}  // namespace spillway::test

// ---- in place of libc's

using spillway::test::byte_range;
using spillway::test::effect;
using spillway::test::entry_changed;
using spillway::test::fate;
using spillway::test::leaving;
using spillway::test::next;
using spillway::test::on_file;
using spillway::test::on_path;
using spillway::test::on_sync;
using spillway::test::on_written;
using spillway::test::range_of;

// The function of the same name behind this binary: libc's, or a sanitizer's.
#define NEXT(name)                             \
  reinterpret_cast<decltype(&::name)>([] {     \
    static std::atomic<void*> known = nullptr; \
    return next(#name, known);                 \
  }())

namespace {

mode_t mode_of(int flags, va_list& rest) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(rest, int)) : mode_t{0};
}
effect effect_of(int flags) { return (flags & O_CREAT) != 0 ? effect::change : effect::look; }

// `real` writes so many of the bytes, at `at` of the file.
template <class Write>
ssize_t write_some(std::string_view name, int file, std::size_t bytes, off_t at, const Write& real) {
  const fate found = on_file(effect::write, name, file);
  if (found == fate::fails) {
    return -1;
  }
  const ssize_t written = real(found == fate::half ? (bytes + 1) / 2 : bytes);
  on_written(file, range_of(at, written));
  return written;
}
off_t position_of(int file) { return ::lseek(file, 0, SEEK_CUR); }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return on_path(effect_of(flags), "open", AT_FDCWD, path) == fate::real ? NEXT(open)(path, flags, mode) : -1;
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return on_path(effect_of(flags), "open", AT_FDCWD, path) == fate::real ? NEXT(open64)(path, flags, mode) : -1;
}

int openat(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return on_path(effect_of(flags), "openat", directory, path) == fate::real ? NEXT(openat)(directory, path, flags, mode)
                                                                            : -1;
}

int close(int file) {
  const fate found = on_file(effect::end, "close", file);
  const int closed = NEXT(close)(file);
  if (found != fate::real) {
    errno = EIO;
    return -1;
  }
  return closed;
}

ssize_t read(int file, void* into, std::size_t bytes) {
  return on_file(effect::look, "read", file) == fate::real ? NEXT(read)(file, into, bytes) : -1;
}
ssize_t pread(int file, void* into, std::size_t bytes, off_t at) {
  return on_file(effect::look, "pread", file) == fate::real ? NEXT(pread)(file, into, bytes, at) : -1;
}
ssize_t pread64(int file, void* into, std::size_t bytes, off64_t at) {
  return on_file(effect::look, "pread", file) == fate::real ? NEXT(pread64)(file, into, bytes, at) : -1;
}

ssize_t write(int file, const void* from, std::size_t bytes) {
  return write_some("write", file, bytes, position_of(file),
                    [&](std::size_t some) { return NEXT(write)(file, from, some); });
}
ssize_t pwrite(int file, const void* from, std::size_t bytes, off_t at) {
  return write_some("pwrite", file, bytes, at, [&](std::size_t some) { return NEXT(pwrite)(file, from, some, at); });
}
ssize_t pwrite64(int file, const void* from, std::size_t bytes, off64_t at) {
  return write_some("pwrite", file, bytes, at, [&](std::size_t some) { return NEXT(pwrite64)(file, from, some, at); });
}
ssize_t copy_file_range(int from, off64_t* from_at, int to, off64_t* to_at, std::size_t bytes, unsigned flags) {
  return write_some("copy_file_range", to, bytes, to_at != nullptr ? *to_at : position_of(to),
                    [&](std::size_t some) { return NEXT(copy_file_range)(from, from_at, to, to_at, some, flags); });
}
int ftruncate64(int file, off64_t bytes) noexcept {
  if (on_file(effect::change, "ftruncate", file) != fate::real) {
    return -1;
  }
  const int cut = NEXT(ftruncate64)(file, bytes);
  if (cut == 0) {
    on_written(file, byte_range::right_open(bytes, std::numeric_limits<off_t>::max()));
  }
  return cut;
}

int fsync(int file) { return on_sync("fsync", file) == fate::real ? NEXT(fsync)(file) : -1; }
int fdatasync(int file) { return on_sync("fdatasync", file) == fate::real ? NEXT(fdatasync)(file) : -1; }

int mkdir(const char* path, mode_t mode) noexcept {
  if (on_path(effect::change, "mkdir", AT_FDCWD, path) != fate::real) {
    return -1;
  }
  const int made = NEXT(mkdir)(path, mode);
  if (made == 0) {
    entry_changed(AT_FDCWD, path);
  }
  return made;
}
int mkdirat(int directory, const char* path, mode_t mode) noexcept {
  if (on_path(effect::change, "mkdirat", directory, path) != fate::real) {
    return -1;
  }
  const int made = NEXT(mkdirat)(directory, path, mode);
  if (made == 0) {
    entry_changed(directory, path);
  }
  return made;
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  if (on_path(effect::change, "renameat", to_directory, to) != fate::real) {
    return -1;
  }
  const int made = NEXT(renameat)(from_directory, from, to_directory, to);
  if (made == 0) {
    entry_changed(to_directory, to);
  }
  return made;
}
int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) noexcept {
  if (on_path(effect::change, "renameat2", to_directory, to) != fate::real) {
    return -1;
  }
  const int made = NEXT(renameat2)(from_directory, from, to_directory, to, flags);
  if (made == 0) {
    entry_changed(to_directory, to);
  }
  return made;
}

int unlink(const char* path) noexcept {
  if (on_path(effect::look, "unlink", AT_FDCWD, path) != fate::real) {
    return -1;
  }
  const leaving which(AT_FDCWD, path);
  const int gone = NEXT(unlink)(path);
  if (gone == 0) {
    which.left();
    entry_changed(AT_FDCWD, path);
  }
  return gone;
}
int unlinkat(int directory, const char* path, int flags) noexcept {
  if (on_path(effect::look, "unlinkat", directory, path) != fate::real) {
    return -1;
  }
  const leaving which(directory, path);
  const int gone = NEXT(unlinkat)(directory, path, flags);
  if (gone == 0) {
    which.left();
    entry_changed(directory, path);
  }
  return gone;
}

}  // extern "C"
