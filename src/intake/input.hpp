// An input from its name to its blocks, whatever it is packed in.
#pragma once

#include "intake/block.hpp"
#include "intake/file_source.hpp"
#include "intake/text_source.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace spillway::intake {

// Whether a path below a directory, or a member of a zip, is one to take in: no part of it starts with '.' or is a
// marker.
bool is_input(std::string_view path);

// Files and directories as a command names them, to files: a directory stands for the files below it, in byte order of
// their paths. Left out of directories: what is_input() says no of. errc::not_found: a name is not there, or a
// directory has no file. errc::usage: it is an address, such as s3://BUCKET.
//
// `state_files`, those of a state file that is in use, be they there or not, are never opened, under whatever name:
// closing one would take away SQLite's locks of this process. They are left out of directories. errc::usage: one of
// them is named, or is standard input.
result<std::vector<std::string>> expand_inputs(const std::vector<std::string>& names,
                                               const std::vector<std::filesystem::path>& state_files);

// Reads one input in order, once. Thread rule: one caller at a time.
class input {
public:
  // `skip_text_bytes` of its text were taken before and are passed over; a block starts there, or at the start of the
  // line or the body of which only a front was there then. `stop` ends waits for a pipe or a terminal.
  static result<std::unique_ptr<input>> open(const std::string& name, const zip_opener& open_zip,
                                             codec::gunzip_limits limits, std::uint64_t skip_text_bytes,
                                             std::stop_token stop = {});
  virtual ~input() = default;

  // Fills `next` with the next run of lines; its strings' memory is used again. False: the end, and next.end says how
  // far that is. errc::corrupt, errc::too_large, errc::invalid, errc::io, errc::interrupted: what came before is good.
  virtual result<bool> read(block& next) = 0;
};

}  // namespace spillway::intake
