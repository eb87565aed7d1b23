// The members of a zip, one after another, from a stream that is read once and never seeks. The Export API answers with
// such a zip; each of its members is a gzip file of JSON lines:
//
//   187520/187520_2020-01-25_17#1.json.gz
//
// Members are stored or deflated; whether a member's bytes are compressed once more is not known here. This is the one
// part of intake that needs libarchive, and therefore a target of its own (spillway_zip): the core does not link it.
#pragma once

#include "base/result.hpp"
#include "codec/gunzip.hpp"
#include "intake/byte_reader.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace spillway::intake {

// Thread rule: one caller at a time. After a failure nothing more is to be had: every later call fails too.
class zip_reader {
public:
  struct member {
    // Relative, without "..", '\\' or control bytes. Where a zip has only '\\' between folders, as old tools for
    // Windows wrote it, each is '/' here; what follows a NUL is dropped.
    std::string name;
  };

  // `source` is not owned, outlives the reader, and is read from where it stands, which is the start of the zip.
  // A limit of bytes holds for each member, one of the ratio for all of them together.
  // errc::invalid: the source does not start like a zip. What the source fails with passes through.
  static result<std::unique_ptr<zip_reader>> open(byte_reader& source, codec::gunzip_limits limits = {});
  ~zip_reader();
  zip_reader(const zip_reader&) = delete;
  zip_reader& operator=(const zip_reader&) = delete;

  // Goes on to the next regular file, past whatever is left of the one before it, whose bytes are checked on the way;
  // folders are skipped. nullopt: there are no more.
  // errc::invalid: a name that could leave a folder, a link, a member that is encrypted or compressed with something
  // else than deflate, or bytes that are no zip. errc::corrupt: the zip ends too early or does not check out.
  result<std::optional<member>> next();

  // Bytes of the current member; 0 is its end, given only when its length and CRC-32 are right.
  // errc::corrupt: they are not, its compressed bytes are damaged, or the zip ends within it. errc::too_large: a limit
  // was passed.
  result<std::size_t> read(char* out, std::size_t bytes_max);

private:
  class state;
  explicit zip_reader(std::unique_ptr<state> held);
  std::unique_ptr<state> state_;
};

}  // namespace spillway::intake
