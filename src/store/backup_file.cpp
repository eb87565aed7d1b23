#include "store/backup_file.hpp"

#include "fs/atomic_file.hpp"
#include "fs/directory.hpp"
#include "fs/file_identity.hpp"
#include "store/file_lock.hpp"

#include <cerrno>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spillway::store {
namespace {

constexpr std::chrono::milliseconds no_wait{0};

failure is_under_way() { return {errc::locked, {}, "another process copies to it just now", "wait for its end"}; }

// The temporary file, empty and locked. Only who has its lock renames or removes it, so that with the lock, and under
// its name, it stays there.
result<fs::descriptor> take_temporary(int directory, const std::string& name) {
  fs::descriptor file(::openat(directory, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) {
    return base::from_errno(errno, "making " + name);
  }
  SPILLWAY_TRY_ASSIGN(const bool is_taken, take_file_lock(file.get(), no_wait));
  SPILLWAY_TRY_ASSIGN(const auto opened, fs::state_of(file.get()));
  SPILLWAY_TRY_ASSIGN(const auto there, fs::state_of(directory, name));
  if (!is_taken || !there || there->identity.inode != opened.identity.inode) {
    return is_under_way();
  }
  // Changing the mode is refused for a file of somebody else, who could read the copy.
  if (::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0 || ::ftruncate(file.get(), 0) != 0) {
    return base::from_errno(errno, "using " + name);
  }
  return file;
}

result<void> write_whole(db::database& state, const std::filesystem::path& temporary, int file) {
  SPILLWAY_TRY(state.copy_to(temporary));
  return ::fsync(file) == 0 ? result<void>() : base::from_errno(errno, "syncing it");
}

result<void> give_name(int directory, const std::string& temporary, const std::string& name) {
  const int error_number = fs::rename_entry(directory, temporary, directory, name, fs::replace::no);
  return error_number == 0 ? fs::sync_directory(directory, name) : base::from_errno(error_number, {});
}

}  // namespace

result<void> write_backup(db::database& state, const std::filesystem::path& target,
                          const std::function<result<void>()>& is_whole) {
  if (!target.has_filename()) {
    return failure{
        errc::usage, {}, "it names a directory", fmt::format("name a file: {}", (target / "spillway.db").string())};
  }
  const std::filesystem::path parent = target.has_parent_path() ? target.parent_path() : ".";
  const std::string name = target.filename().string();
  const std::string temporary_name = "." + name + ".spillway-backup";
  const std::filesystem::path temporary = parent / temporary_name;
  SPILLWAY_TRY_ASSIGN(const fs::descriptor directory, fs::open_directory(parent));
  SPILLWAY_TRY_ASSIGN(const auto there, fs::state_of(directory.get(), name));
  if (there) {
    return failure{errc::conflict, {}, "it is there already", "name a file that is not there yet"};
  }
  SPILLWAY_TRY_ASSIGN(const fs::descriptor file, take_temporary(directory.get(), temporary_name));
  db::remove_beside(temporary);
  auto made = write_whole(state, temporary, file.get());
  if (made) {
    made = is_whole();
  }
  if (made) {
    made = give_name(directory.get(), temporary_name, name);
  }
  if (!made) {
    ::unlinkat(directory.get(), temporary_name.c_str(), 0);
    db::remove_beside(temporary);
  }
  return made;
}

}  // namespace spillway::store
