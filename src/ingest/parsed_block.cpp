#include "ingest/parsed_block.hpp"

#include "record/json_text.hpp"

#include <algorithm>
#include <cstring>

namespace spillway::ingest {
namespace {

// Where in its block a line or an event stands.
struct place {
  std::uint64_t line = 0;   // number of the line, from 1
  std::uint64_t start = 0;  // byte in the block
};

class block_parser {
public:
  block_parser(const intake::block& from, const block_input& input, record::record_reader& reader, parsed_block& to)
      : from_(from), input_(input), reader_(reader), to_(to) {}

  void parse() {
    to_.clear();
    to_.end = from_.end;
    switch (from_.kind) {
      case intake::block_kind::overlong: return take_overlong();
      case intake::block_kind::request: return take_body(from_.text, {from_.first_line, 0});
      case intake::block_kind::lines:
      case intake::block_kind::requests: break;
    }
    reader_.look_ahead(from_.kind == intake::block_kind::lines ? std::string_view(from_.text) : std::string_view());
    place at{from_.first_line, 0};
    while (at.start < from_.text.size()) {
      const char* const begin = from_.text.data() + at.start;
      const auto* end = static_cast<const char*>(std::memchr(begin, '\n', from_.text.size() - at.start));
      const std::size_t bytes = end == nullptr ? from_.text.size() - at.start : static_cast<std::size_t>(end - begin);
      take({begin, bytes}, at);
      at = {at.line + 1, at.start + bytes + 1};
    }
    reader_.look_ahead({});
  }

private:
  record::input_place in_input(const place& at) const { return {from_.input_byte + at.start, input_.identity}; }

  // A line is what the first of its input is - or the other, as in `spillway rejects --text`, which is asked only where
  // it would be a reject.
  void take(std::string_view line, const place& at) {
    if (std::ranges::all_of(line, record::is_json_space)) {
      return;
    }
    const bool is_body = from_.kind == intake::block_kind::requests;
    auto taken = is_body ? try_body(line, at) : try_line(line, at);
    if (!taken && is_body != reader_.is_request_body(line)) {
      taken = is_body ? try_line(line, at) : try_body(line, at);
    }
    if (!taken) {
      ++to_.received;
      reject(line, at, taken.error());
    }
  }

  record::checked<void> try_line(std::string_view line, const place& at) {
    const std::size_t begin = to_.text.size();
    const auto taken = reader_.take_line(line, in_input(at), to_.text);
    if (!taken) {
      to_.text.resize(begin);
      return taken.error();
    }
    ++to_.received;
    to_.events.push_back({*taken, begin, to_.text.size() - begin});
    if (taken->has_merge) {
      to_.merges.push_back(reader_.merge());
    }
    return {};
  }

  // Each event of a body is taken or rejected by itself.
  record::checked<void> try_body(std::string_view body, const place& at) {
    place here = at;  // lines are counted from reject to reject: there may be as many as there are bytes
    const auto sink = [&](std::string_view event, const record::checked<record::event_facts>& taken,
                          std::string_view line) {
      ++to_.received;
      if (taken) {
        to_.events.push_back({*taken, to_.text.size(), line.size()});
        to_.text += line;
      } else {
        const auto start = static_cast<std::uint64_t>(event.data() - from_.text.data());
        const auto between = std::string_view(from_.text).substr(here.start, start - here.start);
        here = {here.line + static_cast<std::uint64_t>(std::ranges::count(between, '\n')), start};
        reject(reader_.body_of(event), here, taken.error());
      }
    };
    return reader_.take_request_body(body, in_input(at), sink);
  }

  void take_body(std::string_view body, const place& at) {
    if (const auto taken = try_body(body, at); !taken) {
      ++to_.received;
      reject(body, at, taken.error());
    }
  }

  void take_overlong() {
    ++to_.received;
    const bool is_no_body = from_.overlong_bytes > record::body_bytes_max;  // what is less is no line
    reject(from_.text, {from_.first_line, 0},
           is_no_body ? record::flaw{"longer than 32 MiB", record::body_bytes_max}
                      : record::flaw{"longer than 4 MiB", record::line_bytes_max});
    if (!to_.rejects.empty()) {
      to_.rejects.back().text_bytes = from_.overlong_bytes;
    }
  }

  void reject(std::string_view text, const place& at, const record::flaw& flaw) {
    if (++to_.rejected > input_.rejects_max) {
      return;
    }
    store::reject_row row;
    row.place = from_.member;
    row.line = at.line;
    row.byte = from_.member_byte + at.start + flaw.byte;
    row.reason = flaw.reason;
    row.text_bytes = text.size();
    row.text = text.substr(0, store::reject_text_bytes_max);
    to_.rejects.push_back(std::move(row));
  }

  const intake::block& from_;
  const block_input input_;
  record::record_reader& reader_;
  parsed_block& to_;
};

}  // namespace

void parsed_block::clear() {
  text.clear();
  events.clear();
  merges.clear();
  rejects.clear();
  received = 0;
  rejected = 0;
  end = {};
}

void parse_block(const intake::block& from, const block_input& input, record::record_reader& reader, parsed_block& to) {
  block_parser(from, input, reader, to).parse();
}

}  // namespace spillway::ingest
