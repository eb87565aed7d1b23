#include "notify/smtp_file.hpp"

#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <string>

#include <sys/stat.h>

namespace spillway::notify::smtp_file_tests {
namespace {

BOOST_AUTO_TEST_SUITE(notify_smtp_file)

BOOST_AUTO_TEST_CASE(a_file_is_read_if_it_is_its_owners_alone) {
  const test::temp_dir dir;
  const auto path = dir / "smtp";
  REQUIRE_OK(fs::write_file(path, "smtp://u:hunter2@h?from=a@b.c \r\nthe rest is passed over\n", 0600));
  BOOST_TEST(read_smtp_file(path).value().password.reveal() == "hunter2");
  for (const mode_t mode : {0640U, 0604U, 0660U, 0601U}) {
    BOOST_REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK_FAILS(read_smtp_file(path), errc::usage);
  }
  REQUIRE_OK(fs::write_file(dir / "bad", "smtp://u:hunter2@\n", 0600));
  const auto bad = read_smtp_file(dir / "bad");
  CHECK_FAILS(bad, errc::usage);
  BOOST_TEST(bad.error().text().find("hunter2") == std::string::npos);
  CHECK_FAILS(read_smtp_file(dir / "missing"), errc::not_found);
  REQUIRE_OK(fs::write_file(dir / "empty", "", 0600));
  CHECK_FAILS(read_smtp_file(dir / "empty"), errc::usage);
}

BOOST_AUTO_TEST_CASE(an_authority_that_is_not_there_is_refused_at_once_and_its_name_is_not_told) {
  const test::temp_dir dir;
  const std::string url = "smtps://u:hunter2@h?from=a@b.c&ca=" + (dir / "ca.pem").string();
  REQUIRE_OK(fs::write_file(dir / "smtp", url + "\n", 0600));
  for (const auto& refused : {find_smtp_settings({}, url), find_smtp_settings(dir / "smtp", {})}) {
    CHECK_FAILS(refused, errc::usage);
    BOOST_TEST(
        refused.error().text().ends_with(": the file of its parameter ca can't be read: No such file or directory"));
    BOOST_TEST(refused.error().text().find("ca.pem") == std::string::npos);
  }
  REQUIRE_OK(fs::write_file(dir / "ca.pem", "x", 0644));
  CHECK_OK(find_smtp_settings({}, url));
  CHECK_OK(find_smtp_settings(dir / "smtp", {}));
}

BOOST_AUTO_TEST_CASE(a_file_goes_before_the_environment_and_neither_is_no_mail) {
  const test::temp_dir dir;
  REQUIRE_OK(fs::write_file(dir / "smtp", "smtps://file?from=a@b.c\n", 0600));
  const std::string url = "smtps://environment?from=a@b.c";
  BOOST_TEST(find_smtp_settings(dir / "smtp", url).value()->host == "file");
  BOOST_TEST(find_smtp_settings({}, url).value()->host == "environment");
  BOOST_TEST(!find_smtp_settings({}, std::nullopt).value().has_value());
  const auto bad = find_smtp_settings({}, "smtp://u:hunter2@");
  CHECK_FAILS(bad, errc::usage);
  BOOST_TEST(bad.error().text() == "reading SPILLWAY_SMTP_URL: its host is not a host name or an address");
  CHECK_FAILS(find_smtp_settings(dir / "missing", url), errc::not_found);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::notify::smtp_file_tests
