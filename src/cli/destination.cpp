#include "cli/program.hpp"

#include "base/bytes.hpp"
#include "bucket/mirror_bucket.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace spillway::cli {
namespace {

// Longer names are cut in messages.
constexpr std::size_t shown_bytes_max = 200;

bool names_a_scheme(std::string_view dest) { return dest.find("://") != std::string_view::npos; }

}  // namespace

result<std::string> destination_name(const std::string& dest) {
  const std::string doing = "opening " + base::printable(dest, shown_bytes_max);
  if (dest.empty()) {
    return failure{errc::usage, "opening the destination", "it has no name", "name a directory, such as ./bucket"};
  }
  if (names_a_scheme(dest)) {
    return failure{errc::usage, doing, "only directories can be destinations of this build",
                   "name a directory, such as ./bucket"};
  }
  // The ledger knows a bucket by this name, so "./bucket" and "bucket/" must come out as one.
  std::error_code failed;
  std::filesystem::path root = std::filesystem::weakly_canonical(std::filesystem::absolute(dest, failed), failed);
  if (failed) {
    return base::from_errno(failed.value(), doing);
  }
  // weakly_canonical keeps the slash of "new/" when there is no such directory yet.
  return (root.has_filename() ? root : root.parent_path()).string();
}

result<destination> open_destination(const std::string& dest, make_bucket make, const base::clock& clock) {
  SPILLWAY_TRY_ASSIGN(std::string name, destination_name(dest));
  const auto create = make == make_bucket::yes ? bucket::create_root::yes : bucket::create_root::no;
  auto opened = bucket::open_mirror(name, clock, create);
  if (!opened) {
    return base::while_doing("opening " + base::printable(dest, shown_bytes_max), std::move(opened).error());
  }
  return destination{std::move(*opened), std::move(name), {}};
}

}  // namespace spillway::cli
