#include "check/marker_check.hpp"

#include "base/bytes.hpp"
#include "model/manifest.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace spillway::check {
namespace {

using file_name = std::string_view;

file_name file_name_of(std::string_view key) { return key.substr(key.rfind('/') + 1); }

// What of an object is not as it is listed; empty if all is.
std::string difference(const model::manifest_object& listed, const object_facts& found) {
  if (found.presence == presence::unread) {
    return {};
  }
  if (listed.bytes != static_cast<std::int64_t>(found.bytes)) {
    return fmt::format("{} bytes are listed, {} are there", listed.bytes, found.bytes);
  }
  if (const std::string sha256 = base::sha256_hex(found.sha256); listed.sha256 != sha256) {
    return fmt::format("the sha256 {} is listed, {} is there", listed.sha256, sha256);
  }
  if (!found.is_readable) {
    return {};
  }
  if (listed.events != found.lines) {
    return fmt::format("{} events are listed, {} are there", listed.events, found.lines);
  }
  if (listed.text_bytes != static_cast<std::int64_t>(found.text_bytes)) {
    return fmt::format("{} bytes of text are listed, {} are there", listed.text_bytes, found.text_bytes);
  }
  if (listed.text_crc32 != found.text_crc32) {
    return fmt::format("the text's CRC-32 {} is listed, {} is there", base::to_hex(listed.text_crc32),
                       base::to_hex(found.text_crc32));
  }
  return {};
}

const object_facts* find(const std::vector<object_facts>& found, file_name name) {
  const auto at = std::ranges::find(found, name, [](const object_facts& each) { return file_name_of(each.key); });
  return at == found.end() || at->presence == presence::gone ? nullptr : &*at;
}

void check_listed(const model::manifest& marker, const std::vector<object_facts>& found, tally& findings) {
  std::set<file_name> seen;
  for (const model::manifest_object& listed : marker.objects) {
    if (!seen.insert(file_name_of(listed.key)).second) {
      findings.add(finding_kind::marker, listed.key, 0, fmt::format("it lists {} more than once", listed.key));
      continue;
    }
    const auto name = model::parse_key(listed.key);
    if (!name || name->kind != model::object_kind::events || name->owner != marker.project ||
        name->hour != marker.hour) {
      findings.add(finding_kind::marker, listed.key, 0,
                   fmt::format("it lists {}, which is no object of its hour", listed.key));
      continue;
    }
    const object_facts* const there = find(found, file_name_of(listed.key));
    if (there == nullptr) {
      findings.add(finding_kind::marker, listed.key, 0, fmt::format("it lists {}, which is not there", listed.key));
    } else if (const std::string what = difference(listed, *there); !what.empty()) {
      findings.add(finding_kind::marker, listed.key, 0, fmt::format("of {} {}", listed.key, what));
    }
  }
}

void check_unlisted(const model::manifest& marker, const std::vector<object_facts>& found, tally& findings) {
  for (const object_facts& there : found) {
    const bool listed = std::ranges::any_of(marker.objects, [&](const model::manifest_object& each) {
      return file_name_of(each.key) == file_name_of(there.key);
    });
    if (there.presence != presence::gone && !listed) {
      findings.add(finding_kind::marker, there.key, 0, fmt::format("it does not list {}, which is there", there.key));
    }
  }
}

}  // namespace

result<std::optional<std::string>> read_marker(bucket::bucket& from, tally& findings) {
  std::string body;
  const bucket::byte_range as_much_as_is_read{0, model::marker_bytes_max + 1};
  const auto got = from.get(findings.key(), as_much_as_is_read, [&body](std::string_view piece) -> result<void> {
    body += piece;
    return {};
  });
  if (!got) {
    SPILLWAY_TRY(presence_behind(got.error(), findings));
    return std::optional<std::string>();
  }
  if (body.size() > model::marker_bytes_max) {
    findings.add(finding_kind::marker, {}, 0,
                 fmt::format("it has more than {}, too much for a marker", base::human_bytes(model::marker_bytes_max)));
    return std::optional<std::string>();
  }
  return std::optional<std::string>(std::move(body));
}

void check_marker(std::string_view body, const model::object_name& name, const std::vector<object_facts>& found,
                  tally& findings) {
  if (body.empty()) {
    return;
  }
  const auto marker = model::parse_manifest(body);
  if (!marker) {
    findings.add(finding_kind::marker, {}, 0, fmt::format("neither empty nor a manifest: {}", marker.error().cause));
    return;
  }
  if (marker->project != name.owner || marker->hour != name.hour) {
    findings.add(finding_kind::marker, {}, 0,
                 fmt::format("it says project {} and hour {}", marker->project, model::to_string(marker->hour)));
    return;
  }
  check_listed(*marker, found, findings);
  check_unlisted(*marker, found, findings);
}

}  // namespace spillway::check
