#include "model/connection.hpp"

namespace spillway::model {
namespace {

constexpr std::string_view s3_scheme = "s3://";

}  // namespace

place bucket_of(const place& which) {
  if (!which.destination.starts_with(s3_scheme)) {
    return which;
  }
  return {which.destination.substr(0, which.destination.find('/', s3_scheme.size())), which.endpoint};
}

std::string bucket_name_of(const place& which) {
  const bool is_directory = !which.destination.starts_with(s3_scheme);
  return is_directory ? std::string() : bucket_of(which).destination.substr(s3_scheme.size());
}

hour first_hour_of_day(base::instant when) { return hour_of(std::chrono::floor<std::chrono::days>(when)); }

bool is_within_takeover_time(const connection& disabled, base::instant now) {
  return now - disabled.disabled_at.value_or(now) <= takeover_time_max;
}

}  // namespace spillway::model
