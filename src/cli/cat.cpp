// spillway cat: the lines of objects, unpacked, on standard output; what is not packed, as it is.
#include "base/bytes.hpp"
#include "base/shell_word.hpp"
#include "check/key_check.hpp"
#include "cli/destination.hpp"
#include "cli/program.hpp"
#include "codec/gunzip.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace spillway::cli {
namespace {

constexpr std::string_view packed_suffix = ".json.gz";
constexpr std::size_t text_bytes = std::size_t{256} << 10;
constexpr int near_keys_max = 3;

struct cat_options {
  std::string dest;
  std::vector<std::string> keys;
};

// Unpacks what is handed to it, and prints it.
class unpacking_printer {
public:
  result<void> take(std::string_view compressed) {
    for (;;) {
      SPILLWAY_TRY_ASSIGN(const codec::gunzip::progress step, unpacker_.inflate(compressed, text_));
      SPILLWAY_TRY(print({text_.data(), step.produced}));
      compressed.remove_prefix(step.consumed);
      if (step.produced < text_.size()) {
        return {};
      }
    }
  }
  result<void> finish() const { return unpacker_.finish(); }

private:
  codec::gunzip unpacker_{codec::no_gunzip_limits};
  std::vector<char> text_ = std::vector<char>(text_bytes);
};

// Up to three keys that start like `key`, for a message: the longest start that any key has, cut at the places where
// the parts of a name end.
result<std::string> near_keys(bucket::bucket& from, std::string key) {
  while (!key.empty()) {
    const std::size_t cut = key.find_last_of("#_/");
    key.resize(cut == std::string::npos ? 0 : cut);
    SPILLWAY_TRY_ASSIGN(const bucket::list_page page, from.list(key, {}, near_keys_max));
    std::string names;
    for (const bucket::object_info& each : page.objects) {
      names += (names.empty() ? "" : ", ") + base::printable(each.key);
    }
    if (!names.empty()) {
      return names;
    }
  }
  return std::string();
}

// The key as the bucket has it. A key pasted from an address has %23 for '#', a typed one may pad its hour or lack its
// folder; an object that is really called so goes first.
result<std::string> find_key(bucket::bucket& from, const std::string& wanted) {
  SPILLWAY_TRY_ASSIGN(const auto as_typed, from.head(wanted));
  if (as_typed) {
    return wanted;
  }
  const check::key_reading read = check::read_key(wanted);
  if (!read.should_be.empty()) {
    SPILLWAY_TRY_ASSIGN(const auto as_meant, from.head(read.should_be));
    if (as_meant) {
      return read.should_be;
    }
  }
  SPILLWAY_TRY_ASSIGN(const std::string near, near_keys(from, read.should_be.empty() ? wanted : read.should_be));
  return failure{errc::not_found, "printing " + base::printable(wanted),
                 fmt::format("{} has no object of that name", base::printable(from.name())),
                 near.empty() ? "the bucket is empty: export something to it" : "near it are " + near};
}

result<void> print_object(bucket::bucket& from, const std::string& key, const std::stop_token& stop) {
  const bool is_packed = key.ends_with(packed_suffix);
  unpacking_printer unpacking;
  const auto print_piece = [&](std::string_view piece) -> result<void> {
    if (stop.stop_requested()) {
      return failure{errc::interrupted, "printing", "asked to stop", {}};
    }
    return is_packed ? unpacking.take(piece) : print(piece);
  };
  SPILLWAY_TRY(from.get(key, {}, print_piece));
  if (is_packed) {
    if (auto whole = unpacking.finish(); !whole) {
      return base::while_doing("printing " + base::printable(key), whole.error());
    }
  }
  return {};
}

// "s3://raw/analytics/1/x.json.gz", as other programs name an object, is a bucket and a key.
result<void> check_is_key(const std::string& name) {
  constexpr std::string_view scheme = "s3://";
  if (!name.starts_with(scheme)) {
    return {};
  }
  const std::size_t slash = std::min(name.find('/', scheme.size()), name.size());
  const std::string key = slash + 1 < name.size() ? base::shell_word(name.substr(slash + 1)) : "KEY";
  return failure{errc::usage, "printing " + base::printable(name), "it is an address, and no key",
                 fmt::format("spillway cat {} {}", base::shell_word(name.substr(0, slash)), key)};
}

result<exit_status> print_objects(const cat_options& wanted, session& with) {
  for (const std::string& key : wanted.keys) {
    SPILLWAY_TRY(check_is_key(key));
  }
  SPILLWAY_TRY_ASSIGN(const destination from, open_destination(wanted.dest, make_bucket::no, with));
  // All names are looked up first: a slip in the last one is said before a line is out.
  std::vector<std::string> keys;
  for (const std::string& key : wanted.keys) {
    SPILLWAY_TRY_ASSIGN(std::string found, find_key(*from.opened, key));
    keys.push_back(std::move(found));
  }
  for (const std::string& key : keys) {
    SPILLWAY_TRY(print_object(*from.opened, key, with.stop));
  }
  return exit_status::done;
}

}  // namespace

void add_cat(program& to) {
  auto wanted = std::make_shared<cat_options>();
  CLI::App& verb = to.add_verb("cat", "Print the events of objects as JSON lines", program::uses_state::no,
                               [wanted](session& with) { return print_objects(*wanted, with); });
  without_json(verb);
  verb.add_option("DEST", wanted->dest, "The bucket: s3://BUCKET/PREFIX, or a directory")->required();
  to.add_destination_options(verb);
  verb.add_option("KEY", wanted->keys, "The keys of the objects, as `ls` prints them; %23 is understood as #")
      ->required();
}

}  // namespace spillway::cli
