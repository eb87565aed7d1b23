#include "codec/deflate_block.hpp"

#include "codec/prefix_code.hpp"

#include <algorithm>

namespace spillway::codec {
namespace {

constexpr std::size_t stored_bytes_max = 65'535;
constexpr std::size_t stored_header_bytes = 5;

enum class block_type : std::uint64_t { stored = 0, dynamic = 2 };

bit_writer write_header(bit_writer out, block_type type) {
  out.put(0, 1);  // not the last block
  out.put(static_cast<std::uint64_t>(type), 2);
  return out;
}

struct block_codes {
  prefix_code<literal_symbols> literals;
  prefix_code<distance_symbols> distances;
};

struct token_counts {
  std::array<std::uint32_t, token_part + 1> first{};
  std::array<std::uint32_t, token_part + 1> second{};

  void add(std::span<const token> tokens) {
    for (const token each : tokens) {
      ++first[first_part(each)];
      ++second[second_part(each)];
    }
  }
};

block_codes make_codes(const token_counts& seen, std::uint32_t at_least) {
  std::array<std::uint32_t, literal_symbols> literals;
  std::array<std::uint32_t, distance_symbols> distances;
  literals.fill(at_least);
  for (std::size_t byte = 0; byte < token_matches; ++byte) {
    literals[byte] += seen.first[byte] + seen.second[byte];
  }
  literals[end_of_block] = 1;
  for (std::size_t bytes = match_bytes_min; bytes <= match_bytes_max; ++bytes) {
    literals[length_symbol(bytes).number] += seen.first[length_part(bytes)];
  }
  for (std::size_t symbol = 0; symbol < distance_symbols; ++symbol) {
    distances[symbol] = at_least + seen.second[token_matches + symbol];
  }
  return {make_prefix_code(literals, code_bits_max), make_prefix_code(distances, code_bits_max)};
}

// A quarter of many tokens says as much as all of them do, if every symbol has a code then. It is taken in runs whose
// length no period of lines keeps step with.
block_codes choose_codes(std::span<const token> tokens) {
  constexpr std::size_t few_tokens = 4096;
  constexpr std::size_t run_tokens = 251;
  token_counts seen;
  if (tokens.size() <= few_tokens) {
    seen.add(tokens);
    return make_codes(seen, 0);
  }
  for (std::size_t at = 0; at < tokens.size(); at += 4 * run_tokens) {
    seen.add(tokens.subspan(at, std::min(run_tokens, tokens.size() - at)));
  }
  return make_codes(seen, 1);
}

// 3.2.7: the lengths of both codes are one row, in which runs are shortened, and its symbols have a code themselves.
struct length_run {
  std::uint8_t symbol;
  std::uint8_t extra = 0;
};
constexpr std::uint8_t copy_previous = 16;  // 3 to 6 times
constexpr std::uint8_t few_zeros = 17;      // 3 to 10
constexpr std::uint8_t many_zeros = 18;     // 11 to 138
constexpr std::size_t length_symbols = 19;
constexpr std::array<std::uint8_t, length_symbols> extra_bits_of_run = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                                        0, 0, 0, 0, 0, 0, 2, 3, 7};
constexpr std::array<std::uint8_t, length_symbols> order_of_lengths = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                                       11, 4,  12, 3, 13, 2, 14, 1, 15};

class length_row {
public:
  explicit length_row(const block_codes& codes) {
    std::array<std::uint8_t, literal_symbols + distance_symbols> row;
    std::ranges::copy(codes.distances.bits, std::ranges::copy(codes.literals.bits, row.begin()).out);
    for (std::size_t at = 0; at < row.size();) {
      std::size_t same = 1;
      while (at + same < row.size() && row[at + same] == row[at]) {
        ++same;
      }
      add_run(row[at], same);
      at += same;
    }
  }

  std::span<const length_run> runs() const { return {runs_.data(), size_}; }

private:
  void add_run(std::uint8_t length, std::size_t times) {
    if (length != 0) {
      add(length, 0);
      --times;
    }
    while (times >= 3) {
      const std::size_t most = length != 0 ? 6 : times > 10 ? 138 : 10;
      const std::size_t taken = std::min(times, most);
      const std::uint8_t symbol = length != 0 ? copy_previous : taken > 10 ? many_zeros : few_zeros;
      add(symbol, taken - (symbol == many_zeros ? 11 : 3));
      times -= taken;
    }
    for (; times > 0; --times) {
      add(length, 0);
    }
  }
  void add(std::uint8_t symbol, std::size_t extra) { runs_[size_++] = {symbol, static_cast<std::uint8_t>(extra)}; }

  std::array<length_run, literal_symbols + distance_symbols> runs_;
  std::size_t size_ = 0;
};

bit_writer write_codes(bit_writer out, const block_codes& codes) {
  const length_row row(codes);
  std::array<std::uint32_t, length_symbols> counts{};
  for (const length_run& run : row.runs()) {
    ++counts[run.symbol];
  }
  const auto code = make_prefix_code(counts, 7);
  out.put(literal_symbols - lengths_at, 5);
  out.put(distance_symbols - 1, 5);
  out.put(length_symbols - 4, 4);
  for (const std::uint8_t symbol : order_of_lengths) {
    out.put(code.bits[symbol], 3);
  }
  for (const length_run& run : row.runs()) {
    out.put(code.codes[run.symbol], code.bits[run.symbol]);
    out.put(run.extra, extra_bits_of_run[run.symbol]);
  }
  return out;
}

// What both parts of a token are written as.
//
//     bits 0 to 19    the code; of a length with what follows its symbol
//     bits 20 to 23   of a distance: the bits of its code, behind which its extra bits go
//     bits 24 to 31   how many bits that is in all
class token_table {
public:
  explicit token_table(const block_codes& codes) {
    for (std::size_t byte = 0; byte < token_matches; ++byte) {
      first_[byte] = second_[byte] = entry(codes.literals.codes[byte], codes.literals.bits[byte]);
    }
    for (std::size_t bytes = match_bytes_min; bytes <= match_bytes_max; ++bytes) {
      const symbol of = length_symbol(bytes);
      const unsigned bits = codes.literals.bits[of.number];
      first_[length_part(bytes)] =
          entry(codes.literals.codes[of.number] | std::uint32_t{of.extra} << bits, bits + of.extra_bits);
    }
    for (std::size_t number = 0; number < distance_symbols; ++number) {
      const unsigned bits = codes.distances.bits[number];
      second_[token_matches + number] =
          entry(codes.distances.codes[number], bits + distance_extra_bits(number)) | bits << 20;
    }
  }

  struct written {
    std::uint64_t bits;
    unsigned count;  // at most 20 + 28
  };
  written of(token each) const {
    const std::uint32_t first = first_[first_part(each)];
    const std::uint32_t second = second_[second_part(each)];
    const std::uint64_t rest = (second & code_mask) | std::uint64_t{distance_extra(each)} << (second >> 20 & 15);
    return {(first & code_mask) | rest << (first >> 24), (first >> 24) + (second >> 24)};
  }

private:
  static constexpr std::uint32_t code_mask = 0xfffff;
  static std::uint32_t entry(std::uint32_t code, unsigned bits) { return code | bits << 24; }

  std::array<std::uint32_t, token_part + 1> first_{};
  std::array<std::uint32_t, token_part + 1> second_{};
};

bit_writer write_tokens(bit_writer out, std::span<const token> tokens, const token_table& table) {
  constexpr unsigned put_bits_max = 56;
  std::size_t at = 0;
  for (; at + 2 <= tokens.size(); at += 2) {
    const auto one = table.of(tokens[at]);
    const auto two = table.of(tokens[at + 1]);
    if (one.count + two.count <= put_bits_max) [[likely]] {
      out.put(one.bits | two.bits << one.count, one.count + two.count);
    } else {
      out.put(one.bits, one.count);
      out.put(two.bits, two.count);
    }
  }
  if (at < tokens.size()) {
    const auto last = table.of(tokens[at]);
    out.put(last.bits, last.count);
  }
  return out;
}

bit_writer write_dynamic(bit_writer out, std::span<const token> tokens) {
  const block_codes codes = choose_codes(tokens);
  out = write_header(out, block_type::dynamic);
  out = write_codes(out, codes);
  out = write_tokens(out, tokens, token_table(codes));
  out.put(codes.literals.codes[end_of_block], codes.literals.bits[end_of_block]);
  return out;
}

// 3.2.4: on a whole byte, the length and its complement.
bit_writer write_stored_block(bit_writer out, std::string_view text) {
  out = write_header(out, block_type::stored);
  out.align();
  out.put(text.size() | (~text.size() & 0xffff) << 16, 32);
  out.append(text);
  return out;
}

bit_writer write_stored(bit_writer out, std::string_view text) {
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), stored_bytes_max))) {
    out = write_stored_block(out, text.substr(0, stored_bytes_max));
  }
  return out;
}

std::ptrdiff_t stored_bytes(std::string_view text) {
  const std::size_t blocks = (text.size() + stored_bytes_max - 1) / stored_bytes_max;
  return static_cast<std::ptrdiff_t>(text.size() + blocks * stored_header_bytes);
}

}  // namespace

bit_writer write_block(bit_writer out, const matched_text& matched) {
  const bit_writer packed = write_dynamic(out, matched.tokens);
  return packed.at() - out.at() < stored_bytes(matched.text) ? packed : write_stored(out, matched.text);
}

bit_writer write_flush(bit_writer out) { return write_stored_block(out, {}); }

}  // namespace spillway::codec
