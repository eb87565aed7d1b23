// Bodies of HTTP V2 and batch requests.
#include "record/request_body.hpp"
#include "fuzz/encoded_line.hpp"
#include "fuzz/fuzz.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>

using namespace spillway;
using fuzz::require;

namespace {

void require_right(std::string_view event, const record::checked<record::event_facts>& taken, std::string_view line,
                   model::record_form form) {
  if (taken && taken->kind == record::event_kind::event) {
    fuzz::require_encoded(line, form, *taken);
    return;
  }
  require(line == (taken ? event : std::string_view()),
          "what is applied is kept as it came, and nothing made of a reject");
  require(taken || !taken.error().reason.empty(), "a flaw has a reason");
  require(!taken || taken->kind == record::event_kind::applied, "a body has no merges of its own");
}

std::size_t take_body(std::string_view body, model::record_form form) {
  record::record_reader reader(fuzz::rules(), {form, {}});
  record::json_parser parser;
  std::size_t events = 0;
  std::uint64_t behind = 0;
  const auto taken = reader.take_request_body(
      body, {}, [&](std::string_view event, const record::checked<record::event_facts>& facts, std::string_view line) {
        const auto byte = static_cast<std::uint64_t>(event.data() - body.data());
        require(byte >= behind && byte + event.size() < body.size(), "events come in their order");
        require_right(event, facts, line, form);
        require(record::is_request_body(reader.body_of(event), parser), "an event alone is in a body of its own");
        behind = byte + event.size();
        ++events;
      });
  require(!taken || record::is_request_body(body, parser), "what is taken is a body");
  require(taken || events == 0, "no event comes of what is no body");
  return events;
}

// Of the last "events", as our parser finds it. Of events that are no JSON Boost.JSON knows nothing.
std::optional<std::size_t> events_in(std::string_view body) {
  if (!record::json_parser().parse_object(body)) {
    return std::nullopt;
  }
  const boost::json::value whole = fuzz::read_json(body);
  return whole.is_null() ? std::nullopt : std::optional(whole.get_object().at("events").get_array().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const std::string_view body = fuzz::text_of(data, bytes);
  for (const model::record_form form : fuzz::forms) {
    const std::size_t events = take_body(body, form);
    require(events == 0 || events == events_in(body).value_or(events), "every event of a body is accounted for");
  }
  return 0;
}
