// Reads ROOT/.spillway/bucket.json. Strict: a fault that was misspelled and never strikes would make a test pass that
// should not.
#include "base/bytes.hpp"
#include "bucket/bucket_rules.hpp"
#include "bucket/mirror_metadata.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::bucket {
namespace {

namespace json = boost::json;

constexpr std::int64_t delay_ms_max = 10'000;
constexpr std::int64_t count_max = 1'000'000'000;

failure broken(std::string_view name, std::string_view why) {
  return {errc::invalid, {}, fmt::format("'{}' {}", base::printable(name, 100), why), {}};
}

result<std::string> read_text(std::string_view name, const json::value& value) {
  if (!value.is_string()) {
    return broken(name, "must be a string");
  }
  return std::string(std::string_view(value.get_string()));
}

result<std::int64_t> read_count(std::string_view name, const json::value& value, std::int64_t min, std::int64_t max) {
  boost::system::error_code error;
  const auto number = value.is_int64() || value.is_uint64() ? value.to_number<std::int64_t>(error) : min - 1;
  if (error || number < min || number > max) {
    return broken(name, fmt::format("must be a whole number from {} to {}", min, max));
  }
  return number;
}

bool is_operation(std::string_view name) {
  for (int index = 0; index <= static_cast<int>(operation::get_bucket_encryption); ++index) {
    if (to_string(static_cast<operation>(index)) == name) {
      return true;
    }
  }
  return name == "*";
}

result<void> read_fault_member(fault& out, std::string_view name, const json::value& value) {
  if (name == "operation") {
    SPILLWAY_TRY_ASSIGN(out.operation, read_text(name, value));
    return is_operation(out.operation) ? result<void>() : broken(out.operation, "is no operation that a mirror has");
  }
  if (name == "key") {
    SPILLWAY_TRY_ASSIGN(out.key, read_text(name, value));
  } else if (name == "nth") {
    SPILLWAY_TRY_ASSIGN(out.nth, read_count(name, value, 1, count_max));
  } else if (name == "times") {
    SPILLWAY_TRY_ASSIGN(out.times, read_count(name, value, 0, count_max));
  } else if (name == "delay_ms") {
    SPILLWAY_TRY_ASSIGN(out.delay_ms, read_count(name, value, 0, delay_ms_max));
  } else if (name == "error") {
    SPILLWAY_TRY_ASSIGN(out.error, read_text(name, value));
    const bool known = find_named_failure(out.error) != nullptr;
    return known ? result<void>() : broken(out.error, "is no error that a mirror can give");
  } else {
    return broken(name, "is not known in a fault");
  }
  return {};
}

result<fault> read_fault(const json::value& value) {
  if (!value.is_object()) {
    return broken("faults", "must hold objects");
  }
  fault out;
  for (const json::key_value_pair& member : value.get_object()) {
    SPILLWAY_TRY(read_fault_member(out, member.key(), member.value()));
  }
  const bool does_something = !out.error.empty() || value.get_object().contains("delay_ms");
  if (!does_something) {
    return broken("faults", "has a fault with neither 'error' nor 'delay_ms'");
  }
  return out;
}

result<std::string> read_action(const json::value& value) {
  SPILLWAY_TRY_ASSIGN(std::string action, read_text("deny", value));
  if (!action.starts_with("s3:") && !action.starts_with("kms:") && action != "*") {
    return broken(action, "in 'deny' must be an action as \"s3:PutObject\" or \"kms:Decrypt\"");
  }
  return action;
}

template <class Read, class Item>
result<void> read_list(std::string_view name, const json::value& value, Read read, std::vector<Item>& out) {
  if (!value.is_array()) {
    return broken(name, "must be a list");
  }
  for (const json::value& each : value.get_array()) {
    SPILLWAY_TRY_ASSIGN(Item item, read(each));
    out.push_back(std::move(item));
  }
  return {};
}

result<encryption> read_encryption(std::string_view name, const json::value& value) {
  const auto parsed = value.is_string() ? parse_encryption(std::string_view(value.get_string())) : std::nullopt;
  if (!parsed || *parsed == encryption::bucket_default) {
    return broken(name, "must be \"none\", \"AES256\" or \"aws:kms\"");
  }
  return *parsed;
}

result<void> read_member(bucket_settings& out, std::string_view name, const json::value& value) {
  if (name == "location") {
    SPILLWAY_TRY_ASSIGN(out.location, read_text(name, value));
  } else if (name == "kms_key_id") {
    SPILLWAY_TRY_ASSIGN(out.kms_key_id, read_text(name, value));
  } else if (name == "default_encryption") {
    SPILLWAY_TRY_ASSIGN(out.default_encryption, read_encryption(name, value));
  } else if (name == "policy") {
    if (!value.is_object()) {
      return broken(name, "must be an object");
    }
    out.policy = json::serialize(value);
  } else if (name == "deny") {
    return read_list(name, value, read_action, out.deny);
  } else if (name == "faults") {
    return read_list(name, value, read_fault, out.faults);
  } else {
    return broken(name, "is not known");
  }
  return {};
}

}  // namespace

result<bucket_settings> parse_bucket_settings(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error) {
    return failure{errc::invalid, {}, "it is not JSON (" + error.message() + ")", {}};
  }
  if (!parsed.is_object()) {
    return failure{errc::invalid, {}, "it is not a JSON object", {}};
  }
  bucket_settings out;
  for (const json::key_value_pair& member : parsed.get_object()) {
    SPILLWAY_TRY(read_member(out, member.key(), member.value()));
  }
  return out;
}

}  // namespace spillway::bucket
