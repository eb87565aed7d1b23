// A member is a header (member_header), a body that ISA-L inflates, and a trailer of 8 bytes. ISA-L reads its input up
// to 8 bytes ahead; at the end of a body these bytes are the start of the trailer, so nothing of a whole one is given
// back.
#include "codec/gunzip.hpp"

#include "base/bytes.hpp"
#include "codec/member_header.hpp"

#include <isa-l.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

namespace spillway::codec {
namespace {

constexpr std::size_t trailer_bytes = 8;
// ISA-L counts in 32 bits.
constexpr std::size_t step_bytes_max = std::size_t{1} << 30;

enum class stage { header, body, trailer, padding };

}  // namespace

struct gunzip::implementation {
  explicit implementation(gunzip_limits wanted) : limits(wanted) {}

  result<void> go_on(std::string_view& compressed, std::span<char>& out);
  result<void> read_header(std::string_view& compressed);
  result<void> read_body(std::string_view& compressed, std::span<char>& out);
  result<void> read_trailer(std::string_view& compressed);
  result<void> skip_padding(std::string_view& compressed);
  result<void> check_member();
  result<void> check_limits() const;
  void begin_body();
  void begin_trailer();
  void use(std::string_view& compressed, std::size_t bytes);
  failure corrupt(std::string cause) const;
  failure bomb(std::string cause) const;

  gunzip_limits limits;
  stage at = stage::header;
  member_header header;
  std::unique_ptr<inflate_state> inflater = std::make_unique_for_overwrite<inflate_state>();
  std::array<char, trailer_bytes> trailer{};
  std::size_t trailer_filled_bytes = 0;
  std::uint64_t members = 0;
  std::uint64_t consumed_bytes = 0;
  std::uint64_t text_bytes = 0;
  std::uint64_t member_text_bytes = 0;
  std::optional<failure> failed;
};

failure gunzip::implementation::corrupt(std::string cause) const {
  return {errc::corrupt, "unpacking gzip", std::move(cause) + " (at byte " + std::to_string(consumed_bytes) + ")", {}};
}

failure gunzip::implementation::bomb(std::string cause) const {
  failure refused = corrupt(std::move(cause));
  refused.code = errc::too_large;
  return refused;
}

void gunzip::implementation::use(std::string_view& compressed, std::size_t bytes) {
  compressed.remove_prefix(bytes);
  consumed_bytes += bytes;
}

// Takes the stream one stage, or one step within it, further; nothing changes if that needs more input or more room.
result<void> gunzip::implementation::go_on(std::string_view& compressed, std::span<char>& out) {
  switch (at) {
    case stage::header: return read_header(compressed);
    case stage::body: return read_body(compressed, out);
    case stage::trailer: return read_trailer(compressed);
    case stage::padding: return skip_padding(compressed);
  }
  return {};
}

result<void> gunzip::implementation::read_header(std::string_view& compressed) {
  if (members > 0 && header.untouched() && compressed.starts_with('\0')) {
    at = stage::padding;
    return {};
  }
  use(compressed, header.read(compressed));
  if (!header.trouble().empty()) {
    return corrupt(std::string(header.trouble()) + (members > 0 ? ", but something behind the last one" : ""));
  }
  if (header.complete()) {
    begin_body();
  }
  return {};
}

void gunzip::implementation::begin_body() {
  isal_inflate_init(inflater.get());
  inflater->crc_flag = ISAL_GZIP_NO_HDR;  // computes the CRC-32 and leaves the trailer alone
  member_text_bytes = 0;
  at = stage::body;
}

result<void> gunzip::implementation::read_body(std::string_view& compressed, std::span<char>& out) {
  const std::uint64_t text_bytes_left = limits.text_bytes_max - text_bytes;
  std::size_t room = std::min(out.size(), step_bytes_max);
  if (text_bytes_left < room) {
    room = static_cast<std::size_t>(text_bytes_left) + 1;  // one byte too many tells that there is more
  }
  if (room == 0) {
    return {};
  }
  const std::size_t offered = std::min(compressed.size(), step_bytes_max);
  inflater->next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(compressed.data()));
  inflater->avail_in = static_cast<std::uint32_t>(offered);
  inflater->next_out = reinterpret_cast<unsigned char*>(out.data());
  inflater->avail_out = static_cast<std::uint32_t>(room);
  const int outcome = isal_inflate(inflater.get());
  const std::size_t produced = room - inflater->avail_out;
  // Of damaged bytes it gives back what it had read ahead, which may be of calls before.
  use(compressed, offered - std::min<std::size_t>(inflater->avail_in, offered));
  out = out.subspan(produced);
  text_bytes += produced;
  member_text_bytes += produced;
  if (outcome != ISAL_DECOMP_OK) {
    return corrupt("member " + std::to_string(members + 1) + " is not valid DEFLATE");
  }
  if (inflater->block_state == ISAL_BLOCK_FINISH) {
    begin_trailer();
  }
  return check_limits();
}

result<void> gunzip::implementation::check_limits() const {
  if (text_bytes > limits.text_bytes_max) {
    return bomb("its text is longer than " + std::to_string(limits.text_bytes_max) + " bytes");
  }
  // Divided, because the product may not fit. Every text has at least one compressed byte before it.
  if (text_bytes > limits.ratio_free_bytes && text_bytes / consumed_bytes >= limits.ratio_max &&
      text_bytes - limits.ratio_max * consumed_bytes > 0) {
    return bomb("its text is more than " + std::to_string(limits.ratio_max) + " times as long as the gzip");
  }
  return {};
}

void gunzip::implementation::begin_trailer() {
  const int ahead_bits = inflater->read_in_length;
  const std::uint64_t ahead = inflater->read_in >> (ahead_bits % 8);
  trailer_filled_bytes = static_cast<std::size_t>(ahead_bits / 8);
  std::memcpy(trailer.data(), &ahead, sizeof ahead);
  at = stage::trailer;
}

result<void> gunzip::implementation::read_trailer(std::string_view& compressed) {
  const std::size_t taken = std::min(trailer_bytes - trailer_filled_bytes, compressed.size());
  std::copy_n(compressed.data(), taken, trailer.data() + trailer_filled_bytes);
  trailer_filled_bytes += taken;
  use(compressed, taken);
  if (trailer_filled_bytes < trailer_bytes) {
    return {};
  }
  return check_member();
}

result<void> gunzip::implementation::check_member() {
  const auto crc32 = base::read_number<std::uint32_t>(trailer.data());
  const auto text_length = base::read_number<std::uint32_t>(trailer.data() + 4);
  const std::string name = "member " + std::to_string(members + 1);
  if (crc32 != inflater->crc) {
    return corrupt("the CRC-32 of " + name + " is " + base::to_hex(inflater->crc) + ", and " + base::to_hex(crc32) +
                   " stands behind it");
  }
  if (text_length != (member_text_bytes & 0xffffffffU)) {
    return corrupt("the text of " + name + " has " + std::to_string(member_text_bytes) + " bytes, and " +
                   std::to_string(text_length) + " stands behind it");
  }
  ++members;
  header = {};
  at = stage::header;
  return {};
}

result<void> gunzip::implementation::skip_padding(std::string_view& compressed) {
  const std::size_t zeros = compressed.find_first_not_of('\0');
  use(compressed, std::min(zeros, compressed.size()));
  if (!compressed.empty()) {
    return corrupt("there is something behind the zero bytes that follow the last member");
  }
  return {};
}

bool looks_like_gzip(std::string_view first_bytes) { return first_bytes.starts_with("\x1f\x8b\x08"); }

gunzip::gunzip(gunzip_limits limits) : implementation_(std::make_unique<implementation>(limits)) {}
gunzip::~gunzip() = default;
gunzip::gunzip(gunzip&&) noexcept = default;
gunzip& gunzip::operator=(gunzip&&) noexcept = default;

result<gunzip::progress> gunzip::inflate(std::string_view compressed, std::span<char> out) {
  implementation& self = *implementation_;
  std::string_view rest = compressed;
  std::span<char> room = out;
  while (!self.failed) {
    const std::size_t rest_before = rest.size();
    const std::size_t room_before = room.size();
    const stage stage_before = self.at;
    if (auto went = self.go_on(rest, room); !went) {
      self.failed = std::move(went).error();
    } else if (rest.size() == rest_before && room.size() == room_before && self.at == stage_before) {
      return progress{compressed.size() - rest.size(), out.size() - room.size()};
    }
  }
  return *self.failed;
}

result<void> gunzip::finish() const {
  const implementation& self = *implementation_;
  if (self.failed) {
    return *self.failed;
  }
  if (self.at == stage::padding || (self.at == stage::header && self.header.untouched() && self.members > 0)) {
    return {};
  }
  return self.corrupt("it is cut short, inside member " + std::to_string(self.members + 1));
}

std::uint64_t gunzip::members() const { return implementation_->members; }
std::uint64_t gunzip::consumed_bytes() const { return implementation_->consumed_bytes; }
std::uint64_t gunzip::text_bytes() const { return implementation_->text_bytes; }

}  // namespace spillway::codec
