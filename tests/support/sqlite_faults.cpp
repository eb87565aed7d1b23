#include "support/sqlite_faults.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

#include <sqlite3.h>

namespace spillway::test {
namespace {

// As long as a database waits for a lock (db/sqlite.cpp), and a little more.
constexpr std::int64_t busy_us = 31'000'000;

enum class step { read, write, sync, lock, other };

struct injector {
  std::mutex mutex;  // over all that follows
  bool is_armed = false;
  sqlite_fault kind = sqlite_fault::error;
  std::int64_t nth = 0;
  std::int64_t steps = 0;
  std::int64_t slept_us = 0;  // since the first lock that was refused
  std::string fired_at;
};

injector& the_injector() {
  static auto* const made = new injector;
  return *made;
}

bool can_strike(sqlite_fault kind, step what) {
  switch (kind) {
    case sqlite_fault::error: return true;
    case sqlite_fault::full: return what == step::write;
    case sqlite_fault::busy: return what == step::lock;
  }
  return false;
}

bool strikes(step what, const char* name, const char* path) {
  injector& in = the_injector();
  const std::scoped_lock lock(in.mutex);
  if (!in.is_armed || !can_strike(in.kind, what)) {
    return false;
  }
  const std::int64_t number = ++in.steps;
  const bool is_lasting = in.kind == sqlite_fault::full || (in.kind == sqlite_fault::busy && in.slept_us < busy_us);
  const bool is_struck = is_lasting ? number >= in.nth : number == in.nth;
  if (is_struck && in.fired_at.empty()) {
    in.fired_at = std::string(name) + " of " + (path == nullptr ? "a temporary file" : path);
  }
  return is_struck;
}

// What a step that was struck gives back: `usual`, but for full disks and taken locks.
int failure_of(int usual) {
  const std::scoped_lock lock(the_injector().mutex);
  switch (the_injector().kind) {
    case sqlite_fault::error: return usual;
    case sqlite_fault::full: return SQLITE_FULL;
    case sqlite_fault::busy: return SQLITE_BUSY;
  }
  return usual;
}

// A file of SQLite's; behind it in memory is the real one.
struct file {
  sqlite3_file base;
  const char* path;  // SQLite's, which lives as long as the file

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

file& of(sqlite3_file* given) { return *reinterpret_cast<file*>(given); }

template <class Call>
int pass(sqlite3_file* given, step what, const char* name, int usual, const Call& call) {
  if (strikes(what, name, of(given).path)) {
    return failure_of(usual);
  }
  return call(of(given).real());
}

int close_file(sqlite3_file* given) { return of(given).real()->pMethods->xClose(of(given).real()); }

int read_file(sqlite3_file* given, void* into, int bytes, sqlite3_int64 at) {
  return pass(given, step::read, "xRead", SQLITE_IOERR_READ,
              [&](sqlite3_file* real) { return real->pMethods->xRead(real, into, bytes, at); });
}
int write_file(sqlite3_file* given, const void* from, int bytes, sqlite3_int64 at) {
  return pass(given, step::write, "xWrite", SQLITE_IOERR_WRITE,
              [&](sqlite3_file* real) { return real->pMethods->xWrite(real, from, bytes, at); });
}
int truncate_file(sqlite3_file* given, sqlite3_int64 bytes) {
  return pass(given, step::other, "xTruncate", SQLITE_IOERR_TRUNCATE,
              [&](sqlite3_file* real) { return real->pMethods->xTruncate(real, bytes); });
}
int sync_file(sqlite3_file* given, int flags) {
  return pass(given, step::sync, "xSync", SQLITE_IOERR_FSYNC,
              [&](sqlite3_file* real) { return real->pMethods->xSync(real, flags); });
}
int size_of_file(sqlite3_file* given, sqlite3_int64* bytes) {
  return pass(given, step::other, "xFileSize", SQLITE_IOERR_FSTAT,
              [&](sqlite3_file* real) { return real->pMethods->xFileSize(real, bytes); });
}
int lock_file(sqlite3_file* given, int level) {
  return pass(given, step::lock, "xLock", SQLITE_IOERR_LOCK,
              [&](sqlite3_file* real) { return real->pMethods->xLock(real, level); });
}
// Giving a lock back fails with a closed descriptor alone.
int unlock_file(sqlite3_file* given, int level) { return of(given).real()->pMethods->xUnlock(of(given).real(), level); }
int check_reserved(sqlite3_file* given, int* is_reserved) {
  return of(given).real()->pMethods->xCheckReservedLock(of(given).real(), is_reserved);
}
int control_file(sqlite3_file* given, int what, void* with) {
  return of(given).real()->pMethods->xFileControl(of(given).real(), what, with);
}
int sector_size(sqlite3_file* given) { return of(given).real()->pMethods->xSectorSize(of(given).real()); }
int characteristics(sqlite3_file* given) {
  return of(given).real()->pMethods->xDeviceCharacteristics(of(given).real());
}
int map_shared(sqlite3_file* given, int region, int bytes, int extend, void volatile** mapped) {
  return pass(given, step::other, "xShmMap", SQLITE_IOERR_SHMMAP,
              [&](sqlite3_file* real) { return real->pMethods->xShmMap(real, region, bytes, extend, mapped); });
}
int lock_shared(sqlite3_file* given, int first, int count, int flags) {
  if ((flags & SQLITE_SHM_LOCK) == 0) {
    return of(given).real()->pMethods->xShmLock(of(given).real(), first, count, flags);
  }
  return pass(given, step::lock, "xShmLock", SQLITE_IOERR_SHMLOCK,
              [&](sqlite3_file* real) { return real->pMethods->xShmLock(real, first, count, flags); });
}
void barrier(sqlite3_file* given) { of(given).real()->pMethods->xShmBarrier(of(given).real()); }
int unmap_shared(sqlite3_file* given, int removes) {
  return of(given).real()->pMethods->xShmUnmap(of(given).real(), removes);
}

// Version 2: without xFetch, so that pages are always read by xRead.
const sqlite3_io_methods methods = {
    2,           close_file,  read_file,      write_file,   truncate_file, sync_file,       size_of_file,
    lock_file,   unlock_file, check_reserved, control_file, sector_size,   characteristics, map_shared,
    lock_shared, barrier,     unmap_shared,   nullptr,      nullptr};

sqlite3_vfs& real_vfs() {
  static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
  return *found;
}

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* made, int flags, int* flags_out) {
  made->pMethods = nullptr;
  if (strikes(step::other, "xOpen", path)) {
    return SQLITE_CANTOPEN;
  }
  of(made).path = path;
  const int code = real_vfs().xOpen(&real_vfs(), path, of(made).real(), flags, flags_out);
  made->pMethods = code == SQLITE_OK ? &methods : nullptr;
  return code;
}

int remove_file(sqlite3_vfs*, const char* path, int syncs) {
  return strikes(step::other, "xDelete", path) ? SQLITE_IOERR_DELETE : real_vfs().xDelete(&real_vfs(), path, syncs);
}

int sleep_us(sqlite3_vfs*, int us) {
  injector& in = the_injector();
  {
    const std::scoped_lock lock(in.mutex);
    if (in.is_armed && in.kind == sqlite_fault::busy && !in.fired_at.empty() && in.slept_us < busy_us) {
      in.slept_us += us;
      return us;
    }
  }
  return real_vfs().xSleep(&real_vfs(), us);
}

sqlite3_vfs& own_vfs() {
  static sqlite3_vfs own = [] {
    sqlite3_vfs made = real_vfs();
    made.szOsFile += static_cast<int>(sizeof(file));
    made.zName = "spillway-faults";
    made.pNext = nullptr;
    made.xOpen = open_file;
    made.xDelete = remove_file;
    made.xSleep = sleep_us;
    return made;
  }();
  return own;
}

}  // namespace

sqlite_faults::sqlite_faults() {
  real_vfs();
  BOOST_REQUIRE(sqlite3_vfs_register(&own_vfs(), 1) == SQLITE_OK);
}

sqlite_faults::~sqlite_faults() {
  disarm();
  sqlite3_vfs_register(&real_vfs(), 1);
}

void sqlite_faults::arm(sqlite_fault kind, std::int64_t nth) {
  injector& in = the_injector();
  const std::scoped_lock lock(in.mutex);
  in.kind = kind;
  in.nth = nth;
  in.steps = 0;
  in.slept_us = 0;
  in.fired_at.clear();
  in.is_armed = true;
}

void sqlite_faults::disarm() {
  const std::scoped_lock lock(the_injector().mutex);
  the_injector().is_armed = false;
}

std::string sqlite_faults::fired_at() const {
  const std::scoped_lock lock(the_injector().mutex);
  return the_injector().fired_at;
}

}  // namespace spillway::test
