// Raw lines: an input is what one block of an input holds, one event a line.
#include "fuzz/encoded_line.hpp"
#include "fuzz/fuzz.hpp"

#include <boost/json.hpp>

#include <string>
#include <vector>

using namespace spillway;
using fuzz::require;
namespace json = boost::json;

namespace {

struct taken {
  record::checked<record::event_facts> facts;
  std::string out;
};

std::uint64_t count_of(const record::dropped_keys& dropped) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : dropped.counts()) {
    sum += count;
  }
  return sum;
}

// Adds to `dropped` how many keys had no place.
taken take_alone(std::string_view line, std::uint64_t byte, model::record_form form, std::uint64_t& dropped) {
  record::record_reader reader(fuzz::rules(), {form, {}});
  std::string out;
  auto facts = reader.take_line(line, {byte}, out);
  dropped += count_of(reader.dropped());
  return {std::move(facts), std::move(out)};
}

bool same_facts(const record::event_facts& one, const record::event_facts& other) {
  return one.kind == other.kind && one.has_merge == other.has_merge && one.project == other.project &&
         one.uploaded_at == other.uploaded_at && one.key == other.key;
}

bool same(const taken& one, const taken& other) {
  if (one.out != other.out || one.facts.has_value() != other.facts.has_value()) {
    return false;
  }
  return one.facts ? same_facts(*one.facts, *other.facts)
                   : one.facts.error().reason == other.facts.error().reason &&
                         one.facts.error().byte == other.facts.error().byte;
}

bool is_text(const json::value& value) { return value.is_string() || value.is_number() || value.is_bool(); }

// Whether a column is written as it came, as far as a second parser can tell.
bool is_kept(const json::value& came, const json::value& written, record::column_type type) {
  using enum record::column_type;
  if (came.is_null()) {
    return written.is_null();
  }
  switch (type) {
    case string: return came.is_string() ? written == came : is_text(came) && written.is_string();
    case integer:
    case number: return came.is_string() || came.to_number<double>() == written.to_number<double>();
    case boolean: return came.is_string() || written == came;
    case timestamp: return came.is_string();
    default: return written == came;
  }
}

void require_kept(std::string_view line, std::string_view written) {
  const json::value line_value = fuzz::read_json(line);
  const json::value written_value = fuzz::read_json(written);
  if (line_value.is_null() || written_value.is_null()) {
    return;
  }
  const json::object& came = line_value.get_object();
  const json::object& made = written_value.get_object();
  for (const json::key_value_pair& member : made) {
    const record::column_info& info = record::info_of(*record::find_column(std::string_view(member.key())));
    if (const json::value* value = came.if_contains(member.key()); value != nullptr) {
      require(is_kept(*value, member.value(), info.type), "a column is written as it came");
    }
  }
}

void require_right(std::string_view line, const taken& got, model::record_form form) {
  if (!got.facts) {
    require(got.out.empty(), "a reject writes nothing");
    require(got.facts.error().byte <= line.size() && !got.facts.error().reason.empty(),
            "a flaw has a place and a reason");
    return;
  }
  switch (got.facts->kind) {
    case record::event_kind::event:
      fuzz::require_encoded(got.out, form, *got.facts);
      require_kept(line, got.out);
      break;
    case record::event_kind::applied: require(got.out == line, "an applied event is kept as it came"); break;
    case record::event_kind::merge: require(got.out.empty(), "a merge writes no event"); break;
  }
}

std::vector<std::string_view> lines_of(std::string_view block) {
  std::vector<std::string_view> lines;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find('\n'), block.size());
    lines.push_back(block.substr(0, end));
    block.remove_prefix(std::min(end + 1, block.size()));
  }
  return lines;
}

// Neither the lines before it nor a look ahead show in what becomes of a line.
void take_block(std::string_view block, model::record_form form) {
  record::record_reader reader(fuzz::rules(), {form, {}});
  reader.look_ahead(block);
  std::uint64_t dropped = 0;
  for (const std::string_view line : lines_of(block)) {
    const auto byte = static_cast<std::uint64_t>(line.data() - block.data());
    const taken alone = take_alone(line, byte, form, dropped);
    require_right(line, alone, form);
    std::string out;
    auto facts = reader.take_line(line, {byte}, out);
    require(same({std::move(facts), std::move(out)}, alone), "a line is taken as if it stood alone");
  }
  require(count_of(reader.dropped()) == dropped, "every key that has no place is counted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  for (const model::record_form form : fuzz::forms) {
    take_block(fuzz::text_of(data, bytes), form);
  }
  return 0;
}
