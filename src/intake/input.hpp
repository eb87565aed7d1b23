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
