// An input from its name to its blocks, whatever it is packed in.
#pragma once

#include "intake/block.hpp"
#include "intake/file_source.hpp"
#include "intake/text_source.hpp"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace spillway::intake {

// What is known of an input before it is opened.
struct known_part {
  std::uint64_t text_bytes = 0;  // of its text, taken before
  file_front front;              // what it begins with
};

// Reads one input in order, once. Thread rule: one caller at a time.
class input {
public:
  // Text that is known is passed over; a block starts behind it, or at the start of the line or the body of which only
  // a front was there then. `stop` ends waits for a pipe or a terminal.
  static result<std::unique_ptr<input>> open(const std::string& name, const zip_opener& open_zip,
                                             codec::gunzip_limits limits, known_part known, std::stop_token stop = {});
  virtual ~input() = default;

  // Fills `next` with the next run of lines; its strings' memory is used again. False: the end, and next.end says how
  // far that is. errc::corrupt, errc::too_large, errc::invalid, errc::io, errc::interrupted: what came before is good.
  // No block is given of a file that has another front than the one that is known.
  virtual result<bool> read(block& next) = 0;
};

}  // namespace spillway::intake
