#include "base/time.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>

namespace spillway::base_time_tests {
namespace {

using spillway::base::format_timestamp;
using spillway::base::format_utc;
using spillway::base::from_us;
using spillway::base::instant;
using spillway::base::instant_max;
using spillway::base::instant_min;
using spillway::base::parse_timestamp;
using spillway::base::to_us;

std::string read_and_write(std::string_view text) {
  const auto when = parse_timestamp(text);
  return when ? format_timestamp(*when, 'T') : "refused";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(base_time)

// Every character, replaced by every other: whatever the quick reader takes, the thorough one and the writer agree with.
BOOST_AUTO_TEST_CASE(canonical_times_are_those_that_are_written_again_as_they_were) {
  const std::string written = "2016-12-31T23:59:08.123456";
  std::size_t taken = 0;
  for (std::size_t place = 0; place < written.size(); ++place) {
    for (int character = 0; character < 256; ++character) {
      std::string text = written;
      text[place] = static_cast<char>(character);
      const auto canonical = spillway::base::parse_canonical_timestamp(text);
      const auto parsed = parse_timestamp(text);
      BOOST_REQUIRE(canonical.has_value() == (parsed.has_value() && format_timestamp(*parsed, text[10]) == text));
      BOOST_REQUIRE((!canonical || *canonical == *parsed));
      taken += canonical ? 1 : 0;
    }
  }
  BOOST_TEST(taken > 100U);
}

BOOST_AUTO_TEST_CASE(times_are_read_as_the_instant_they_name) {
  const struct {
    std::string_view read, written;
  } rows[] = {
      {"2015-08-10T12:00:00.000000", "2015-08-10T12:00:00.000000"},
      {"2015-08-10 12:00:00.000000", "2015-08-10T12:00:00.000000"},
      {"2015-08-10T12:00:00", "2015-08-10T12:00:00.000000"},
      {"2015-08-10T12:00:00Z", "2015-08-10T12:00:00.000000"},
      {"2015-08-10T12:00:00.5", "2015-08-10T12:00:00.500000"},
      {"2015-08-10T12:00:00.123Z", "2015-08-10T12:00:00.123000"},
      {"2015-08-10T12:00:00.123456", "2015-08-10T12:00:00.123456"},
      // More than six decimals are cut, not rounded.
      {"2015-08-10T12:00:00.1234569", "2015-08-10T12:00:00.123456"},
      {"2015-08-10T12:00:00.999999999Z", "2015-08-10T12:00:00.999999"},
      {"2015-08-10T12:00:00.000000001+00:00", "2015-08-10T12:00:00.000000"},
      // Zones, in the three spellings, across days.
      {"2015-08-10T12:00:00+01:00", "2015-08-10T11:00:00.000000"},
      {"2015-08-10T12:00:00+0130", "2015-08-10T10:30:00.000000"},
      {"2015-08-10T12:00:00-05", "2015-08-10T17:00:00.000000"},
      {"2015-08-10T12:00:00.25-00:00", "2015-08-10T12:00:00.250000"},
      {"2016-01-01T00:30:00+14:00", "2015-12-31T10:30:00.000000"},
      {"2015-12-31T23:30:00-12:45", "2016-01-01T12:15:00.000000"},
      {"2015-08-10T12:00:00+23:59", "2015-08-09T12:01:00.000000"},
      // Leap days: every fourth year, no full century but every fourth.
      {"2020-02-29T00:00:00", "2020-02-29T00:00:00.000000"},
      {"2000-02-29T00:00:00", "2000-02-29T00:00:00.000000"},
      {"2020-02-29T23:30:00-01:00", "2020-03-01T00:30:00.000000"},
      // A leap second is the first instant of the next minute.
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000"},
      {"2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.500000"},
      // The ends of the years that can be written.
      {"0001-01-01T00:00:00", "0001-01-01T00:00:00.000000"},
      {"9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999"},
      {"0001-01-01T00:00:00-00:01", "0001-01-01T00:01:00.000000"},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.read) { BOOST_TEST(read_and_write(row.read) == row.written); }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_time_is_refused) {
  constexpr std::string_view rows[] = {
      "", " ", "2015", "2015-08-10", "2015-08-10T", "2015-08-10T12", "2015-08-10T12:00", "2015-08-10T12:00:", "now",
      // Parts that no calendar has.
      "2015-00-10T12:00:00", "2015-13-10T12:00:00", "2015-08-00T12:00:00", "2015-08-32T12:00:00", "2015-04-31T12:00:00",
      "2015-02-29T12:00:00", "1900-02-29T00:00:00", "2100-02-29T00:00:00", "2015-08-10T24:00:00", "2015-08-10T12:60:00",
      "2015-08-10T12:00:61",
      // Years that can't be written, also by way of the zone or a leap second.
      "0000-01-01T00:00:00", "10000-01-01T00:00:00", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
      "9999-12-31T23:59:60", "-001-01-01T00:00:00",
      // Missing or odd punctuation and digits.
      "2015-8-10T12:00:00", "2015-08-10T1:00:00", "2015/08/10 12:00:00", "2015-08-10t12:00:00", "2015-08-10  12:00:00",
      "2015-08-10T12.00.00", "20150810T120000", "2015-08-10T12:00:00,5", "2015-08-10T12:00:00.",
      "2015-08-10T12:00:00.Z", "2015-08-10T12:00:00.1234567890", "+015-08-10T12:00:00", " 2015-08-10T12:00:00",
      "2015-08-10T12:00:00 ", "2015-08-10T12:00:00z", "2015-08-10T-1:00:00", "２015-08-10T12:00:00",
      // Zones.
      "2015-08-10T12:00:00+", "2015-08-10T12:00:00+1", "2015-08-10T12:00:00+01:", "2015-08-10T12:00:00+01:0",
      "2015-08-10T12:00:00+24:00", "2015-08-10T12:00:00+01:60", "2015-08-10T12:00:00ZZ", "2015-08-10T12:00:00Z+01:00",
      "2015-08-10T12:00:00+01:00:00", "2015-08-10T12:00:00 +01:00", "2015-08-10T12:00:00UTC"};
  for (const std::string_view text : rows) {
    BOOST_TEST(!parse_timestamp(text).has_value(), "\"" << text << "\" was taken");
  }
  using namespace std::string_view_literals;
  BOOST_TEST(!parse_timestamp("2015-08-10T12:00:00\0"sv).has_value());
}

BOOST_AUTO_TEST_CASE(microseconds_count_from_1970) {
  BOOST_TEST(to_us(*parse_timestamp("1970-01-01T00:00:00")) == 0);
  BOOST_TEST(to_us(*parse_timestamp("1969-12-31T23:59:59.999999")) == -1);
  BOOST_TEST(to_us(*parse_timestamp("2020-01-25T17:00:00.000001")) == 1'579'971'600'000'001);
  BOOST_TEST(format_timestamp(from_us(-1), ' ') == "1969-12-31 23:59:59.999999");
  BOOST_TEST(to_us(instant_min) == -62'135'596'800'000'000);
  BOOST_TEST(to_us(instant_max) == 253'402'300'799'999'999);
}

BOOST_AUTO_TEST_CASE(every_instant_is_read_back_from_both_spellings) {
  std::mt19937_64 random(20200125);
  std::uniform_int_distribution<std::int64_t> any(to_us(instant_min), to_us(instant_max));
  for (int i = 0; i < 20'000; ++i) {
    const instant when = from_us(any(random));
    const std::string text = format_timestamp(when, i % 2 == 0 ? 'T' : ' ');
    BOOST_REQUIRE_EQUAL(text.size(), spillway::base::timestamp_bytes);
    const auto read = parse_timestamp(text);
    BOOST_REQUIRE_MESSAGE(read && *read == when, text);
  }
}

BOOST_AUTO_TEST_CASE(written_times_sort_as_the_instants_do) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> any(to_us(instant_min), to_us(instant_max));
  for (int i = 0; i < 5'000; ++i) {
    const instant one = from_us(any(random));
    const instant other = from_us(any(random));
    BOOST_REQUIRE((one < other) == (format_timestamp(one, 'T') < format_timestamp(other, 'T')));
  }
}

BOOST_AUTO_TEST_CASE(messages_show_whole_seconds) {
  BOOST_TEST(format_utc(*parse_timestamp("2020-01-25T17:00:00.999999")) == "2020-01-25T17:00:00Z");
  BOOST_TEST(format_utc(*parse_timestamp("0001-02-03 04:05:06")) == "0001-02-03T04:05:06Z");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::base_time_tests
