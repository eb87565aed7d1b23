#include "intake/file_source.hpp"

#include "reading.hpp"

#include <sys/stat.h>

#include <string>
#include <thread>

namespace spillway::intake_file_source_tests {
namespace {

using namespace spillway::intake;
using namespace std::string_literals;
using base::hash128_of;
using test::read_whole;
using test::temp_dir;
using test::write_file;

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_file_source)

BOOST_AUTO_TEST_CASE(a_file_is_read_counted_and_hashed) {
  const temp_dir dir;
  const std::string bytes = std::string(300'000, 'x') + "\0\xff end"s;
  const auto source = file_source::open(write_file(dir, "a", bytes));
  REQUIRE_OK(source);
  BOOST_TEST((*source)->bytes() == 0U);
  BOOST_CHECK((*source)->digest() == hash128_of(""));
  std::string front(1000, '\0');
  const auto got = (*source)->read(front.data(), front.size());
  REQUIRE_OK(got);
  BOOST_TEST((*source)->bytes() == *got);
  BOOST_CHECK((*source)->digest() == hash128_of(bytes.substr(0, *got)));
  const auto rest = read_whole(**source, 4096);
  REQUIRE_OK(rest);
  BOOST_TEST((front.substr(0, *got) + *rest == bytes));
  BOOST_TEST((*source)->bytes() == bytes.size());
  BOOST_CHECK((*source)->digest() == hash128_of(bytes));
  BOOST_TEST((*source)->read(front.data(), front.size()).value() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_or_no_file_says_so) {
  const temp_dir dir;
  const auto missing = file_source::open((dir / "missing").string());
  CHECK_FAILS(missing, errc::not_found);
  BOOST_TEST(missing.error().text().find((dir / "missing").string()) != std::string::npos);
  const auto folder = file_source::open(dir.path().string());
  CHECK_FAILS(folder, errc::io);
  BOOST_TEST(folder.error().cause == "it is a directory");
  CHECK_FAILS(size_of((dir / "missing").string()), errc::not_found);
  CHECK_FAILS(hash_prefixes((dir / "missing").string(), {}), errc::not_found);
}

BOOST_AUTO_TEST_CASE(only_a_regular_file_has_a_size) {
  const temp_dir dir;
  BOOST_TEST((size_of(write_file(dir, "a", "12345")).value() == 5U));
  BOOST_TEST((size_of(write_file(dir, "empty", "")).value() == 0U));
  BOOST_TEST(!size_of(std::string(standard_input)).value());
  const std::string pipe = (dir / "pipe").string();
  BOOST_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  BOOST_TEST(!size_of(pipe).value());
  std::filesystem::create_symlink("a", dir / "link");
  BOOST_TEST((size_of((dir / "link").string()).value() == 5U));
}

BOOST_AUTO_TEST_CASE(a_file_with_another_front_than_the_one_that_was_meant_says_so) {
  const temp_dir dir;
  const std::string path = write_file(dir, "a", "front and rest");
  for (const std::size_t piece_bytes : {1U, 3U, 5U, 100U}) {
    const auto meant = file_source::open(path, {}, {5, hash128_of("front")});
    REQUIRE_OK(meant);
    BOOST_TEST(read_whole(**meant, piece_bytes).value() == "front and rest");
    REQUIRE_OK((*meant)->check_front());
    const auto another = file_source::open(path, {}, {5, hash128_of("other")});
    REQUIRE_OK(another);
    const auto read = read_whole(**another, piece_bytes);
    CHECK_FAILS(read, errc::io);
    BOOST_TEST(read.error().text() == "reading " + path + ": it was replaced while it was read");
    CHECK_FAILS((*another)->check_front(), errc::io);
  }
  const auto shorter = file_source::open(path, {}, {15, hash128_of("front and rest.")});
  REQUIRE_OK(shorter);
  CHECK_FAILS((*shorter)->check_front(), errc::io);
}

BOOST_AUTO_TEST_CASE(a_front_is_looked_at_ahead_of_what_is_read_and_read_once) {
  const temp_dir dir;
  const std::string bytes = std::string(600'000, 'f') + "rest";
  const auto source =
      file_source::open(write_file(dir, "a", bytes), {}, {600'000, hash128_of(bytes.substr(0, 600'000))});
  REQUIRE_OK(source);
  std::string first(10, '\0');
  BOOST_TEST((*source)->read(first.data(), first.size()).value() == 10U);
  REQUIRE_OK((*source)->check_front());
  BOOST_TEST((*source)->bytes() == 600'000U);
  BOOST_TEST((first + read_whole(**source).value() == bytes));
  BOOST_CHECK((*source)->digest() == hash128_of(bytes));
}

BOOST_AUTO_TEST_CASE(a_file_that_becomes_shorter_while_it_is_read_says_so) {
  const temp_dir dir;
  const std::string path = write_file(dir, "a", std::string(5000, 'a'));
  const auto source = file_source::open(path);
  REQUIRE_OK(source);
  std::string piece(1000, '\0');
  BOOST_TEST((*source)->read(piece.data(), piece.size()).value() == 1000U);
  std::filesystem::resize_file(path, 1500);
  BOOST_TEST((*source)->read(piece.data(), piece.size()).value() == 500U);
  for (int again = 0; again < 2; ++again) {
    const auto got = (*source)->read(piece.data(), piece.size());
    CHECK_FAILS(got, errc::io);
    BOOST_TEST(got.error().text() == "reading " + path + ": it became shorter while it was read");
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_grows_while_it_is_read_is_read_to_its_end) {
  const temp_dir dir;
  const std::string path = write_file(dir, "a", "first\n");
  const auto source = file_source::open(path);
  REQUIRE_OK(source);
  std::ofstream(path, std::ios::binary | std::ios::app) << "second\n";
  const auto text = read_whole(**source);
  REQUIRE_OK(text);
  BOOST_TEST(*text == "first\nsecond\n");
}

BOOST_AUTO_TEST_CASE(a_pipe_is_read_to_its_end) {
  const temp_dir dir;
  const std::string pipe = (dir / "pipe").string();
  BOOST_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string bytes(200'000, 'p');
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << bytes; });
  const auto source = file_source::open(pipe);
  const auto text = source ? read_whole(**source) : result<std::string>(source.error());
  writer.join();
  REQUIRE_OK(text);
  BOOST_TEST((*text == bytes));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_wait_for_a_pipe) {
  const temp_dir dir;
  const std::string pipe = (dir / "pipe").string();
  BOOST_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  std::stop_source stop;
  const auto source = file_source::open(pipe, stop.get_token());  // though nobody writes to it
  REQUIRE_OK(source);
  std::thread stops([&] { stop.request_stop(); });
  std::string piece(1000, '\0');
  const auto got = (*source)->read(piece.data(), piece.size());
  stops.join();
  CHECK_FAILS(got, errc::interrupted);
  BOOST_TEST(got.error().text() == "reading " + pipe + ": asked to stop");
}

BOOST_AUTO_TEST_CASE(prefixes_are_hashed_in_one_pass) {
  const temp_dir dir;
  std::string bytes;
  for (int i = 0; bytes.size() < 2'500'000; ++i) {
    bytes += std::to_string(i);
  }
  const std::string path = write_file(dir, "a", bytes);
  const std::vector<std::uint64_t> lengths = {
      0, 1, 1, 1000, std::uint64_t{1} << 20, (std::uint64_t{1} << 20) + 1, bytes.size()};
  const auto hashes = hash_prefixes(path, lengths);
  REQUIRE_OK(hashes);
  BOOST_REQUIRE_EQUAL(hashes->size(), lengths.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    BOOST_CHECK((*hashes)[i] == hash128_of(std::string_view(bytes).substr(0, lengths[i])));
  }
  BOOST_TEST(hash_prefixes(path, {}).value().empty());
  CHECK_FAILS(hash_prefixes(path, {1, bytes.size() + 1}), errc::io);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::intake_file_source_tests
