#include "notify/command.hpp"

#include "fs/read_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <string>

namespace spillway::notify::command_tests {
namespace {

constexpr std::chrono::seconds patient{30};

incident small_incident() {
  incident made;
  made.connection = "3";
  made.destination = "s3://raw";
  return made;
}

result<std::string> run(const std::string& command, incident_event event = incident_event::blocked) {
  return run_incident_command(command, small_incident(), event, patient, {});
}

BOOST_AUTO_TEST_SUITE(notify_command)

BOOST_AUTO_TEST_CASE(a_command_gets_the_incident_and_the_event) {
  const test::temp_dir dir;
  const std::string file = dir / "told";
  CHECK_OK(run("cat >" + file + "; echo $SPILLWAY_EVENT >>" + file, incident_event::recovered));
  BOOST_TEST(fs::read_file(file, 10'000).value() ==
             to_json(small_incident(), incident_event::recovered) + "recovered\n");
}

BOOST_AUTO_TEST_CASE(secrets_of_the_environment_stay_here) {
  ::setenv("AWS_SECRET_ACCESS_KEY", "hunter2", 1);
  ::setenv("AWS_SESSION_TOKEN", "hunter2", 1);
  ::setenv("SPILLWAY_SMTP_URL", "hunter2", 1);
  ::setenv("SPILLWAY_EVENT", "hunter2", 1);
  ::setenv("SPILLWAY_TEST_KEPT", "kept", 1);
  const auto said = run("env | grep -c hunter2; echo $SPILLWAY_TEST_KEPT $SPILLWAY_EVENT");
  for (const char* name :
       {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "SPILLWAY_SMTP_URL", "SPILLWAY_EVENT", "SPILLWAY_TEST_KEPT"}) {
    ::unsetenv(name);
  }
  BOOST_TEST(said.value() == "0\\x0akept blocked");
}

BOOST_AUTO_TEST_CASE(what_it_prints_is_fit_for_a_log_and_bounded) {
  BOOST_TEST(run("echo fine; echo ' \033[2J' >&2").value() == "fine\\x0a \\x1b[2J");
  BOOST_TEST(run("yes | head -c 1000000").value().size() <= (4U << 10) + 3);
  BOOST_TEST(run("true").value() == "");
}

BOOST_AUTO_TEST_CASE(one_that_fails_is_told_without_its_text) {
  for (const char* command : {"exit 7 # hunter2", "kill -9 $$ # hunter2", "/nowhere/hunter2"}) {
    const auto said = run(command);
    CHECK_FAILS(said, errc::io);
    BOOST_TEST((said.error().text() + said.error().hint).find("hunter2") == std::string::npos);
  }
  BOOST_TEST(run("exit 7").error().cause == "it ended with status 7");
}

BOOST_AUTO_TEST_CASE(one_that_hangs_is_ended) {
  CHECK_FAILS(run_incident_command("sleep 1000 & wait", small_incident(), incident_event::blocked,
                                   std::chrono::milliseconds{200}, {}),
              errc::unavailable);
  std::stop_source stop;
  stop.request_stop();
  CHECK_FAILS(run_incident_command("sleep 1000", small_incident(), incident_event::blocked, patient, stop.get_token()),
              errc::interrupted);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::notify::command_tests
