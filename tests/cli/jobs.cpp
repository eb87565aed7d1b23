#include "cli/jobs.hpp"

#include "cli/json_output.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace spillway::cli_jobs_tests {
namespace {

using spillway::cli::json_text;
using spillway::cli::to_json;

store::job_row job() {
  store::job_row made;
  made.project = 187520;
  made.place.destination = "/srv/bucket";
  made.hour = *spillway::model::parse_hour("2020-01-25_17");
  made.state = store::job_state::failed;
  made.reason = "no room";
  made.attempts = 2;
  made.planned_at = *spillway::base::parse_timestamp("2020-01-25T18:00:00");
  return made;
}

store::object_row object(int partition, std::int64_t events, std::int64_t bytes) {
  store::object_row made;
  made.partition = partition;
  made.key = "187520/187520_2020-01-25_17#1.json.gz";
  made.events = events;
  made.bytes = bytes;
  made.text_bytes = 4'096;
  made.text_crc32 = 0x0a1b2c3d;
  made.engine = "isal-2.30.0/1";
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_jobs)

BOOST_AUTO_TEST_CASE(a_job_sums_its_objects_up) {
  const auto shown = to_json(job(), {object(1, 3, 800), object(2, 4, 12)});
  BOOST_TEST(shown.at("events").as_int64() == 7);
  BOOST_TEST(shown.at("bytes").as_int64() == 812);
  BOOST_TEST(shown.at("objects").as_array().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_job_without_objects_is_an_empty_hour) {
  BOOST_TEST(json_text(to_json(job(), {})) ==
             "{\"connection\":0,\"kind\":\"events\",\"project\":187520,\"destination\":\"/srv/bucket\",\"endpoint\":null,\"hour\":\"2020-01-25_17\",\"state\":\"failed\","
             "\"reason\":\"no room\",\"attempts\":2,\"complete\":\"manifest\",\"planned_at\":\"2020-01-25T18:00:00Z\","
             "\"delivered_at\":null,\"events\":0,\"bytes\":0,\"objects\":[]}");
}

BOOST_AUTO_TEST_CASE(what_there_is_not_is_null) {
  store::job_row made = job();
  made.reason.clear();
  const auto shown = to_json(made, {object(1, 3, 800)});
  BOOST_TEST(shown.at("reason").is_null());
  BOOST_TEST(shown.at("objects").at(0).at("etag").is_null());
}

BOOST_AUTO_TEST_CASE(an_object_names_its_identity_and_its_file) {
  store::object_row delivered = object(1, 3, 812);
  delivered.etag = "\"9b2cf5\"";
  delivered.delivered_at = spillway::base::parse_timestamp("2020-01-25T18:00:02");
  BOOST_TEST(
      json_text(to_json(job(), {delivered}).at("objects")) ==
      "[{\"key\":\"187520/187520_2020-01-25_17#1.json.gz\",\"partition\":1,\"events\":3,\"text_bytes\":4096,"
      "\"text_crc32\":\"0a1b2c3d\",\"bytes\":812,\"sha256\":\"" +
          std::string(64, '0') +
          "\",\"engine\":\"isal-2.30.0/1\",\"etag\":\"\\\"9b2cf5\\\"\",\"delivered_at\":\"2020-01-25T18:00:02Z\"}]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_jobs_tests
