// Rows of `duplicate_row` as they are in the file.
#pragma once

#include "db/sqlite.hpp"
#include "store/key_row.hpp"
#include "store/key_runs.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace spillway::store {

// SQLite's integers have a sign; so the order of its index is that of the hashes.
inline constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
inline std::int64_t to_column(std::uint64_t high) { return static_cast<std::int64_t>(high ^ sign_bit); }
inline std::uint64_t from_column(std::int64_t column) { return static_cast<std::uint64_t>(column) ^ sign_bit; }

// Reads rows by their id, and stands on the last one.
class row_reader {
public:
  static result<row_reader> open(db::database& from) {
    SPILLWAY_TRY_ASSIGN(db::statement read, from.prepare("SELECT keys FROM duplicate_row WHERE id=?"));
    return row_reader(std::move(read));
  }

  bool stands_on(std::int64_t id) const { return id == at_; }

  // Lives until the next call.
  result<std::string_view> read(std::int64_t id) {
    if (stands_on(id)) {
      return keys_;
    }
    at_ = 0;
    read_.start(id);
    SPILLWAY_TRY_ASSIGN(const bool there, read_.step());
    keys_ = there ? read_.blob(0) : std::string_view();
    if (keys_.empty() || keys_.size() % row_key_bytes != 0) {
      return damaged_keys();
    }
    at_ = id;
    return keys_;
  }

  // Lets go of the page, so that it can be written or freed.
  void release() {
    read_.reset();
    at_ = 0;
  }

private:
  explicit row_reader(db::statement read) : read_(std::move(read)) {}
  db::statement read_;
  std::int64_t at_ = 0;  // SQLite's ids start at 1
  std::string_view keys_;
};

}  // namespace spillway::store
