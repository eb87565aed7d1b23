// libarchive reads zips in two ways; only its streaming one is enabled here. That one takes the members as they come
// and skips what it does not understand on its way to the next, so a damaged member header would be lost without a
// word. The record at the end of a zip is therefore kept back from the bytes that pass, and its count of members
// compared.
#include "intake/zip.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <locale.h>

namespace spillway::intake {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;
// "PK\5\6", 18 bytes of numbers and a comment of up to 65,535 bytes.
constexpr std::size_t end_record_bytes = 22;
constexpr std::size_t end_record_bytes_max = end_record_bytes + 65'535;

std::string shown(std::string_view name) { return base::printable(name); }

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.front() == '/') {
    return false;
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') {
      return false;
    }
  }
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    if (name.substr(at, end - at) == "..") {
      return false;
    }
    at = end + 1;
  }
  return true;
}

// libarchive turns a name that a zip marks as UTF-8 into the characters of the thread's locale, and gives up on what
// the locale lacks. A program starts in "C", which has ASCII alone; while this lives, its thread has `locale`.
class thread_locale {
public:
  explicit thread_locale(locale_t locale) : before_(uselocale(locale)) {}
  ~thread_locale() { uselocale(before_); }
  thread_locale(const thread_locale&) = delete;
  thread_locale& operator=(const thread_locale&) = delete;

private:
  locale_t before_;
};

// Where a system lacks this locale, such names stay what the thread's own makes of them: 0 changes nothing.
locale_t make_utf8_locale() { return newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr); }

// How many members the record at the end of a zip counts, modulo 65,536; nullopt: `tail`, the last bytes of the zip,
// does not end in such a record.
std::optional<std::uint16_t> members_counted(std::string_view tail) {
  for (std::size_t at = tail.rfind("PK\5\6"); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : tail.rfind("PK\5\6", at - 1)) {
    if (tail.size() - at >= end_record_bytes) {
      const auto comment_bytes = base::read_number<std::uint16_t>(tail.data() + at + 20);
      if (tail.size() - at == end_record_bytes + comment_bytes) {
        return base::read_number<std::uint16_t>(tail.data() + at + 10);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

class zip_reader::state {
public:
  state(byte_reader& source, codec::gunzip_limits limits)
      : source_(source), limits_(limits), block_(block_bytes), archive_(archive_read_new()), utf8_(make_utf8_locale()) {
    if (archive_ == nullptr) {
      throw std::bad_alloc();
    }
  }
  ~state() {
    archive_read_free(archive_);
    if (utf8_ != nullptr) {
      freelocale(utf8_);
    }
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  result<void> open();
  result<std::optional<member>> next();
  result<std::size_t> read(char* out, std::size_t bytes_max);

private:
  static la_ssize_t take_block(archive* reader, void* self, const void** block);
  result<std::size_t> fill();
  void keep_tail(std::string_view bytes);
  result<std::optional<member>> take_member();
  result<member> check(archive_entry* entry, std::string name);
  result<void> check_end();
  result<void> check_limits();
  failure fail(errc code, std::string cause);
  failure fail_as_libarchive(errc code);

  byte_reader& source_;
  codec::gunzip_limits limits_;
  std::uint64_t source_bytes_ = 0;  // read so far: up to a block ahead of what was unpacked
  std::uint64_t text_bytes_ = 0;    // unpacked so far, of all members
  std::uint64_t member_bytes_ = 0;  // of the current one
  std::vector<char> block_;
  archive* archive_;
  locale_t utf8_;
  std::string tail_;  // the last bytes that the source gave, at least end_record_bytes_max of them
  std::string name_;  // of the current member; empty: none yet
  bool is_member_open_ = false;
  bool is_at_end_ = false;
  std::uint64_t entries_ = 0;  // members and folders
  std::optional<failure> failed_;
};

failure zip_reader::state::fail(errc code, std::string cause) {
  failed_ = failure{
      code, name_.empty() ? "reading the zip" : "reading " + shown(name_) + " in the zip", std::move(cause), {}};
  return *failed_;
}

// What libarchive says, unless it only passes on what the source failed with.
failure zip_reader::state::fail_as_libarchive(errc code) {
  if (failed_) {
    return *failed_;
  }
  const char* text = archive_error_string(archive_);
  return fail(code, text == nullptr ? "it is damaged" : base::printable(text));
}

void zip_reader::state::keep_tail(std::string_view bytes) {
  tail_.append(bytes);
  // Cut seldom, so that most blocks are copied once.
  if (tail_.size() > 4 * end_record_bytes_max) {
    tail_.erase(0, tail_.size() - end_record_bytes_max);
  }
}

// One block of the source in block_.
result<std::size_t> zip_reader::state::fill() {
  auto got = source_.read(block_.data(), block_.size());
  if (!got) {
    failed_ = got.error();
    return got;
  }
  source_bytes_ += *got;
  keep_tail({block_.data(), *got});
  return got;
}

la_ssize_t zip_reader::state::take_block(archive* reader, void* self, const void** block) {
  auto& held = *static_cast<state*>(self);
  const auto got = held.fill();
  if (!got) {
    archive_set_error(reader, EIO, "the source failed");
    return ARCHIVE_FATAL;
  }
  *block = held.block_.data();
  return static_cast<la_ssize_t>(*got);
}

result<void> zip_reader::state::open() {
  if (archive_read_support_format_zip_streamable(archive_) != ARCHIVE_OK ||
      archive_read_open(archive_, this, nullptr, &state::take_block, nullptr) != ARCHIVE_OK) {
    return failed_ ? *failed_ : fail(errc::invalid, "it does not start like a zip");
  }
  return {};
}

result<std::optional<zip_reader::member>> zip_reader::state::next() {
  // What is left of the member before is inflated too: only then is its CRC-32 compared.
  std::vector<char> unread(is_member_open_ ? block_bytes : 0);
  while (is_member_open_) {
    SPILLWAY_TRY(read(unread.data(), unread.size()));
  }
  if (failed_) {
    return *failed_;
  }
  if (is_at_end_) {
    return std::optional<member>();
  }
  return take_member();
}

result<std::optional<zip_reader::member>> zip_reader::state::take_member() {
  const thread_locale names_in_utf8(utf8_);
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_, &entry);
    if (status == ARCHIVE_EOF) {
      is_at_end_ = true;
      SPILLWAY_TRY(check_end());
      return std::optional<member>();
    }
    // A warning is about the name's characters alone, which are checked here.
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      return fail_as_libarchive(errc::corrupt);
    }
    ++entries_;
    const char* name = archive_entry_pathname(entry);
    SPILLWAY_TRY_ASSIGN(member checked, check(entry, name == nullptr ? "" : name));
    if (archive_entry_filetype(entry) != AE_IFDIR) {
      is_member_open_ = true;
      member_bytes_ = 0;
      return std::optional<member>(std::move(checked));
    }
  }
}

result<zip_reader::member> zip_reader::state::check(archive_entry* entry, std::string name) {
  name_ = name;
  if (!is_plain_name(name)) {
    return fail(errc::invalid, "a member's name is empty, absolute, or has \"..\", '\\' or a control byte in it");
  }
  const auto type = archive_entry_filetype(entry);
  if (type == AE_IFDIR) {
    return member{std::move(name)};
  }
  if (type != AE_IFREG) {
    return fail(errc::invalid, "it is neither a file nor a folder");
  }
  if (archive_entry_is_encrypted(entry) != 0) {
    return fail(errc::invalid, "it is encrypted");
  }
  // "ZIP 2.0 (deflation)": libarchive names the member's method nowhere else, and may be built with several more.
  const std::string_view method = archive_format_name(archive_);
  if (!method.ends_with("(deflation)") && !method.ends_with("(uncompressed)")) {
    return fail(errc::invalid, fmt::format("it is neither deflated nor stored: {}", shown(method)));
  }
  return member{std::move(name)};
}

// Reads the source to its end, past the list of members, which libarchive leaves unread.
result<void> zip_reader::state::check_end() {
  name_.clear();
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const std::size_t bytes, fill());
    if (bytes == 0) {
      break;
    }
  }
  const std::size_t tail_bytes = std::min(tail_.size(), end_record_bytes_max);
  const auto counted = members_counted(std::string_view(tail_).substr(tail_.size() - tail_bytes));
  if (!counted) {
    return fail(errc::corrupt, "it ends too early, or something stands behind its end");
  }
  // 0xffff stands for a count that is kept elsewhere, in the records of Zip64.
  if (*counted != 0xffff && *counted != (entries_ & 0xffff)) {
    return fail(errc::corrupt, fmt::format("it counts {} members and holds {}", *counted, entries_));
  }
  return {};
}

result<std::size_t> zip_reader::state::read(char* out, std::size_t bytes_max) {
  if (failed_) {
    return *failed_;
  }
  if (!is_member_open_) {
    return std::size_t{0};
  }
  const la_ssize_t got = archive_read_data(archive_, out, bytes_max);
  if (got < 0) {
    return fail_as_libarchive(errc::corrupt);
  }
  is_member_open_ = got > 0;
  text_bytes_ += static_cast<std::size_t>(got);
  member_bytes_ += static_cast<std::size_t>(got);
  SPILLWAY_TRY(check_limits());
  return static_cast<std::size_t>(got);
}

result<void> zip_reader::state::check_limits() {
  if (member_bytes_ > limits_.text_bytes_max) {
    return fail(errc::too_large, fmt::format("it is longer than {} bytes", limits_.text_bytes_max));
  }
  if (text_bytes_ > limits_.ratio_free_bytes && text_bytes_ / limits_.ratio_max >= source_bytes_) {
    return fail(errc::too_large,
                fmt::format("what was unpacked is more than {} times as long as the zip", limits_.ratio_max));
  }
  return {};
}

result<std::unique_ptr<zip_reader>> zip_reader::open(byte_reader& source, codec::gunzip_limits limits) {
  auto held = std::make_unique<state>(source, limits);
  SPILLWAY_TRY(held->open());
  return std::unique_ptr<zip_reader>(new zip_reader(std::move(held)));
}

zip_reader::zip_reader(std::unique_ptr<state> held) : state_(std::move(held)) {}
zip_reader::~zip_reader() = default;

result<std::optional<zip_reader::member>> zip_reader::next() { return state_->next(); }

result<std::size_t> zip_reader::read(char* out, std::size_t bytes_max) { return state_->read(out, bytes_max); }

}  // namespace spillway::intake
