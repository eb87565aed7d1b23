#include "notify/incident.hpp"

#include "support/check_result.hpp"

#include <boost/json.hpp>

#include <string>

namespace spillway::notify::incident_tests {
namespace {

base::instant at(const char* text) { return base::parse_timestamp(text).value(); }

incident whole_incident() {
  incident made;
  made.connection = "3";
  made.organization = "Acme";
  made.project = 187520;
  made.destination = "s3://raw/analytics";
  made.permission = "s3:PutObject";
  made.resource = "arn:aws:s3:::raw/analytics/*";
  made.since = at("2020-01-25T17:00:03");
  made.hours = {model::parse_hour("2020-01-25_15").value(), model::parse_hour("2020-01-25_17").value(), 3};
  made.remedy = "allow s3:PutObject on arn:aws:s3:::raw/* in the bucket's policy and in that of the user or role";
  made.policy = "{\n  \"Version\": \"2012-10-17\"\n}\n";
  return made;
}

mail sent_by_us(mail made) {
  made.from = "spillway@example.com";
  return made;
}

mail composed(const incident& about) {
  return sent_by_us(compose_incident(about, {"ada@example.com"}, at("2020-01-25T17:30:00")));
}

mail composed_recovery(const incident& about) {
  return sent_by_us(compose_recovery(about, {"ada@example.com"}, at("2020-01-25T19:00:00")));
}

BOOST_AUTO_TEST_SUITE(notify_incident)

BOOST_AUTO_TEST_CASE(a_mail_says_all_that_is_needed) {
  const mail made = composed(whole_incident());
  BOOST_TEST(made.subject == "Exports to s3://raw/analytics are blocked: s3:PutObject is denied");
  BOOST_TEST(made.body ==
             "Spillway can't deliver the events of connection 3 (project 187520 of Acme) to\n"
             "s3://raw/analytics: access is denied.\n"
             "\n"
             "Missing permission:  s3:PutObject\n"
             "Refused on:          arn:aws:s3:::raw/analytics/*\n"
             "Since:               2020-01-25 17:00:03 UTC\n"
             "Hours waiting:       3, from 2020-01-25_15 to 2020-01-25_17 (UTC)\n"
             "\n"
             "What to do\n"
             "\n"
             "1. allow s3:PutObject on arn:aws:s3:::raw/* in the bucket's policy and in that of the user or role\n"
             "2. See whether exports may go there again:\n"
             "\n"
             "    spillway verify s3://raw/analytics\n"
             "\n"
             "The policy to paste\n"
             "\n"
             "{\n"
             "  \"Version\": \"2012-10-17\"\n"
             "}\n"
             "\n"
             "No event is lost: the hours wait, and Spillway asks again by itself. When access is\n"
             "back, exports go on without anything else to do, and a mail says so.\n"
             "\n"
             "You have this mail as an admin of the organization or as who made the connection.\n");
  BOOST_TEST(made.from == "spillway@example.com");
  BOOST_TEST(made.to == std::vector<std::string>{"ada@example.com"});
  BOOST_CHECK(made.created_at == at("2020-01-25T17:30:00"));
  CHECK_OK(to_message(made));
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_left_out_or_said) {
  incident bare;
  bare.connection = "3";
  bare.destination = "s3://raw";
  const mail made = composed(bare);
  BOOST_TEST(made.subject == "Exports to s3://raw are blocked: access is denied");
  BOOST_TEST(made.body.find("not told by the server") != std::string::npos);
  BOOST_TEST(made.body.find("Refused on") == std::string::npos);
  BOOST_TEST(made.body.find("policy to paste") == std::string::npos);
  BOOST_TEST(made.body.find("Hours waiting:       none yet\n") != std::string::npos);
  CHECK_OK(to_message(made));
}

BOOST_AUTO_TEST_CASE(a_recovery_answers_the_first_mail) {
  incident over = whole_incident();
  over.over_at = at("2020-01-25T19:00:00");
  const mail first = composed(whole_incident());
  const mail made = composed_recovery(over);
  BOOST_TEST(made.in_reply_to == first.id);
  BOOST_TEST(made.id != first.id);
  BOOST_TEST(made.subject == "Exports to s3://raw/analytics go on");
  BOOST_TEST(made.body ==
             "Access is back: Spillway delivers the events of connection 3 (project 187520 of Acme) to\n"
             "s3://raw/analytics again.\n"
             "\n"
             "Missing permission:  s3:PutObject\n"
             "Refused on:          arn:aws:s3:::raw/analytics/*\n"
             "Since:               2020-01-25 17:00:03 UTC\n"
             "Until:               2020-01-25 19:00:00 UTC\n"
             "Hours waited:        3, from 2020-01-25_15 to 2020-01-25_17 (UTC)\n"
             "\n"
             "The hours that waited are delivered now. There is nothing to do; these commands\n"
             "show how far it is:\n"
             "\n"
             "    spillway jobs\n"
             "    spillway status\n");
  CHECK_OK(to_message(made));
}

BOOST_AUTO_TEST_CASE(the_reason_is_told_where_it_is_known) {
  incident made = whole_incident();
  made.permission = {};
  made.reason = "opening s3://raw: there is no profile exp";
  BOOST_TEST(composed(made).body.find("\nReason:              opening s3://raw: there is no profile exp\nSince:") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_incident_has_one_id_and_another_has_another) {
  const std::string id = composed(whole_incident()).id;
  incident later = whole_incident();
  later.hours.count = 9;  // the same incident, told later
  BOOST_TEST(composed(later).id == id);
  later.since += std::chrono::microseconds{1};
  BOOST_TEST(composed(later).id != id);
  incident other = whole_incident();
  other.connection = "4";
  BOOST_TEST(composed(other).id != id);
  incident followed = whole_incident();
  followed.series = other.series = "187520 s3://raw/analytics";
  BOOST_TEST(composed(other).id == composed(followed).id);
  other.series += "/elsewhere";
  BOOST_TEST(composed(other).id != composed(followed).id);
}

// What others have named gets neither a header nor a line of its own into a mail.
BOOST_AUTO_TEST_CASE(hostile_texts_stay_on_their_line) {
  const std::string evil = "x\r\nBcc: eve@example.com\n\x1b[2J\xff";
  incident made = whole_incident();
  made.connection = made.organization = made.destination = made.permission = made.resource = made.reason = made.remedy =
      evil;
  made.over_at = made.since;
  for (const mail& each : {composed(made), composed_recovery(made)}) {
    CHECK_OK(to_message(each));
    BOOST_TEST(each.body.find("\nBcc:") == std::string::npos);
    BOOST_TEST(each.body.find('\x1b') == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_destination_is_one_word_of_the_command) {
  const std::pair<const char*, const char*> cases[] = {
      {"s3://raw/a-b_c.d", "spillway verify s3://raw/a-b_c.d\n"},
      {"s3://raw/with space", "spillway verify 's3://raw/with space'\n"},
      {"s3://raw/$(id)", "spillway verify 's3://raw/$(id)'\n"},
      {"it's", "spillway verify 'it'\\''s'\n"},
      {"-x", "spillway verify '-x'\n"},
  };
  for (const auto& [destination, command] : cases) {
    incident made = whole_incident();
    made.destination = destination;
    BOOST_TEST(composed(made).body.find(command) != std::string::npos, destination);
  }
}

BOOST_AUTO_TEST_CASE(the_command_asks_for_what_exports_ask_for) {
  incident made = whole_incident();
  made.verify_options = {{"--profile", "the exporter"}, {"--sse", "aws:kms"}};
  BOOST_TEST(
      composed(made).body.find("    spillway verify s3://raw/analytics --profile 'the exporter' --sse aws:kms\n") !=
      std::string::npos);
}

BOOST_AUTO_TEST_CASE(programs_get_it_as_one_line_of_json) {
  BOOST_TEST(
      to_json(whole_incident(), incident_event::blocked) ==
      R"({"event":"blocked","connection":"3","organization":"Acme","project":187520,)"
      R"("destination":"s3://raw/analytics","permission":"s3:PutObject",)"
      R"("resource":"arn:aws:s3:::raw/analytics/*","reason":"","since":"2020-01-25T17:00:03Z","over_at":null,)"
      R"("waiting_hours":{"count":3,"first":"2020-01-25_15","last":"2020-01-25_17"},)"
      R"("remedy":"allow s3:PutObject on arn:aws:s3:::raw/* in the bucket's policy and in that of the user or role",)"
      R"("policy":"{\n  \"Version\": \"2012-10-17\"\n}\n"})"
      "\n");
  incident over = whole_incident();
  over.over_at = at("2020-01-25T19:00:00");
  over.hours = {};
  over.organization = "bad \xff byte";
  const auto read = boost::json::parse(to_json(over, incident_event::recovered)).as_object();
  BOOST_TEST(read.at("event").as_string() == "recovered");
  BOOST_TEST(read.at("over_at").as_string() == "2020-01-25T19:00:00Z");
  BOOST_TEST(read.at("waiting_hours").as_object().at("first").is_null());
  BOOST_TEST(read.at("organization").as_string() == "bad \\xff byte");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::notify::incident_tests
