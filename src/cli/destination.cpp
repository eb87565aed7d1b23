#include "cli/destination.hpp"

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "bucket/mirror_bucket.hpp"
#include "bucket/retrying_bucket.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace spillway::cli {
namespace {

constexpr std::string_view s3_scheme = "s3://";

std::string opening(const std::string& dest) { return "opening " + base::printable(dest); }

// "s3://raw/analytics/": bucket "raw", prefix "analytics".
result<destination> locate_s3(std::string_view dest, const aws_choice& aws) {
  dest.remove_prefix(s3_scheme.size());
  while (dest.ends_with('/')) {
    dest.remove_suffix(1);
  }
  const std::size_t slash = std::min(dest.find('/'), dest.size());
  destination located;
  located.bucket_name = dest.substr(0, slash);
  if (located.bucket_name.empty()) {  // as of s3://$BUCKET/raw where BUCKET is not set
    return failure{errc::usage, {}, "it names no bucket", "write s3://BUCKET/PREFIX"};
  }
  located.prefix = dest.substr(std::min(slash + 1, dest.size()));
  if (located.prefix.starts_with('/')) {  // MinIO takes the keys of "/raw" for those of "raw"
    return failure{errc::usage,
                   {},
                   "its prefix starts with '/'",
                   fmt::format("write s3://{}/{}", located.bucket_name,
                               located.prefix.substr(located.prefix.find_first_not_of('/')))};
  }
  located.place.destination = std::string(s3_scheme) + std::string(dest);
  SPILLWAY_TRY_ASSIGN(const std::string url, bucket::find_endpoint_url(aws.settings, base::system_environment()));
  if (!url.empty()) {
    SPILLWAY_TRY_ASSIGN(const s3::endpoint endpoint, s3::parse_endpoint(url));
    located.place.endpoint = s3::to_string(endpoint);
  }
  return located;
}

s3::checksum checksum_named(std::string_view name) {
  if (name == "md5") {
    return s3::checksum::md5;
  }
  return name == "none" ? s3::checksum::none : s3::checksum::sha256;
}

result<std::string> directory_name(const std::string& dest) {
  // The ledger knows a bucket by this name, so "./bucket" and "bucket/" must come out as one.
  std::error_code failed;
  std::filesystem::path root = std::filesystem::weakly_canonical(std::filesystem::absolute(dest, failed), failed);
  if (failed) {
    return base::from_errno(failed.value(), opening(dest));
  }
  // weakly_canonical keeps the slash of "new/" when there is no such directory yet.
  return (root.has_filename() ? root : root.parent_path()).string();
}

using bucket_result = result<std::unique_ptr<bucket::bucket>>;

// What fails in passing is tried again, as in S3.
bucket_result open_directory(const std::string& name, make_bucket make, const session& with) {
  const auto create = make == make_bucket::yes ? bucket::create_root::yes : bucket::create_root::no;
  SPILLWAY_TRY_ASSIGN(std::unique_ptr<bucket::bucket> mirror, bucket::open_mirror(name, *with.clock, create));
  return bucket::make_retrying(std::move(mirror), bucket::make_retry_world(with.stop));
}

bucket_result open_s3_bucket(const destination& located, const aws_choice& aws, const session& with) {
  SPILLWAY_TRY_ASSIGN(const bucket::s3_options wanted, s3_options_of(located, aws));
  return bucket::open_s3(wanted, session::real_clock, with.stop);
}

result<destination> open(destination located, make_bucket make, const aws_choice& aws, const session& with) {
  auto opened = located.bucket_name.empty() ? open_directory(located.place.destination, make, with)
                                            : open_s3_bucket(located, aws, with);
  if (!opened) {
    return base::while_doing(opening(located.place.destination), std::move(opened).error());
  }
  located.opened = std::move(*opened);
  return located;
}

result<destination> locate(const std::string& dest, const aws_choice& aws) {
  if (dest.empty()) {
    return failure{errc::usage, "opening the destination", "it has no name", "name a directory, such as ./bucket"};
  }
  if (dest.starts_with(s3_scheme)) {
    auto located = locate_s3(dest, aws);
    return located ? std::move(located) : base::while_doing(opening(dest), std::move(located).error());
  }
  if (dest.find("://") != std::string::npos) {
    return failure{errc::usage, opening(dest), "destinations are s3://BUCKET/PREFIX or directories",
                   "name another S3 service with --endpoint-url, and its bucket with s3://"};
  }
  if (dest.starts_with("s3:")) {
    return failure{errc::usage, opening(dest), "a bucket of S3 is s3://BUCKET/PREFIX",
                   "correct it, or write ./ before the name of a directory"};
  }
  SPILLWAY_TRY_ASSIGN(std::string name, directory_name(dest));
  return destination{nullptr, {std::move(name)}, {}, {}};
}

}  // namespace

result<bucket::s3_options> s3_options_of(const destination& located, const aws_choice& aws) {
  bucket::s3_options wanted;
  wanted.name = located.bucket_name;
  wanted.checksum = checksum_named(aws.checksum);
  wanted.expected_owner = aws.expected_bucket_owner;
  wanted.find_again = [settings = aws.settings, endpoint = located.place.endpoint]() -> result<bucket::aws_settings> {
    SPILLWAY_TRY_ASSIGN(auto found, bucket::find_aws_settings(settings, base::system_environment()));
    found.endpoint_url = endpoint;  // whatever the files say by now
    return found;
  };
  SPILLWAY_TRY_ASSIGN(wanted.aws, wanted.find_again());
  return wanted;
}

result<destination> locate_destination(const std::string& dest, const session& with) { return locate(dest, with.aws); }

result<destination> open_located(destination located, make_bucket make, const session& with) {
  return open(std::move(located), make, with.aws, with);
}

result<destination> open_destination(const std::string& dest, make_bucket make, const session& with) {
  return open_destination(dest, make, with.aws, with);
}

result<destination> open_destination(const std::string& dest, make_bucket make, const aws_choice& aws,
                                     const session& with) {
  SPILLWAY_TRY_ASSIGN(destination located, locate(dest, aws));
  return open(std::move(located), make, aws, with);
}

void program::add_destination_options(CLI::App& verb) {
  verb.add_option("--profile", aws_.settings.profile, "A profile of the shared AWS files")->type_name("NAME");
  verb.add_option("--region", aws_.settings.region, "The bucket's region")->type_name("REGION");
  verb.add_option("--endpoint-url", aws_.settings.endpoint_url, "Another S3 service than AWS's, in path style")
      ->type_name("URL");
  verb.add_option("--ca-bundle", aws_.settings.ca_bundle, "Authorities to trust in place of the system's")
      ->type_name("FILE");
  verb.add_option("--expected-bucket-owner", aws_.expected_bucket_owner, "The account that the bucket must belong to")
      ->type_name("ACCOUNT");
}

void program::add_put_options(CLI::App& verb) {
  verb.add_option("--sse", aws_.sse, "Encryption of objects (default: the bucket's)")
      ->check(CLI::IsMember({"AES256", "aws:kms"}))
      ->type_name("KIND");
  verb.add_option("--sse-kms-key-id", aws_.sse_kms_key_id, "The key of --sse aws:kms")->type_name("KEY");
  verb.add_option("--checksum", aws_.checksum, "What S3 keeps to check objects by")
      ->check(CLI::IsMember({"sha256", "md5", "none"}))
      ->type_name("KIND")
      ->capture_default_str();
}

result<bucket::put_options> put_options_of(const aws_choice& wanted) {
  bucket::put_options made;
  made.encryption = base::parse_name<bucket::encryption>(wanted.sse).value_or(bucket::encryption::bucket_default);
  if (!wanted.sse_kms_key_id.empty() && made.encryption != bucket::encryption::sse_kms) {
    return failure{errc::usage, "reading the command line", "--sse-kms-key-id needs --sse aws:kms", {}};
  }
  made.kms_key_id = wanted.sse_kms_key_id;
  return made;
}

}  // namespace spillway::cli
