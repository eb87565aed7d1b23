// A state file with something of everything in it, in which an input damages what it names.
#pragma once

#include "base/time.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace spillway::fuzz {

// The moment of which the file is: the end of an hour with events.
inline constexpr base::instant state_time = base::from_us(1'579'975'200'000'000);  // 2020-01-25T18:00:00Z

class damaged_state {
public:
  damaged_state();

  // Puts the file back as it was made, then does what the lines of `damages` say:
  //   hour.text_bytes=-1     sets that column of every row; also 'text', x'c0ffee' and NULL, as SQL has them
  //   @4096=x'00ff'          overwrites the bytes at that offset of the file, after all columns
  // What is no such line, or is not allowed by SQLite, changes nothing.
  void restore(std::string_view damages);

  const std::filesystem::path& path() const { return path_; }

private:
  void write_whole() const;

  test::temp_dir dir_;
  std::filesystem::path path_ = dir_ / "state.db";
  std::string whole_;
};

}  // namespace spillway::fuzz
