// Buckets of a few objects, written by hand: records, gzip files and markers, right ones unless a test changes them.
#pragma once

#include "base/clock.hpp"
#include "bucket/mirror_bucket.hpp"
#include "check/check.hpp"
#include "model/manifest.hpp"
#include "model/object_key.hpp"
#include "record/encode.hpp"
#include "support/check_result.hpp"
#include "support/count_lines.hpp"
#include "support/gzip_of.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace spillway::test {

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "nothing to replace: " << from);
  return text.replace(at, from.size(), to);
}

// A record with its '\n', as Spillway writes it. `uploaded_at` like "2020-01-25 17:00:05.000000".
inline std::string record_line(model::record_form form, std::int64_t project, std::string_view uploaded_at,
                               std::string_view insert_id) {
  using record::column;
  using record::value_kind;
  record::columns event;
  event.set(column::app, value_kind::number, std::to_string(project));
  event.set(column::device_id, value_kind::string, "d-00001");
  event.set(column::event_type, value_kind::string, "view");
  event.set(column::session_id, value_kind::number, "-1");
  event.set(column::uuid, value_kind::string, "f48913e6-c106-5429-8d0c-9c1f0c5a1b2e");
  event.set(column::event_time, value_kind::string, std::string(uploaded_at));
  event.set(column::server_upload_time, value_kind::string, std::string(uploaded_at));
  if (!insert_id.empty()) {
    event.set(column::insert_id, value_kind::string, std::string(insert_id));
  }
  std::string line;
  record::encode(event, form, line);
  return line;
}

// The manifest's entry for an object with this text.
inline model::manifest_object listed(const std::string& key, const std::string& text) {
  const std::string packed = gzip_of(text);
  return {key,
          count_lines(text),
          static_cast<std::int64_t>(text.size()),
          codec::crc32_of(text),
          static_cast<std::int64_t>(packed.size()),
          base::sha256_hex(base::sha256_of(packed))};
}

struct small_bucket {
  temp_dir dir;
  base::fixed_clock clock{base::from_us(1'579'975'200'000'000)};
  std::unique_ptr<bucket::bucket> mirror =
      bucket::open_mirror(dir / "bucket", clock, bucket::create_root::yes).value();
  std::vector<check::finding> found;

  void put(std::string_view key, std::string_view bytes) {
    bucket::memory_body body(bytes);
    REQUIRE_OK(mirror->put(key, body, {}));
  }
  void put_packed(std::string_view key, std::string_view text) { put(key, gzip_of(text)); }

  check::finding_sink sink() {
    return [this](const check::finding& each) -> result<void> {
      found.push_back(each);
      return {};
    };
  }

  // "kind key" or "kind key:line", one a finding; the findings themselves are in `found`.
  std::vector<std::string> names_found() const {
    std::vector<std::string> names;
    for (const check::finding& each : found) {
      const std::string line = each.line > 0 ? ":" + std::to_string(each.line) : "";
      names.push_back(fmt::format("{} {}{}", check::to_string(each.kind), each.key, line));
    }
    return names;
  }
  std::vector<std::string> findings(const check::settings& wanted = {}, const check::ledger_view* ledger = nullptr) {
    found.clear();
    const auto report = check::check_bucket(*mirror, wanted, ledger, sink());
    REQUIRE_OK(report);
    BOOST_TEST(report->findings + report->notes == static_cast<std::int64_t>(found.size()));
    return names_found();
  }
};

using names = std::vector<std::string>;

}  // namespace spillway::test
