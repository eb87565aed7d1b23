#include "store/missing_pages.hpp"

#include "fs/descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spillway::store {
namespace {

// The log: a header, then frames, each a header and a page. All numbers are big-endian. Source: SQLite's "Database File
// Format", section 4.1.
//
//   37 7f 06 82 00 2d e2 18  00 01 00 00  00 00 00 03  5b 0c 11 9e 40 7d 2a 61  ........    magic, version, page size,
//                                                                                           checkpoints, salt, checksum
//   00 00 00 2f  00 00 00 31  5b 0c 11 9e 40 7d 2a 61  ........  page 47; the file has 49 pages then, so that a
//                                                                commit ends here; the header's salt; checksum
constexpr std::uint64_t log_header_bytes = 32;
constexpr std::size_t log_salt_offset = 16;
constexpr std::uint64_t frame_header_bytes = 24;
constexpr std::size_t frame_commit_offset = 4;
constexpr std::size_t frame_salt_offset = 8;
constexpr std::size_t salt_bytes = 8;

std::uint32_t number_at(std::string_view bytes, std::size_t offset) {
  std::uint32_t number = 0;
  for (const char each : bytes.substr(offset, 4)) {
    number = number << 8 | static_cast<unsigned char>(each);
  }
  return number;
}

// 0 without such a file.
result<std::uint64_t> bytes_of(const std::filesystem::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) == 0) {
    return static_cast<std::uint64_t>(found.st_size);
  }
  return errno == ENOENT ? result<std::uint64_t>(0)
                         : result<std::uint64_t>(base::from_errno(errno, "looking at " + path.string()));
}

failure was_cut(std::string what, std::string hint) {
  return {errc::corrupt, {}, "it was cut: " + std::move(what), std::move(hint)};
}

// False at the end of the file.
result<bool> read_at(int file, std::uint64_t offset, std::span<char> into) {
  const ssize_t got = ::pread(file, into.data(), into.size(), static_cast<off_t>(offset));
  return got < 0 ? result<bool>(base::from_errno(errno, "reading its write-ahead log"))
                 : result<bool>(static_cast<std::size_t>(got) == into.size());
}

using page_set = std::set<std::uint64_t>;

// The pages that commits in the log have, from `first` on. Frames behind the last commit are of one that was cut off,
// frames with another salt of an earlier use of the log.
result<page_set> pages_in_log(const std::filesystem::path& path, std::uint64_t first, std::uint64_t page_bytes) {
  page_set committed;
  const fs::descriptor log(::open(log_of(path).c_str(), O_RDONLY | O_CLOEXEC));
  if (!log) {
    return errno == ENOENT ? result<page_set>(committed)
                           : result<page_set>(base::from_errno(errno, "opening its write-ahead log"));
  }
  std::array<char, log_header_bytes> header{};
  SPILLWAY_TRY_ASSIGN(bool more, read_at(log.get(), 0, header));
  const std::string_view salt(header.data() + log_salt_offset, salt_bytes);
  page_set pending;
  std::array<char, frame_header_bytes> frame{};
  for (std::uint64_t at = log_header_bytes; more; at += frame_header_bytes + page_bytes) {
    SPILLWAY_TRY_ASSIGN(more, read_at(log.get(), at, frame));
    const std::string_view bytes(frame.data(), frame.size());
    if (!more || bytes.substr(frame_salt_offset, salt_bytes) != salt) {
      break;
    }
    if (const std::uint64_t page = number_at(bytes, 0); page >= first) {
      pending.insert(page);
    }
    if (number_at(bytes, frame_commit_offset) != 0) {
      committed.merge(pending);
      pending.clear();
    }
  }
  return committed;
}

result<void> check_pages(db::database& state, const std::filesystem::path& path) {
  SPILLWAY_TRY_ASSIGN(const auto pages, state.query_number("PRAGMA page_count"));
  SPILLWAY_TRY_ASSIGN(const auto page_size, state.query_number("PRAGMA page_size"));
  SPILLWAY_TRY_ASSIGN(const std::uint64_t bytes, bytes_of(path));
  const auto wanted = static_cast<std::uint64_t>(pages.value_or(0));
  const auto page_bytes = static_cast<std::uint64_t>(page_size.value_or(1));
  const std::uint64_t first_missing = bytes / page_bytes + 1;  // pages are counted from 1
  if (first_missing > wanted) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const auto in_log, pages_in_log(path, first_missing, page_bytes));
  for (std::uint64_t page = first_missing; page <= wanted; ++page) {
    if (!in_log.contains(page)) {
      return was_cut(
          fmt::format("it has {} bytes, and page {} of {} is not in its write-ahead log either", bytes, page, wanted),
          {});
    }
  }
  return {};
}

}  // namespace

std::filesystem::path log_of(const std::filesystem::path& path) { return path.string() + "-wal"; }

result<std::uint64_t> bytes_of_log(const std::filesystem::path& path) { return bytes_of(log_of(path)); }

result<void> check_emptiness(const std::filesystem::path& path) {
  // In this order: the log comes after the first page.
  SPILLWAY_TRY_ASSIGN(const std::uint64_t log_bytes, bytes_of_log(path));
  SPILLWAY_TRY_ASSIGN(const std::uint64_t bytes, bytes_of(path));
  if (bytes > 0 || log_bytes == 0) {
    return {};
  }
  return was_cut(
      "nothing is left of it but its write-ahead log",
      fmt::format("bring it back, or begin anew without what is in {}: delete that file", log_of(path).string()));
}

result<void> check_all_pages(db::database& state, const std::filesystem::path& path) {
  // A transaction that reads keeps others from using the log again from its front meanwhile.
  SPILLWAY_TRY_ASSIGN(const db::transaction reading, db::transaction::begin_reading(state));
  return check_pages(state, path);
}

}  // namespace spillway::store
