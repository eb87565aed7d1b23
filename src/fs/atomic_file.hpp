// A file that appears under its name whole and durable, or not at all.
//
// The bytes go to a temporary name that nobody else uses, are synced, and are renamed; then the directory is synced.
// Without the first sync a power cut may leave an empty file under the name, without the second the name may be gone.
// A sync that failed is not repeated: the kernel has dropped the pages it could not write, and a second sync would say
// that all is well. The file is thrown away instead, and whoever wants it writes it again.
#pragma once

#include "base/result.hpp"
#include "fs/descriptor.hpp"
#include "fs/file_identity.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace spillway::fs {

enum class replace { yes, no };
enum class durability { synced, unsynced };

// Renames without following links. 0, or errno; EEXIST with replace::no when `to` is there.
int rename_entry(int from_directory, const std::string& from, int to_directory, const std::string& to, replace what);

// Thread rule: one thread at a time. Movable. Until it has its name, the destructor removes it.
class atomic_file {
public:
  // Makes `temporary` in the open `directory`, which must stay open as long as this lives; mode is cut by the umask.
  // errc::conflict: that name is there, be it as a symbolic link.
  static result<atomic_file> create(int directory, std::string temporary, mode_t mode);
  ~atomic_file();
  atomic_file(atomic_file&& other) noexcept;
  atomic_file& operator=(atomic_file&& other) = delete;

  // Appends. Small pieces are gathered, large ones go to the kernel as they are.
  result<void> write(std::string_view bytes);

  // Appends all of an open file from its first byte, inside the kernel where the file system can.
  result<void> append_file(int file, std::uint64_t bytes);

  // Writes what is left, syncs and closes. Nothing can be written any more. The identity stays when it is renamed. Its
  // modification time is set to now in full: what the kernel sets may be the same for all files of some milliseconds,
  // and a number of an inode comes again as soon as its file is gone.
  result<file_identity> seal(durability wanted);

  // Gives the sealed file its name. 0, or errno as rename_entry. The caller syncs `directory` afterwards.
  int rename_to(int directory, const std::string& name, replace what);

  // The whole end in one: seal, rename, sync of the directory. errc::conflict: replace::no, and the name is taken.
  result<void> commit(int directory, const std::string& name, replace what);

private:
  atomic_file(int directory, std::string temporary, descriptor file);
  result<void> write_through(std::string_view bytes);
  result<void> flush();
  void start_writing_back(std::uint64_t bytes);

  int directory_;
  std::string temporary_;  // empty: it has its name
  descriptor file_;
  std::string gathered_;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t given_bytes_ = 0;  // of these, to the disk already
};

// Writes a small file in one go, beside itself and renamed. Its directory must be there.
result<void> write_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode);

}  // namespace spillway::fs
