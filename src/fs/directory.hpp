// Directories: opened, made durably, read. "Beneath" functions never leave the directory that they start from: they go
// down one segment at a time, follow no symbolic link, and take neither "." nor "..".
//
// Thread rule: all functions may be called from any thread.
#pragma once

#include "base/result.hpp"
#include "fs/descriptor.hpp"
#include "fs/file_identity.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::fs {

// Opens a directory that the operator named: symbolic links in `path` are followed. errc::not_found: nothing is there.
// errc::conflict: something else than a directory is there.
result<descriptor> open_directory(const std::filesystem::path& path);

// Makes `path` and its missing parents. When this returns, every directory that was made is durable in its parent.
result<void> make_directories(const std::filesystem::path& path);

// Opens "a/b/c" below `root`; "" is the root itself. errc::not_found: a segment is missing, or is no directory.
result<descriptor> open_beneath(int root, std::string_view relative);

// Whose entries make_beneath writes through: those of parents that got a new directory, or those of all parents.
// `all` is for a caller that is about to promise durability: a directory that is found may have been made a moment ago
// by somebody who has not synced it yet, or who was killed before.
enum class sync_parents { of_new, all };

// Opens "a/b/c" below `root` and makes what is missing of it. errc::conflict: a segment is a file or a symbolic link.
// errc::not_found: somebody else removed a segment meanwhile; trying again helps.
result<descriptor> make_beneath(int root, std::string_view relative, sync_parents parents);

// Makes the directory's entries durable. `name` is for the message.
result<void> sync_directory(int directory, std::string_view name);

struct directory_entry {
  std::string name;
  entry_kind kind = entry_kind::other;
};

// All entries but "." and "..", in no order.
result<std::vector<directory_entry>> read_directory(int directory);

// Removes the files in `name` below `directory`, then `name` itself; directories in it are not gone into, and make the
// removal fail. Nothing there is no failure.
result<void> remove_flat_directory(int directory, const std::string& name);

// 32 hexadecimal digits from the kernel's random numbers: a name that nobody has used.
std::string random_name();

}  // namespace spillway::fs
