// Raw events as lines of JSON, with what decides hours and duplicates said by the test.
#pragma once

#include "base/time.hpp"
#include "model/project.hpp"

#include <random>
#include <string>
#include <string_view>

namespace spillway::test {

// 2020-01-25T14:00:00Z, the hour in which tests have their events unless they say otherwise.
inline constexpr base::instant test_start = std::chrono::sys_days{std::chrono::year{2020} / 1 / 25} + std::chrono::hours{14};

struct raw_event {
  model::project_id app = 1;
  std::string insert_id;  // empty: it has none
  std::string uuid;       // empty: it has none
  base::instant uploaded_at = test_start;
  std::string device = "device-1";
  std::string type = "view";
  std::size_t padding = 0;  // bytes of a property that makes the line longer
};

// The line, with its '\n'.
inline std::string to_line(const raw_event& from) {
  std::string line = "{\"app\":" + std::to_string(from.app) + ",\"device_id\":\"" + from.device + "\",\"event_type\":\"" +
                     from.type + "\",\"server_upload_time\":\"" + base::format_timestamp(from.uploaded_at, ' ') + "\"";
  line += from.insert_id.empty() ? "" : ",\"$insert_id\":\"" + from.insert_id + "\"";
  line += from.uuid.empty() ? "" : ",\"uuid\":\"" + from.uuid + "\"";
  line += from.padding == 0 ? "" : ",\"event_properties\":{\"padding\":\"" + std::string(from.padding, 'x') + "\"}";
  return line + "}\n";
}

// Letters that hardly compress: six bits each.
inline std::string noise_letters(std::size_t count, unsigned seed) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::mt19937 random(seed);
  std::string text(count, ' ');
  for (char& each : text) {
    each = letters[random() % letters.size()];
  }
  return text;
}

// `count` events that are all different, `step` apart.
inline std::string to_lines(std::size_t count, raw_event first = {}, base::instant::duration step = std::chrono::seconds{1},
                            const std::string& name = "event") {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    first.insert_id = name + "-" + std::to_string(i);
    lines += to_line(first);
    first.uploaded_at += step;
  }
  return lines;
}

}  // namespace spillway::test
