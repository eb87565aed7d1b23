// ROOT/.spillway/bucket.json, read from a mirror and changed there as when a bucket's settings are put.
#include "bucket/mirror_settings.hpp"
#include "fuzz/fuzz.hpp"
#include "support/temp_dir.hpp"

#include "fs/descriptor.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>

using namespace spillway;
using fuzz::require;

namespace {

class mirror {
public:
  mirror() : root_(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    std::filesystem::create_directory(dir_ / ".spillway");
  }
  int root() const { return root_.get(); }
  void write(std::string_view text) const { std::ofstream(file(), std::ios::binary) << text; }

private:
  std::filesystem::path file() const { return dir_ / ".spillway" / "bucket.json"; }

  test::temp_dir dir_;
  fs::descriptor root_;
};

void require_right(const bucket::bucket_settings& settings) {
  for (const bucket::fault& each : settings.faults) {
    require(each.nth >= 1 && each.times >= 0 && each.delay_ms >= 0 && each.delay_ms <= 10'000,
            "a fault's numbers are in bounds");
    require(!each.error.empty() || each.delay_ms >= 0, "a fault does something");
  }
}

// Calls go through rules with these settings; delays are tested by others.
void ask(bucket::bucket_settings settings) {
  for (bucket::fault& each : settings.faults) {
    each.delay_ms = 0;
  }
  bucket::bucket_rules rules(std::move(settings));
  for (int i = 0; i <= static_cast<int>(bucket::operation::delete_bucket_encryption); ++i) {
    (void)rules.admit(static_cast<bucket::operation>(i), "1/1_2020-01-25_17_complete", bucket::encryption::sse_kms);
  }
  (void)rules.admit_absence("1/1_2020-01-25_17#1.json.gz");
}

// A text with one setting changed says that, and all else as before; the change taken back, all is as before.
void change(std::string_view text, const bucket::bucket_settings& before) {
  const auto changed = bucket::with_setting(text, "location", "\"eu-west-7\"");
  require(changed.has_value(), "a setting can be changed");
  const auto settings = bucket::parse_bucket_settings(*changed);
  require(settings && settings->location == "eu-west-7", "a setting that was changed is read back");
  require(settings->policy == before.policy && settings->default_encryption == before.default_encryption &&
              settings->kms_key_id == before.kms_key_id && settings->deny == before.deny &&
              settings->faults.size() == before.faults.size(),
          "other settings stay");
  const auto again = bucket::with_setting(*changed, "location", "\"eu-west-7\"");
  require(again && *again == *changed, "a text that says so already stays as it is");
  const auto without = bucket::with_setting(*changed, "location", std::nullopt);
  require(without && bucket::parse_bucket_settings(*without)->location == "us-east-1", "a setting can be taken away");
}

void keep_encryption(const bucket::encryption_setting& setting) {
  const auto text = bucket::with_setting("{}", "default_encryption", bucket::to_json(setting));
  require(text.has_value(), "an encryption can be written");
  const auto settings = bucket::parse_bucket_settings(*text);
  require(settings && settings->default_encryption == setting, "an encryption comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  static const mirror at;
  const std::string_view text = fuzz::text_of(data, bytes);
  at.write(text);
  const auto settings = bucket::read_settings(at.root());
  require(settings.has_value() == bucket::parse_bucket_settings(text).has_value(), "the file says what its text says");
  if (!settings) {
    require(settings.error().code == errc::invalid, "a text that can't be taken is invalid");
    return 0;
  }
  require_right(*settings);
  ask(*settings);
  change(text, *settings);
  if (settings->default_encryption) {
    keep_encryption(*settings->default_encryption);
  }
  return 0;
}
