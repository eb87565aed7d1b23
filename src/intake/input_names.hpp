// Which files a command means by the inputs that it names.
#pragma once

#include "base/result.hpp"
#include "fs/walk.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::intake {

// Whether a path below a directory, or a member of a zip, is one to take in: no part of it starts with '.', is a marker
// or an organization's claim.
bool is_input(std::string_view path);

// Files and directories as a command names them, to files: a directory stands for the files below it, in byte order of
// their paths, partitions of an hour in the order of their numbers. Left out of directories: what is_input() says no
// of, and SQLite databases, such as other state files, by their first bytes. errc::not_found: a name is not there, or a
// directory has no file. errc::usage: it is an address, such as s3://BUCKET, or a database.
//
// `state_files`, those of a state file that is in use, be they there or not, are never opened, under whatever name:
// closing one would take away SQLite's locks of this process. They are left out of directories. errc::usage: one of
// them is named, or is standard input.
//
// Nor is what lies below `destination`, a bucket's directory in one of them: it would come in again as it goes out.
//
// `left_out` is told of the symbolic links, devices and pipes in directories, which have to be named to be taken in.
result<std::vector<std::string>> expand_inputs(const std::vector<std::string>& names,
                                               const std::vector<std::filesystem::path>& state_files,
                                               const fs::path_sink& left_out = {},
                                               const std::filesystem::path& destination = {});

// Whether it is known of an input how far it was taken in, should it be named again: a regular file. What came by
// standard input or a pipe, and has neither an $insert_id nor a uuid, is taken in as often as it comes.
bool is_known_again(const std::string& name);

}  // namespace spillway::intake
