// Bodies of markers: what is read as a manifest is written as one that says the same.
#include "model/manifest.hpp"
#include "fuzz/fuzz.hpp"

using namespace spillway;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const auto read = model::parse_manifest(fuzz::text_of(data, bytes));
  if (read) {
    const std::string written = model::to_json(*read);
    const auto again = model::parse_manifest(written);
    require(again && *again == *read, "a manifest that is written is read back");
    require(model::to_json(*again) == written, "the same manifest gives the same bytes");
  }
  return 0;
}
