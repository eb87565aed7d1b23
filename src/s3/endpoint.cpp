#include "s3/endpoint.hpp"

#include "base/bytes.hpp"
#include "base/origin.hpp"

#include <algorithm>

namespace spillway::s3 {
namespace {

// What the names of a partition's regions begin with; those of "aws" in many ways. Source: AWS SDKs, partitions.json.
struct partition_of_regions {
  std::string_view regions;
  partition named;
};
constexpr partition_of_regions partitions[] = {
    {"cn-", {"aws-cn", "amazonaws.com.cn"}},       {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk"}},
    {"eusc-", {"aws-eusc", "amazonaws.eu"}},       {"us-gov-", {"aws-us-gov", "amazonaws.com"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov"}},        {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov"}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov"}},
};

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// A path that is the same before and after encoding: what '%' in it should mean can't be known.
bool is_plain_path(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '/' || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

// One label of a host name that any certificate and resolver takes.
bool is_dns_label(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_in_host(const bucket_address& bucket) {
  // An address has no names below it.
  const std::string& host = bucket.endpoint.origin.host;
  const bool is_address = base::is_ipv6_literal(host) || host.find_first_not_of("0123456789.") == std::string::npos;
  return bucket.endpoint.addressing == addressing::virtual_host && is_dns_label(bucket.name) && !is_address;
}

}  // namespace

result<endpoint> parse_endpoint(std::string_view url) {
  const auto refused = [url](std::string cause) {
    // User information would be a secret: what stands in front of the last '@' is not shown.
    const std::size_t at = url.rfind('@');
    const std::string_view shown = url.substr(at == std::string_view::npos ? 0 : at);
    return failure{errc::usage, "reading the endpoint " + base::printable(shown), std::move(cause),
                   "write it as http://HOST:PORT or https://HOST"};
  };
  const std::size_t start = url.find("://");
  const std::string_view scheme_text = url.substr(0, start == std::string_view::npos ? 0 : start);
  if (scheme_text != "http" && scheme_text != "https") {
    return refused("it starts neither with http:// nor with https://");
  }
  const std::string_view rest = url.substr(start + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  if (rest.substr(0, slash).find('@') != std::string_view::npos) {
    failure with_user = refused("an endpoint takes no user or password");
    with_user.hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and write the endpoint as http://HOST:PORT";
    return with_user;
  }
  const auto where = base::parse_authority(rest.substr(0, slash));
  if (!where) {
    return refused(where.error().cause);
  }
  std::string_view path = rest.substr(slash);
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (!is_plain_path(path)) {
    return refused("its path holds a query, a fragment or characters that would have to be encoded");
  }
  const scheme how = scheme_text == "https" ? scheme::https : scheme::http;
  return endpoint{
      {how, where->host, where->port.value_or(base::default_port(how))}, std::string(path), addressing::path};
}

result<endpoint> aws_service_endpoint(std::string_view service, std::string_view region) {
  SPILLWAY_TRY(check_region(region));
  const std::string host =
      std::string(service) + "." + std::string(region) + "." + std::string(partition_of(region).dns_suffix);
  return endpoint{{scheme::https, host, 443}, {}, addressing::path};
}

std::string to_string(const endpoint& value) { return base::to_string(value.origin) + value.base_path; }

result<endpoint> aws_endpoint(std::string_view region) {
  SPILLWAY_TRY_ASSIGN(endpoint found, aws_service_endpoint("s3", region));
  found.addressing = addressing::virtual_host;
  return found;
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 63 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

result<void> check_region(std::string_view text) {
  if (!is_region(text)) {
    return failure{errc::usage, "reading the region " + base::printable(text), "not the name of a region",
                   "name one such as eu-west-1 with --region"};
  }
  return {};
}

partition partition_of(std::string_view region) {
  const auto* found = std::ranges::find_if(
      partitions, [region](const partition_of_regions& each) { return region.starts_with(each.regions); });
  return found == std::end(partitions) ? partition{"aws", "amazonaws.com"} : found->named;
}

bool is_partition(std::string_view name) {
  return name == "aws" ||
         std::ranges::any_of(partitions, [name](const partition_of_regions& each) { return each.named.name == name; });
}

bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && (is_letter(name.front()) || is_digit(name.front())) &&
         name.find("..") == std::string_view::npos && std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
         });
}

origin origin_of(const bucket_address& bucket) {
  origin where = bucket.endpoint.origin;
  if (is_in_host(bucket)) {
    where.host = bucket.name + "." + where.host;
  }
  return where;
}

std::string path_of(const bucket_address& bucket, std::string_view key) {
  std::string path = bucket.endpoint.base_path;
  if (!is_in_host(bucket)) {
    path += "/" + bucket.name;
    return key.empty() ? path : path + "/" + std::string(key);
  }
  return path + "/" + std::string(key);
}

}  // namespace spillway::s3
