#include "model/hour.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>

namespace spillway::model_hour_tests {
namespace {

using spillway::base::format_timestamp;
using spillway::base::from_us;
using spillway::base::parse_timestamp;
using spillway::model::hour;
using spillway::model::hour_of;
using spillway::model::parse_hour;
using spillway::model::to_string;

}  // namespace

BOOST_AUTO_TEST_SUITE(model_hour)

BOOST_AUTO_TEST_CASE(an_hour_is_named_without_a_leading_zero) {
  const struct {
    std::string_view time, name;
  } rows[] = {{"2020-01-25T17:00:00", "2020-01-25_17"},       {"2020-01-25T17:59:59.999999", "2020-01-25_17"},
              {"2020-01-25T18:00:00", "2020-01-25_18"},       {"2020-01-25T16:59:59.999999", "2020-01-25_16"},
              {"2020-01-25T09:30:00", "2020-01-25_9"},        {"2020-01-25T00:00:00", "2020-01-25_0"},
              {"2020-01-25T10:00:00", "2020-01-25_10"},       {"2020-01-25T23:59:59.999999", "2020-01-25_23"},
              {"2020-02-29T05:00:00", "2020-02-29_5"},        {"1969-12-31T23:59:59.999999", "1969-12-31_23"},
              {"1970-01-01T00:00:00", "1970-01-01_0"},        {"0001-01-01T00:00:00", "0001-01-01_0"},
              {"9999-12-31T23:59:59.999999", "9999-12-31_23"}};
  for (const auto& row : rows) {
    BOOST_TEST(to_string(hour_of(*parse_timestamp(row.time))) == row.name);
  }
}

BOOST_AUTO_TEST_CASE(an_hour_goes_from_its_start_to_just_before_its_end) {
  const hour which = *parse_hour("2020-01-25_17");
  BOOST_TEST(format_timestamp(which.start(), ' ') == "2020-01-25 17:00:00.000000");
  BOOST_TEST(format_timestamp(which.end(), ' ') == "2020-01-25 18:00:00.000000");
  BOOST_TEST((hour_of(which.start()) == which));
  BOOST_TEST((hour_of(which.end() - std::chrono::microseconds{1}) == which));
  BOOST_TEST((hour_of(which.end()) == which.next()));
  BOOST_TEST(to_string(parse_hour("2020-02-28_23")->next()) == "2020-02-29_0");
  BOOST_TEST(to_string(parse_hour("2019-12-31_23")->next()) == "2020-01-01_0");
  BOOST_TEST((which < which.next()));
}

BOOST_AUTO_TEST_CASE(other_spellings_of_an_hour_are_refused) {
  constexpr std::string_view rows[] = {"",
                                       "_",
                                       "2020-01-25",
                                       "2020-01-25_",
                                       "2020-01-25_17 ",
                                       " 2020-01-25_17",
                                       "2020-01-25_09",
                                       "2020-01-25_00",
                                       "2020-01-25_24",
                                       "2020-01-25_99",
                                       "2020-01-25_170",
                                       "2020-01-25_-0",
                                       "2020-01-25_-1",
                                       "2020-01-25_+1",
                                       "2020-01-25_1x",
                                       "2020-01-25_x",
                                       "2020-01-25_ 1",
                                       "2020-01-25T17",
                                       "2020-01-25-17",
                                       "2020-1-25_17",
                                       "2020-02-30_1",
                                       "2019-02-29_1",
                                       "2020-13-01_1",
                                       "0000-01-01_1",
                                       "10000-01-01_1",
                                       "2020_01_25_17",
                                       "2020-01-25__7",
                                       "2020-01-25_1_"};
  for (const std::string_view text : rows) {
    BOOST_TEST(!parse_hour(text).has_value(), "\"" << text << "\" was taken");
  }
}

BOOST_AUTO_TEST_CASE(every_hour_is_read_back_from_its_name) {
  std::mt19937_64 random(17);
  const std::int64_t first = hour_of(spillway::base::instant_min).number;
  const std::int64_t last = hour_of(spillway::base::instant_max).number;
  std::uniform_int_distribution<std::int64_t> any(first, last);
  for (int i = 0; i < 10'000; ++i) {
    const hour which{i == 0 ? first : i == 1 ? last : any(random)};
    const auto read = parse_hour(to_string(which));
    BOOST_REQUIRE_MESSAGE(read && *read == which, to_string(which));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::model_hour_tests
