// From a line or a request body to encoded events: what intake runs on every core.
#pragma once

#include "record/check.hpp"
#include "record/encode.hpp"
#include "record/event.hpp"
#include "record/merge.hpp"
#include "record/request_body.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record {

// A longer line is a reject. Amplitude's own limits are 1 MB (HTTP V2) and 20 MB (batch) for a whole request.
inline constexpr std::uint64_t line_bytes_max = std::uint64_t{4} << 20;

// The largest request body that is taken from a file: Amplitude's limit for a batch is 20 MB.
inline constexpr std::uint64_t body_bytes_max = std::uint64_t{32} << 20;

// A body of more events is a reject: ten times what Amplitude takes in one (HTTP V2 and batch: 2,000). An event of a
// few bytes becomes a line of a kilobyte.
inline constexpr std::size_t body_events_max = 20'000;

// Reusable; not thread-safe: one for each thread.
class record_reader {
public:
  record_reader(intake_rules rules, form_table forms);

  // Takes one raw event (a JSON object, white space around it allowed) that starts at `at`, and appends its encoded
  // line to `out`; of $identify and $groupidentify, the line as it came. A merge is taken too, and appends nothing.
  checked<event_facts> take_line(std::string_view line, const input_place& at, std::string& out);

  // The merge of the line that take_line() took last. REQUIRES: its facts say that it has one. Of an event, its
  // organization is 0: it is that of the project.
  const model::merge& merge() const { return merge_; }

  // Has the parser look over a run of lines that take_line() gets next, as json_parser::look_ahead.
  void look_ahead(std::string_view lines) { parser_.look_ahead(lines); }

  // One event of a request body as it stands there, and what came of it. `line` is its encoded line, of an applied one
  // the event as it came, of a rejected one empty.
  using body_sink = std::function<void(std::string_view event, checked<event_facts> taken, std::string_view line)>;

  // Takes every event of the request body that starts at `at`, in order. A flaw, before the first event: it is none,
  // has too many, or nothing can be made of what stands around them.
  checked<void> take_request_body(std::string_view body, const input_place& at, const body_sink& sink);

  // An event of the body that is being taken, as a body of its own.
  std::string body_of(std::string_view event) const { return record::body_of(event, request_); }

  // As record::is_request_body. What look_ahead() has looked over stays.
  bool is_request_body(std::string_view text) { return record::is_request_body(text, data_parser_); }

  // What the forms had no place for in the events that were encoded, since the start.
  dropped_keys dropped() const;

private:
  struct expected_key {
    std::string_view name;  // of the column; empty: it is none
    column which{};
  };
  static expected_key learn(std::string_view key);
  void place_members(std::span<const member> members);
  void count_left_out();
  void count_unknown(std::span<const member> members);
  checked<event_facts> take_merge(std::span<const member> members, const event_origin& origin);
  checked<event_facts> finish(const event_origin& origin, std::string& out);

  intake_rules rules_;
  form_table forms_;
  json_parser parser_;
  json_parser data_parser_;  // another one, so that parser_ need not look over the lines again
  columns event_;
  std::vector<expected_key> expected_;  // what stood at each place of the line before
  model::merge merge_;
  request_body request_;
  dropped_keys unknown_;
  std::array<std::uint64_t, only_observed.size()> left_out_{};  // how often each came in an event of the other form
};

}  // namespace spillway::record
