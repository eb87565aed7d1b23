// Keys of a bucket: what is read as a name is written as the same key.
#include "model/object_key.hpp"
#include "fuzz/fuzz.hpp"

using namespace spillway;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const std::string_view key = fuzz::text_of(data, bytes);
  const auto name = model::parse_key(key);
  if (!name) {
    return 0;
  }
  const std::string bare = model::to_key(*name, "");
  if (key.find('/') == std::string_view::npos) {
    require(bare.substr(bare.find('/') + 1) == key, "a file name is written as it came");
  } else {
    require(key.ends_with(bare), "a key ends in what its name is written as");
    const std::string_view above = key.substr(0, key.size() - bare.size());
    require(above.empty() || above.ends_with('/'), "folders stand above it");
    // A key that starts with '/' has the empty prefix of nothing that to_key writes.
    require(above.size() < 2 || model::to_key(*name, above.substr(0, above.size() - 1)) == key, "the key comes back");
  }
  require(model::parse_key(bare) == name, "what is written is read back");
  require(model::parse_hour(model::to_string(name->hour)) == name->hour, "the hour comes back");
  return 0;
}
