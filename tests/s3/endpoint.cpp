#include "s3/endpoint.hpp"

#include "support/check_result.hpp"

#include <string>
#include <string_view>

namespace spillway::s3_endpoint_tests {
namespace {

using spillway::s3::addressing;
using spillway::s3::authority;
using spillway::s3::aws_endpoint;
using spillway::s3::aws_service_endpoint;
using spillway::s3::bucket_address;
using spillway::s3::endpoint;
using spillway::s3::is_bucket_name;
using spillway::s3::is_region;
using spillway::s3::origin_of;
using spillway::s3::parse_endpoint;
using spillway::s3::partition_of;
using spillway::s3::path_of;
using spillway::s3::scheme;

// "host:port" and the path, as a request for `key` would have them.
std::string place_of(const endpoint& where, const std::string& bucket, std::string_view key) {
  const bucket_address address{where, bucket, {}};
  return authority(origin_of(address)) + " " + path_of(address, key);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_endpoint)

BOOST_AUTO_TEST_CASE(an_endpoint_is_scheme_host_port_and_path) {
  const struct {
    std::string_view url;
    endpoint where;
  } rows[] = {
      {"http://127.0.0.1:9000", {{scheme::http, "127.0.0.1", 9000}, "", addressing::path}},
      {"http://127.0.0.1:9000/", {{scheme::http, "127.0.0.1", 9000}, "", addressing::path}},
      {"https://S3.Example.COM", {{scheme::https, "s3.example.com", 443}, "", addressing::path}},
      {"http://minio", {{scheme::http, "minio", 80}, "", addressing::path}},
      {"https://[::1]:9000/s3/base", {{scheme::https, "::1", 9000}, "/s3/base", addressing::path}},
      {"https://[FE80::1]", {{scheme::https, "fe80::1", 443}, "", addressing::path}},
      {"https://gw.example.com:65535/s3//", {{scheme::https, "gw.example.com", 65535}, "/s3", addressing::path}},
  };
  for (const auto& row : rows) {
    const auto read = parse_endpoint(row.url);
    BOOST_TEST_CONTEXT(row.url) {
      REQUIRE_OK(read);
      BOOST_TEST((*read == row.where));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_endpoint_is_refused) {
  for (const std::string_view url : {"",
                                     "x",
                                     "://",
                                     "http://",
                                     "https:///path",
                                     "ftp://host",
                                     "HTTP//host",
                                     "//host",
                                     "host:9000",
                                     "127.0.0.1:9000",
                                     "http://:9000",
                                     "http://host:",
                                     "http://host:0",
                                     "http://host:65536",
                                     "http://host:-1",
                                     "http://host:+1",
                                     "http://host:1x",
                                     "http://host:1:2",
                                     "http://user@host",
                                     "http://user:secret@host",
                                     "http://host?x=1",
                                     "http://host/?x=1",
                                     "http://host/#x",
                                     "http://host/a b",
                                     "http://host/a%20b",
                                     "http://ho st",
                                     "http://.host",
                                     "http://-host",
                                     "http://h\xc3\xb6st",
                                     "http://host\n",
                                     "http://host/\r\nx",
                                     "http://[::1",
                                     "http://[::1]x",
                                     "http://[host]",
                                     "http://[]",
                                     "http://::1",
                                     "http://host\\x",
                                     " http://host"}) {
    BOOST_TEST_CONTEXT("\"" << url << "\"") { CHECK_FAILS(parse_endpoint(url), errc::usage); }
  }
  CHECK_FAILS(parse_endpoint("http://" + std::string(254, 'a')), errc::usage);
}

BOOST_AUTO_TEST_CASE(a_password_in_an_endpoint_is_not_shown) {
  const auto refused = parse_endpoint("https://user:secret@host:9000/x");
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().text().find("secret") == std::string::npos);
  BOOST_TEST(refused.error().text().find("host:9000") != std::string::npos);
  const auto doubled = parse_endpoint("https://user:an@secret@host:9000/x");
  BOOST_REQUIRE(!doubled);
  BOOST_TEST(doubled.error().text().find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(user_information_in_an_endpoint_is_named_as_what_is_not_taken) {
  for (const std::string_view url : {"http://u:p@127.0.0.1:9000", "https://u@host", "http://u:p@[::1]:9000/base"}) {
    const auto refused = parse_endpoint(url);
    CHECK_FAILS(refused, errc::usage);
    BOOST_TEST(refused.error().cause == "an endpoint takes no user or password");
    BOOST_TEST(refused.error().hint.find("AWS_ACCESS_KEY_ID") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(aws_has_an_endpoint_in_each_region) {
  const struct {
    std::string_view region, host, partition;
  } rows[] = {{"us-east-1", "s3.us-east-1.amazonaws.com", "aws"},
              {"eu-west-1", "s3.eu-west-1.amazonaws.com", "aws"},
              {"us-gov-west-1", "s3.us-gov-west-1.amazonaws.com", "aws-us-gov"},
              {"cn-north-1", "s3.cn-north-1.amazonaws.com.cn", "aws-cn"},
              {"eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu", "aws-eusc"},
              {"us-iso-east-1", "s3.us-iso-east-1.c2s.ic.gov", "aws-iso"},
              {"us-isob-east-1", "s3.us-isob-east-1.sc2s.sgov.gov", "aws-iso-b"},
              {"eu-isoe-west-1", "s3.eu-isoe-west-1.cloud.adc-e.uk", "aws-iso-e"},
              {"us-isof-south-1", "s3.us-isof-south-1.csp.hci.ic.gov", "aws-iso-f"}};
  for (const auto& row : rows) {
    const auto where = aws_endpoint(row.region);
    REQUIRE_OK(where);
    BOOST_TEST((*where == endpoint{{scheme::https, std::string(row.host), 443}, "", addressing::virtual_host}));
    BOOST_TEST(partition_of(row.region).name == row.partition);
  }
  BOOST_TEST(aws_service_endpoint("sts", "eu-west-1")->origin.host == "sts.eu-west-1.amazonaws.com");
}

// A server names regions, and a region becomes a part of a host name.
BOOST_AUTO_TEST_CASE(no_region_can_lead_to_another_host) {
  for (const std::string& region :
       {std::string(), std::string("evil.example.com/#"), std::string("a.b"), std::string("US-EAST-1"),
        std::string("a/b"), std::string("a\n"), std::string("a@b"), std::string("a_b"), std::string(64, 'a')}) {
    BOOST_TEST(!is_region(region), region);
    CHECK_FAILS(aws_endpoint(region), errc::usage);
  }
  BOOST_TEST(is_region(std::string(63, 'a')));
}

BOOST_AUTO_TEST_CASE(a_bucket_stands_in_the_host_where_it_can_be_a_label) {
  const endpoint aws = *aws_endpoint("eu-west-1");
  BOOST_TEST(place_of(aws, "raw", "1/x") == "raw.s3.eu-west-1.amazonaws.com /1/x");
  BOOST_TEST(place_of(aws, "raw", "") == "raw.s3.eu-west-1.amazonaws.com /");
  BOOST_TEST(place_of(aws, "raw", "/x") == "raw.s3.eu-west-1.amazonaws.com //x");
  for (const std::string bucket : {"a.b.c", "Raw", "raw_1", "-raw", "raw-"}) {
    BOOST_TEST(place_of(aws, bucket, "x") == "s3.eu-west-1.amazonaws.com /" + bucket + "/x");
  }
}

BOOST_AUTO_TEST_CASE(a_bucket_stands_in_the_path_elsewhere) {
  const endpoint own = *parse_endpoint("http://127.0.0.1:9000");
  BOOST_TEST(place_of(own, "raw", "1/x") == "127.0.0.1:9000 /raw/1/x");
  BOOST_TEST(place_of(own, "raw", "") == "127.0.0.1:9000 /raw");
  const endpoint based = *parse_endpoint("http://gw.example.com:8080/s3/base");
  BOOST_TEST(place_of(based, "raw", "x") == "gw.example.com:8080 /s3/base/raw/x");
  BOOST_TEST(place_of(based, "raw", "") == "gw.example.com:8080 /s3/base/raw");
  // An address has no names below it, whatever is asked for.
  for (const std::string_view address : {"http://127.0.0.1:9000", "http://[::1]:9000"}) {
    endpoint where = *parse_endpoint(address);
    where.addressing = addressing::virtual_host;
    BOOST_TEST(place_of(where, "raw", "x").ends_with(" /raw/x"));
  }
}

BOOST_AUTO_TEST_CASE(bucket_names_have_3_to_63_characters_of_the_known_ones) {
  for (const std::string& name : {std::string("raw"), std::string("a.b-c"), std::string("Old_Bucket"),
                                  std::string(63, 'a'), std::string("1ab")}) {
    BOOST_TEST(is_bucket_name(name), name);
  }
  for (const std::string& name :
       {std::string(), std::string("ab"), std::string(64, 'a'), std::string("a..b"), std::string(".ab"),
        std::string("-ab"), std::string("_ab"), std::string("a/b"), std::string("a b"), std::string("a\nb"),
        std::string("a?b"), std::string("a#b"), std::string("žlu")}) {
    BOOST_TEST(!is_bucket_name(name), "\"" << name << "\" was taken");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_endpoint_tests
