#include "record/merge.hpp"

#include "reading.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_merge_tests {
namespace {

using namespace spillway::record;
using spillway::model::merge;
using spillway::test::at;
using spillway::test::default_rules;
using spillway::test::event_with;
using spillway::test::take;

constexpr std::string_view whole_line =
    R"({"scope":-189524,"merge_time":1579971600000,"merge_server_time":1579971603000,"amplitude_id":9,"merged_amplitude_id":8})";
constexpr merge whole_merge{189524, 1579971600000, 1579971603000, 9, 8};

// whole_line with its first `what` replaced.
std::string with(std::string_view what, std::string_view by) {
  std::string line(whole_line);
  const std::size_t begin = line.find(what);
  BOOST_REQUIRE_MESSAGE(begin != std::string::npos, what);
  return line.replace(begin, what.size(), by);
}

struct fixture {
  intake_rules rules = default_rules();  // the clock is 2020-01-25T18:00:00
  record_reader reader{rules, {}};
  std::string text;

  checked<event_facts> read(std::string_view line) {
    text.clear();
    return reader.take_line(line, {}, text);
  }
  // "reason", or "taken"
  std::string reason(std::string_view line) {
    const auto facts = read(line);
    return facts ? "taken" : facts.error().reason;
  }
  void check_taken(std::string_view line, const merge& wanted) {
    BOOST_TEST_CONTEXT(line) {
      const auto facts = read(line);
      BOOST_REQUIRE_MESSAGE(facts.has_value(), facts.error().reason);
      BOOST_CHECK(facts->kind == event_kind::merge);
      BOOST_TEST(facts->has_merge);
      BOOST_TEST(!facts->key.has_value());
      BOOST_TEST(text.empty());
      BOOST_TEST(to_line(reader.merge()) == to_line(wanted));
    }
  }
};

// An event of 2020-01-25T17:00:05 with amplitude_id 9 and this `data`.
std::string event_of(std::string_view data, std::string_view id = "9") {
  return event_with(",\"amplitude_id\":" + std::string(id) +
                    ",\"event_time\":\"2020-01-25 16:59:59.987654\",\"data\":" + std::string(data));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(record_merge, fixture)

// ---- lines ----

BOOST_AUTO_TEST_CASE(a_line_of_the_specification_is_a_merge) {
  check_taken(whole_line, whole_merge);
  check_taken(to_line(whole_merge), whole_merge);
}

BOOST_AUTO_TEST_CASE(keys_may_come_in_any_order_spaced_escaped_and_twice) {
  check_taken(
      R"({ "merged_amplitude_id" : 8, "amplitude_id":9 , "merge_server_time":1579971603000,"merge_time":1579971600000,"scope":-189524 })",
      whole_merge);
  check_taken(with("merged_amplitude_id", "merged_amplitude\\u005fid"), whole_merge);
  check_taken(with("{", R"({"merged_amplitude_id":"x","scope":5,)"), whole_merge);
}

BOOST_AUTO_TEST_CASE(what_becomes_an_integer_without_loss_is_one) {
  check_taken(with("1579971603000", "\"1579971603000\""), whole_merge);
  check_taken(with("-189524", "\"-189524\""), whole_merge);
  check_taken(with(":9,", ":9.0,"), whole_merge);
  check_taken(with(":9,", ":0.9e1,"), whole_merge);
  check_taken(with(":9,", ":9223372036854775807,"),
              {189524, 1579971600000, 1579971603000, 9'223'372'036'854'775'807, 8});
}

BOOST_AUTO_TEST_CASE(other_keys_are_dropped_and_counted) {
  check_taken(with("{", R"({"app":1,"extra":{"merged_amplitude_id":1},)"), whole_merge);
  BOOST_CHECK(
      (reader.dropped().counts() == std::map<std::string, std::uint64_t, std::less<>>{{"app", 1}, {"extra", 1}}));
  BOOST_TEST(!read(with("-189524", "5")).has_value());
  BOOST_TEST(reader.dropped().counts().size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_no_merge_says_why) {
  struct row {
    std::string line;
    std::string_view reason;
  };
  const std::vector<row> table = {
      {with("\"scope\":-189524,", ""), "a merge without scope"},
      {with("\"merge_time\":1579971600000,", ""), "a merge without merge_time"},
      {with("\"merge_server_time\":1579971603000,", ""), "a merge without merge_server_time"},
      {with("\"amplitude_id\":9,", ""), "a merge without amplitude_id"},
      {with(":8}", ":null}"), "merged_amplitude_id is null, not an integer"},
      {with(":8}", ":true}"), "merged_amplitude_id is a boolean, not an integer"},
      {with(":9,", ":[9],"), "amplitude_id is an array, not an integer"},
      {with(":9,", ":\"9.5\","), "amplitude_id is a string, not an integer"},
      {with(":9,", ":9.5,"), "amplitude_id is a number that is no integer of 64 bits"},
      {with(":9,", ":9223372036854775808,"), "amplitude_id is a number that is no integer of 64 bits"},
      {with("1579971600000", "\"2020-01-25 17:00:00\""), "merge_time is a string, not an integer"},
      {with("-189524", "189524"), "scope is 189524, but a merge's is the negative organization id"},
      {with("-189524", "0"), "scope is 0, but a merge's is the negative organization id"},
      {with("-189524", "-9007199254740992"), "scope is -9007199254740992, which is no negative organization id"},
      {with("-189524", "-9223372036854775808"), "scope is -9223372036854775808, which is no negative organization id"},
  };
  for (const row& each : table) {
    BOOST_TEST_CONTEXT(each.line) {
      BOOST_TEST(reason(each.line) == each.reason);
      BOOST_TEST(text.empty());
    }
  }
  BOOST_TEST(take(with(":9,", ":[9],")).byte() == whole_line.find(":9,") + 1);
}

BOOST_AUTO_TEST_CASE(the_server_time_is_in_milliseconds_and_not_ahead_of_the_clock) {
  struct row {
    std::string_view time;
    std::string_view reason;
  };
  const std::vector<row> table = {
      {"1579978800000", "taken"},  // an hour after the clock
      {"1579978800001",
       "merge_server_time is 2020-01-25T19:00:00Z, more than an hour after the clock (2020-01-25T18:00:00Z)"},
      {"1579971603", "merge_server_time is 1579971603, which looks like seconds since 1970, not milliseconds"},
      {"1579971603000000",
       "merge_server_time is 1579971603000000, which looks like microseconds since 1970, not milliseconds"},
      {"1579971603000000000",
       "merge_server_time is 1579971603000000000, which looks like nanoseconds since 1970, not milliseconds"},
      {"100000000000", "taken"},  // 1973
      {"99999999999", "merge_server_time is 99999999999, which looks like seconds since 1970, not milliseconds"},
      {"0", "merge_server_time is 0, which is no number of milliseconds since 1970"},
      {"-1579971603000", "merge_server_time is -1579971603000, which is no number of milliseconds since 1970"},
  };
  for (const row& each : table) {
    BOOST_TEST_CONTEXT(each.time) { BOOST_TEST(reason(with("1579971603000", each.time)) == each.reason); }
  }
}

BOOST_AUTO_TEST_CASE(with_one_organization_wanted_those_of_others_are_rejects) {
  rules.only_organization = 189524;
  reader = record_reader(rules, {});
  check_taken(whole_line, whole_merge);
  BOOST_TEST(reason(with("-189524", "-36958")) == "scope is -36958, but only organization 189524 is taken in");
}

BOOST_AUTO_TEST_CASE(a_line_with_an_event_type_is_an_event) {
  const auto facts = read(event_with(",\"merged_amplitude_id\":8,\"amplitude_id\":9"));
  BOOST_REQUIRE(facts.has_value());
  BOOST_CHECK(facts->kind == event_kind::event);
  BOOST_TEST(!facts->has_merge);
  BOOST_TEST(reader.dropped().counts().at("merged_amplitude_id") == 1U);
  BOOST_TEST(reason(with("{", R"({"event_type":null,)")) == "no event_type");
  BOOST_TEST(reason(R"({"scope":-1,"merge_time":1,"amplitude_id":9})") == "no event_type");
}

// ---- events ----

BOOST_AUTO_TEST_CASE(an_event_whose_data_has_a_merged_id_says_a_merge) {
  const auto facts = read(event_of(R"({"path":"/2/httpapi","merged_amplitude_id":8})"));
  BOOST_REQUIRE(facts.has_value());
  BOOST_CHECK(facts->kind == event_kind::event);
  BOOST_REQUIRE(facts->has_merge);
  // Times are cut to milliseconds; the organization is that of a project, which nobody knows here.
  BOOST_CHECK((reader.merge() == merge{0, 1579971599987, 1579971605000, 9, 8}));
  BOOST_TEST(text.find(R"("data":{"path":"/2/httpapi","merged_amplitude_id":8})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_an_integer_at_the_top_of_data_that_is_another_id_counts) {
  struct row {
    std::string line;
    bool has_merge;
  };
  const std::vector<row> table = {
      {event_of(R"({"merged_amplitude_id":8})"), true},
      {event_of(R"({ "merged_amplitude_id" : 8 })"), true},
      {event_of(R"({"merged_amplitude_id":"8"})"), true},
      {event_of(R"({"merged_amplitude\u005fid":8})"), true},
      {event_of(R"({"merged_amplitude_id":8,"merged_amplitude\u005fid":null})"), false},
      {event_of(R"({"merged_amplitude_id":null,"merged_amplitude_id":8})"), true},
      {event_of(R"({"merged_amplitude_id":8,"merged_amplitude_id":null})"), false},
      {event_of(R"({"merged_amplitude_id":9})"), false},
      {event_of(R"({"merged_amplitude_id":8.5})"), false},
      {event_of(R"({"merged_amplitude_id":[8]})"), false},
      {event_of(R"({"merged_amplitude_id":"x"})"), false},
      {event_of(R"({"merged_amplitude_ids":8})"), false},
      {event_of(R"({"within":{"merged_amplitude_id":8}})"), false},
      {event_of(R"({"path":"merged_amplitude_id"})"), false},
      {event_of("{}"), false},
      {event_of("null"), false},
      {event_of(R"({"merged_amplitude_id":8})", "null"), false},
      {event_with(R"(,"data":{"merged_amplitude_id":8})"), false},
      {event_with(R"(,"amplitude_id":9,"user_properties":{"merged_amplitude_id":8})"), false},
      {event_with(R"(,"amplitude_id":9,"data":{"merged_amplitude_id":8},"event_type":"$identify")"), false},
      {event_of(R"({"merged_amplitude_id":8},"server_upload_time":"1973-03-03T09:46:40")"), true},
      {event_of(R"({"merged_amplitude_id":8},"server_upload_time":"1973-03-03T09:46:39.999")"), false},
  };
  for (const row& each : table) {
    BOOST_TEST_CONTEXT(each.line) {
      const auto facts = read(each.line);
      BOOST_REQUIRE_MESSAGE(facts.has_value(), facts.error().reason);
      BOOST_TEST(facts->has_merge == each.has_merge);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_event_without_a_time_of_its_own_has_its_upload_time) {
  const auto facts = read(event_with(R"(,"amplitude_id":"9","event_time":null,"data":{"merged_amplitude_id":8})"));
  BOOST_REQUIRE(facts.has_value());
  BOOST_REQUIRE(facts->has_merge);
  BOOST_CHECK((reader.merge() == merge{0, 1579971605000, 1579971605000, 9, 8}));
}

// What is looked for in `data` leaves the parser of lines where it was.
BOOST_AUTO_TEST_CASE(lines_behind_such_an_event_are_as_without_it) {
  const std::string lines = event_of(R"({"merged_amplitude_id":8})") + '\n' + event_with(",\"city\":\"Brno\",\"x\":1") +
                            '\n' + std::string(whole_line) + '\n' + event_with("") + '\n';
  reader.look_ahead(lines);
  std::string all;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    const auto line = std::string_view(lines).substr(begin, end - begin);
    BOOST_TEST(reader.take_line(line, {begin}, all).has_value());
    begin = end + 1;
  }
  std::string alone;
  BOOST_TEST(record_reader(rules, {})
                 .take_line(event_with(",\"city\":\"Brno\",\"x\":1"),
                            {event_of(R"({"merged_amplitude_id":8})").size() + 1}, alone)
                 .has_value());
  BOOST_TEST(all.find(alone) != std::string::npos);
  BOOST_TEST(reader.dropped().counts().at("x") == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_merge_tests
