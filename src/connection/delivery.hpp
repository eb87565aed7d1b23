// How a connection delivers: its bucket opened, and its settings as export takes them.
#pragma once

#include "bucket/bucket.hpp"
#include "export/settings.hpp"
#include "model/connection.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace spillway::connection {

// After its end, until an hour is delivered by itself: events that are on their way then are still in it.
inline constexpr std::chrono::minutes settling_usual{5};

// When the hour that is the next to close does so, after `now`.
inline base::instant next_closing(base::instant now) {
  return model::hour_of(now - settling_usual).end() + settling_usual;
}

struct opened_bucket {
  std::shared_ptr<bucket::bucket> bucket;
  std::string prefix;  // of all keys
  bucket::put_options put;  // how objects are put: encryption
};

// Opens the bucket of a connection with the settings that it names. Thread rule: any thread.
using bucket_opener = std::function<result<opened_bucket>(const model::connection&)>;

// A filter in either of its forms as JSON, as connections keep it. Empty: none. errc::usage: it can't be read.
result<std::string> canonical_filter(std::string_view filter);

// Of a scheduled connection: every hour from its start, once it has settled.
exporting::settings settings_of(const model::connection& connection, const opened_bucket& to);

}  // namespace spillway::connection
