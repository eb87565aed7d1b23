#include "s3/http_date.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace spillway::s3_http_date_tests {
namespace {

using spillway::base::format_utc;
using spillway::s3::parse_http_date;

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_http_date)

BOOST_AUTO_TEST_CASE(the_date_of_a_server_is_read) {
  const struct {
    std::string_view text, utc;
  } rows[] = {{"Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"},
              {"Thu, 01 Jan 2026 00:00:01 GMT", "2026-01-01T00:00:01Z"},
              {"Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z"},
              {"Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01T00:00:00Z"},
              // The name of the day is not checked.
              {"xyz, 06 Sep 1994 08:49:37 GMT", "1994-09-06T08:49:37Z"}};
  for (const auto& row : rows) {
    const auto when = parse_http_date(row.text);
    BOOST_TEST((when && format_utc(*when) == row.utc), row.text);
  }
}

BOOST_AUTO_TEST_CASE(other_forms_and_days_that_are_none_are_refused) {
  for (const std::string_view text :
       {"", "yesterday", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 30 Feb 2024 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"}) {
    BOOST_TEST(!parse_http_date(text).has_value(), "\"" << text << "\" was taken");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_http_date_tests
