#include "bucket/mirror_staging.hpp"

#include "bucket/mirror_paths.hpp"
#include "fs/directory.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace spillway::bucket {
namespace {

constexpr std::string_view staging_path = ".spillway/tmp";
constexpr int attempts_max = 16;

// A file system that ignores case finds the private directory under this name too.
result<void> check_case(int root) {
  SPILLWAY_TRY_ASSIGN(const auto state, fs::state_of(root, ".SPILLWAY"));
  SPILLWAY_TRY_ASSIGN(const auto private_state, fs::state_of(root, std::string(mirror_private)));
  if (state && private_state && state->identity.inode == private_state->identity.inode) {
    return failure{errc::invalid,
                   "using the directory as a bucket",
                   "its file system takes upper and lower case for the same, so that two keys could be one file",
                   {}};
  }
  return {};
}

}  // namespace

mirror_staging::~mirror_staging() {
  if (!directory_) {
    return;
  }
  if (const auto parent = fs::open_beneath(root_, staging_path); parent) {
    // Whoever sweeps meanwhile does the same; there is nobody to tell of a failure.
    (void)fs::remove_flat_directory(parent->get(), name_);
  }
}

result<fs::atomic_file> mirror_staging::create(mode_t mode) {
  {
    const std::lock_guard lock(mutex_);
    if (!directory_) {
      SPILLWAY_TRY(make_directory());
    }
  }
  const std::uint64_t number = made_.fetch_add(1, std::memory_order_relaxed);
  return fs::atomic_file::create(directory_.get(), std::to_string(number), mode);
}

result<void> mirror_staging::make_directory() {
  SPILLWAY_TRY_ASSIGN(const fs::descriptor parent, fs::make_beneath(root_, staging_path, fs::sync_parents::of_new));
  SPILLWAY_TRY(check_case(root_));
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    SPILLWAY_TRY_ASSIGN(const bool made, try_directory(parent.get()));
    if (made) {
      return {};
    }
  }
  return failure{errc::io, "making a temporary directory", "others removed it again and again", {}};
}

// false: somebody swept the new directory before it was locked.
result<bool> mirror_staging::try_directory(int parent) {
  std::string name = fs::random_name();
  if (::mkdirat(parent, name.c_str(), 0700) != 0) {
    return base::from_errno(errno, "making a temporary directory");
  }
  auto opened = fs::open_beneath(parent, name);
  if (!opened) {
    return opened.error().code == errc::not_found ? result<bool>(false) : result<bool>(opened.error());
  }
  // On a file system without locks the sweep of others can't lock either, and leaves the directory alone.
  if (::flock(opened->get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return false;
  }
  SPILLWAY_TRY_ASSIGN(const auto state, fs::state_of(parent, name));
  if (!state) {
    return false;
  }
  directory_ = std::move(*opened);
  name_ = std::move(name);
  return true;
}

void mirror_staging::sweep(int root) {
  const auto parent = fs::open_beneath(root, staging_path);
  if (!parent) {
    return;
  }
  const auto entries = fs::read_directory(parent->get());
  if (!entries) {
    return;
  }
  for (const fs::directory_entry& entry : *entries) {
    const auto owned = fs::open_beneath(parent->get(), entry.name);
    if (owned && ::flock(owned->get(), LOCK_EX | LOCK_NB) == 0) {
      (void)fs::remove_flat_directory(parent->get(), entry.name);
    }
  }
}

}  // namespace spillway::bucket
