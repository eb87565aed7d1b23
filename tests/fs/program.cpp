#include "fs/program.hpp"

#include "fs/descriptor.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <csignal>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

namespace spillway::fs::program_tests {
namespace {

constexpr std::chrono::seconds patient{30};

program of(std::vector<std::string> words) {
  program made;
  made.words = std::move(words);
  return made;
}

program shell(const std::string& script) { return of({"sh", "-c", script}); }

result<program_ending> run(const program& what) { return run_program(what, patient, {}); }

BOOST_AUTO_TEST_SUITE(fs_program)

BOOST_AUTO_TEST_CASE(a_program_reads_its_input_and_its_output_comes_back) {
  program counting = shell("wc -c; cat /dev/null");
  counting.input = std::string(300'000, 'x');
  const auto ended = run(counting);
  REQUIRE_OK(ended);
  BOOST_TEST(ended->output == "300000\n");
  BOOST_TEST(ended->exit_status == 0);
  BOOST_TEST(ended->signal == 0);
}

BOOST_AUTO_TEST_CASE(input_may_stay_unread) {
  program deaf = shell("exec 0<&-; echo done");
  deaf.input = std::string(300'000, 'x');
  BOOST_TEST(run(deaf).value().output == "done\n");
}

BOOST_AUTO_TEST_CASE(how_it_ended_is_told) {
  BOOST_TEST(run(shell("exit 3")).value().exit_status == 3);
  BOOST_TEST(run(shell("kill -9 $$")).value().signal == 9);
  CHECK_FAILS(run(of({"/nowhere/program"})), errc::not_found);
}

BOOST_AUTO_TEST_CASE(standard_error_is_read_where_it_is_asked_for) {
  program both = shell("echo out; echo err >&2");
  both.streams = output_streams::both;
  BOOST_TEST(run(both).value().output == "out\nerr\n");
}

BOOST_AUTO_TEST_CASE(an_environment_replaces_ours) {
  program bare = of({"/usr/bin/env"});
  bare.environment = std::vector<std::string>{"ONE=1", "TWO=2"};
  BOOST_TEST(run(bare).value().output == "ONE=1\nTWO=2\n");
}

BOOST_AUTO_TEST_CASE(none_of_our_files_is_open_in_it) {
  const descriptor inherited(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC
  BOOST_TEST_REQUIRE(inherited.get() > 2);
  BOOST_TEST(run(shell("test -e /proc/self/fd/" + std::to_string(inherited.get()))).value().exit_status == 1);
}

BOOST_AUTO_TEST_CASE(endless_output_is_a_failure_or_is_dropped) {
  CHECK_FAILS(run(shell("yes")), errc::too_large);
  program dropping = shell("yes | head -c 1000000; echo end >&2");
  dropping.excess = excess_output::drop;
  dropping.output_bytes_max = 10;
  const auto ended = run(dropping);
  REQUIRE_OK(ended);
  BOOST_TEST(ended->output == "y\ny\ny\ny\ny\n");
  BOOST_TEST(ended->exit_status == 0);
}

BOOST_AUTO_TEST_CASE(what_it_leaves_in_the_background_is_not_waited_for) {
  const auto ended = run(shell("sleep 1000 2>/dev/null & echo $!"));
  REQUIRE_OK(ended);
  BOOST_TEST(::kill(std::stoi(ended->output), SIGKILL) == 0);
}

BOOST_AUTO_TEST_CASE(one_that_has_closed_its_output_is_waited_for) {
  const test::temp_dir dir;
  const std::string fifo = dir / "go";
  BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  // Opening it waits for who reads it, whose output is closed by then.
  const std::jthread letting_go([&fifo] { const descriptor writer(::open(fifo.c_str(), O_WRONLY | O_CLOEXEC)); });
  BOOST_TEST(run(shell("exec >&-; read nothing <" + fifo + "; exit 4")).value().exit_status == 4);
}

// The inner sleep holds the only writing end of the pipe: its reader sees the end when the last of the group is gone.
BOOST_AUTO_TEST_CASE(at_the_deadline_its_whole_group_is_killed) {
  const test::temp_dir dir;
  const std::string fifo = dir / "alive";
  BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const descriptor reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK));
  program hanging = shell("(exec sleep 1000) >" + fifo + " & echo started >" + fifo + "; wait");
  hanging.group = process_group::own;
  CHECK_FAILS(run_program(hanging, std::chrono::milliseconds{300}, {}), errc::unavailable);
  ::fcntl(reader.get(), F_SETFL, 0);
  std::string said;
  for (char byte = 0; ::read(reader.get(), &byte, 1) == 1;) {
    said += byte;
  }
  BOOST_TEST(said == "started\n");
}

BOOST_AUTO_TEST_CASE(a_stop_ends_it) {
  std::stop_source stop;
  stop.request_stop();
  CHECK_FAILS(run_program(shell("exec sleep 1000"), patient, stop.get_token()), errc::interrupted);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::fs::program_tests
