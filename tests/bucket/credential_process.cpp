#include "bucket/credential_process.hpp"

#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <string>

#include <sys/stat.h>

namespace spillway::bucket::credential_process_tests {
namespace {

constexpr std::chrono::seconds patient{20};

struct fixture {
  test::temp_dir dir;

  // A program that is a shell script; its path.
  std::string program(const std::string& script) {
    const std::string path = dir / "program";
    REQUIRE_OK(fs::write_file(path, "#!/bin/sh\n" + script, 0700));
    BOOST_REQUIRE(::chmod(path.c_str(), 0700) == 0);
    return path;
  }
  static result<timed_credentials> run(const std::string& command, const std::stop_token& stop = {}) {
    return run_credential_process(command, patient, stop);
  }
};

BOOST_FIXTURE_TEST_SUITE(bucket_credential_process, fixture)

BOOST_AUTO_TEST_CASE(what_a_program_prints_is_read) {
  const auto made = run(program(R"(echo '{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"s","SessionToken":"t",
    "Expiration":"2026-01-31T23:59:58Z"}')"));
  REQUIRE_OK(made);
  BOOST_TEST(made->keys.access_key_id == "ASIA");
  BOOST_TEST(made->keys.secret_access_key == "s");
  BOOST_TEST(made->keys.session_token == "t");
  BOOST_TEST((made->expires_at == base::parse_timestamp("2026-01-31T23:59:58Z")));
}

BOOST_AUTO_TEST_CASE(without_an_expiration_they_never_expire) {
  const auto made = parse_process_credentials(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"})");
  REQUIRE_OK(made);
  BOOST_TEST(!made->expires_at.has_value());
  BOOST_TEST(made->keys.session_token == "");
}

BOOST_AUTO_TEST_CASE(quoted_arguments_stay_together_and_nothing_is_replaced) {
  const std::string path = program(R"(printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}' "$1" "$#")");
  const auto made = run(path + " 'two words' \"x y\"");
  REQUIRE_OK(made);
  BOOST_TEST(made->keys.access_key_id == "two words");
  BOOST_TEST(made->keys.secret_access_key == "2");
  BOOST_TEST(run(path + " $HOME?*")->keys.access_key_id == "$HOME?*");
  for (const char* command : {"", "'open"}) {
    CHECK_FAILS(run(command), errc::usage);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_document_of_credentials_is_denied_and_not_repeated) {
  for (const char* text : {"secret", "{}", "[1]", R"({"Version":2,"AccessKeyId":"secret","SecretAccessKey":"s"})",
                           R"({"Version":1,"SecretAccessKey":"secret"})",
                           R"({"Version":1,"AccessKeyId":"secret","SecretAccessKey":"s","Expiration":"soon"})"}) {
    const auto made = parse_process_credentials(text);
    CHECK_FAILS(made, errc::denied);
    BOOST_TEST(made.error().text().find("secret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_program_that_fails_is_denied) {
  const auto made = run(program("echo secret; exit 3"));
  CHECK_FAILS(made, errc::denied);
  BOOST_TEST(made.error().cause == "it ended with status 3");
  CHECK_FAILS(run((dir / "missing").string()), errc::denied);
  CHECK_FAILS(run(program("kill -9 $$")), errc::denied);
}

BOOST_AUTO_TEST_CASE(endless_output_is_cut_off) { CHECK_FAILS(run(program("yes secret")), errc::denied); }

BOOST_AUTO_TEST_CASE(a_program_that_does_not_end_is_killed) {
  const std::string path = program("exec sleep 1000");
  CHECK_FAILS(run_credential_process(path, std::chrono::seconds{0}, {}), errc::unavailable);
  std::stop_source stop;
  stop.request_stop();
  CHECK_FAILS(run(path, stop.get_token()), errc::interrupted);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::credential_process_tests
