#include "cli/connection_bucket.hpp"

#include "cli/shared_options.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace spillway::cli {

model::access_settings access_settings_of(const aws_choice& chosen) {
  // Whoever delivers may be started elsewhere.
  const std::string& bundle = chosen.settings.ca_bundle;
  return {chosen.settings.profile,
          chosen.settings.region,
          bundle.empty() ? bundle : std::filesystem::absolute(bundle).string(),
          chosen.expected_bucket_owner,
          chosen.sse,
          chosen.sse_kms_key_id,
          chosen.checksum};
}

aws_choice aws_choice_of(const model::access_settings& kept, const std::string& endpoint) {
  aws_choice made;
  made.settings.profile = kept.profile;
  made.settings.region = kept.region;
  made.settings.ca_bundle = kept.ca_bundle;
  made.settings.endpoint_url = endpoint;
  made.expected_bucket_owner = kept.expected_owner;
  made.sse = kept.sse;
  made.sse_kms_key_id = kept.kms_key_id;
  made.checksum = kept.checksum;
  return made;
}

result<connection::opened_bucket> open_bucket_of(const model::connection& of, make_bucket make, const session& with) {
  const aws_choice aws = aws_choice_of(of.access, of.place.endpoint);
  SPILLWAY_TRY_ASSIGN(destination to, open_destination(of.place.destination, make, aws, with));
  if (!(to.place == of.place)) {
    return failure{errc::usage, fmt::format("opening the bucket of connection {}", of.id),
                   fmt::format("it was made for the endpoint {}, and the environment names {}",
                               of.place.endpoint.empty() ? "of AWS" : of.place.endpoint, to.place.endpoint),
                   "unset AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3, or make a connection for the other endpoint"};
  }
  connection::opened_bucket opened;
  opened.bucket = std::move(to.opened);
  opened.prefix = std::move(to.prefix);
  SPILLWAY_TRY_ASSIGN(opened.put, put_options_of(aws));
  return opened;
}

connection::bucket_opener make_opener(const session& with) {
  return [&with](const model::connection& of) { return open_bucket_of(of, make_bucket::no, with); };
}

connection::agent_world make_one_shot_world(const session& with) {
  return {*with.clock, make_opener(with), [] { return 0.5; }, [](const notify::incident&, notify::incident_event) {},
          threads_of(0)};
}

}  // namespace spillway::cli
