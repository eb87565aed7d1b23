// Reads and writes the text of ROOT/.spillway/bucket.json. Strict: a fault that was misspelled and never strikes would
// make a test pass that should not.
#include "base/bytes.hpp"
#include "bucket/bucket_rules.hpp"
#include "bucket/mirror_metadata.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::bucket {
namespace {

namespace json = boost::json;

constexpr std::int64_t delay_ms_max = 10'000;
constexpr std::int64_t count_max = 1'000'000'000;

failure broken(std::string_view name, std::string_view why) {
  return {errc::invalid, {}, fmt::format("'{}' {}", base::printable(name), why), {}};
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
  for (int index = 0; index <= static_cast<int>(operation::delete_bucket_encryption); ++index) {
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
  if (!names_an_action(action)) {
    return broken(action, "in 'deny' is no action that a mirror asks for, such as \"s3:PutObject\" or \"kms:Decrypt\"");
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

// nullopt: "none".
result<std::optional<encryption>> read_algorithm(std::string_view name, const json::value& value) {
  const auto parsed =
      value.is_string() ? base::parse_name<model::encryption>(std::string_view(value.get_string())) : std::nullopt;
  if (!parsed || *parsed == encryption::bucket_default) {
    return broken(name, "must be \"none\", \"AES256\" or \"aws:kms\"");
  }
  return *parsed == encryption::none ? std::nullopt : parsed;
}

result<encryption_setting> read_whole_encryption(const json::object& value) {
  encryption_setting setting;
  bool is_complete = false;
  for (const json::key_value_pair& member : value) {
    if (member.key() == "algorithm") {
      SPILLWAY_TRY_ASSIGN(const auto algorithm, read_algorithm(member.key(), member.value()));
      is_complete = algorithm.has_value();
      setting.algorithm = algorithm.value_or(setting.algorithm);
    } else if (member.key() == "kms_key_id") {
      SPILLWAY_TRY_ASSIGN(setting.kms_key_id, read_text(member.key(), member.value()));
    } else if (member.key() == "bucket_keys" && member.value().is_bool()) {
      using enum encryption_setting::bucket_keys;
      setting.keys = member.value().get_bool() ? on : off;
    } else {
      return broken(member.key(), "is not known in 'default_encryption', or not of its type");
    }
  }
  if (!is_complete) {
    return broken("default_encryption", "needs an 'algorithm', \"AES256\" or \"aws:kms\"");
  }
  return setting;
}

result<std::optional<encryption_setting>> read_encryption(std::string_view name, const json::value& value) {
  if (const json::object* whole = value.if_object(); whole != nullptr) {
    SPILLWAY_TRY_ASSIGN(encryption_setting setting, read_whole_encryption(*whole));
    return std::optional(std::move(setting));
  }
  SPILLWAY_TRY_ASSIGN(const auto algorithm, read_algorithm(name, value));
  return algorithm ? std::optional(encryption_setting{*algorithm, {}, {}, {}}) : std::nullopt;
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

bool is_finite(const json::value& value) {
  switch (value.kind()) {
    case json::kind::double_: return std::isfinite(value.get_double());
    case json::kind::array: return std::ranges::all_of(value.get_array(), is_finite);
    case json::kind::object:
      return std::ranges::all_of(value.get_object(),
                                 [](const json::key_value_pair& each) { return is_finite(each.value()); });
    default: return true;
  }
}

// A number beyond a double, which Boost.JSON takes, is refused: it would be written as what no one can read.
result<json::value> read_json(std::string_view text) {
  boost::system::error_code error;
  json::value parsed = json::parse(text, error);
  if (error) {
    return failure{errc::invalid, {}, "it is not JSON (" + error.message() + ")", {}};
  }
  if (!is_finite(parsed)) {
    return failure{errc::invalid, {}, "it has a number beyond a double", {}};
  }
  return parsed;
}

result<json::object> read_object(std::string_view text) {
  SPILLWAY_TRY_ASSIGN(json::value parsed, read_json(text));
  if (!parsed.is_object()) {
    return failure{errc::invalid, {}, "it is not a JSON object", {}};
  }
  return std::move(parsed.get_object());
}

}  // namespace

result<bucket_settings> parse_bucket_settings(std::string_view text) {
  SPILLWAY_TRY_ASSIGN(const json::object parsed, read_object(text));
  bucket_settings out;
  for (const json::key_value_pair& member : parsed) {
    SPILLWAY_TRY(read_member(out, member.key(), member.value()));
  }
  return out;
}

result<std::string> with_setting(std::string_view text, std::string_view name, const std::optional<std::string>& json) {
  SPILLWAY_TRY_ASSIGN(json::object members, read_object(text));
  const json::value* before = members.if_contains(name);
  if (json) {
    auto value = read_json(*json);
    if (!value) {
      return broken(name, "must be JSON");
    }
    if (before != nullptr && *before == *value) {
      return std::string(text);
    }
    members[name] = std::move(*value);
  } else if (before == nullptr) {
    return std::string(text);
  } else {
    // erase() would put the last member in its place.
    members.stable_erase(members.find(name));
  }
  std::string lines;
  for (const json::key_value_pair& member : members) {
    lines += fmt::format("{}\n  {}: {}", lines.empty() ? "" : ",", json::serialize(json::string(member.key())),
                         json::serialize(member.value()));
  }
  return "{" + lines + "\n}\n";
}

std::string to_json(const encryption_setting& setting) {
  const bool is_plain = setting.kms_key_id.empty() && setting.keys == encryption_setting::bucket_keys::off;
  if (is_plain) {
    return json::serialize(json::string(to_string(setting.algorithm)));
  }
  json::object whole{{"algorithm", to_string(setting.algorithm)}};
  if (!setting.kms_key_id.empty()) {
    whole["kms_key_id"] = setting.kms_key_id;
  }
  whole["bucket_keys"] = setting.keys == encryption_setting::bucket_keys::on;
  return json::serialize(whole);
}

}  // namespace spillway::bucket
