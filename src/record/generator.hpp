// Invented raw events in the `observed` form, for quick starts, tests and measurements: one line an event, all 55 keys
// in ASCII order, about 1,600 bytes on average:
//
//   {"$insert_id":"5b0c...","$insert_key":null,...,"uuid":"9d1e...","version_name":"7.21.0"}\n
//
// A settings value gives the same bytes on every machine: the random numbers are made here, from integers only.
#pragma once

#include "base/time.hpp"
#include "model/project.hpp"

#include <cstdint>
#include <string>

namespace spillway::record {

struct generator_settings {
  std::uint64_t events = 1000;
  int hours = 1;  // 1 or more
  std::uint64_t seed = 1;
  base::instant start = std::chrono::sys_days{std::chrono::year{2020} / 1 / 25} + std::chrono::hours{14};
  model::project_id project = 187520;
};

// `server_upload_time` rises evenly from `start` to just before `start` + `hours`; the client's times lie before it,
// for late uploads by up to three days, and some devices have a clock that is wrong by minutes to hours. Not
// thread-safe; two generators share nothing.
class event_generator {
public:
  explicit event_generator(generator_settings settings);

  // Appends the next event and '\n' to `line`; false, with nothing appended, when all are written.
  bool next(std::string& line);

private:
  generator_settings settings_;
  std::uint64_t written_ = 0;
  std::int64_t upload_ms_ = 0;         // of the next event, since `start`
  std::uint64_t upload_fraction_ = 0;  // of a millisecond, in parts of `events`
};

}  // namespace spillway::record
