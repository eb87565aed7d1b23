#include "store/volume.hpp"

#include "codec/segment.hpp"
#include "store/catalog.hpp"
#include "store/state_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <vector>

namespace spillway::store::volume_tests {
namespace {

constexpr base::instant now = base::from_us(1'579'975'200'000'000);
constexpr model::hour first{438'880};

// Project 7 has a segment of two lines and a tail of one in one hour, and a tail of one line in the next; project 8 has
// a line of its own.
struct fixture {
  test::temp_dir dir;
  state_file state = make(dir / "state.db");
  db::database& database = state.database();

  static state_file make(const std::filesystem::path& path) {
    auto opened = state_file::open(path, access::create);
    REQUIRE_OK(opened);
    db::database& to = opened->database();
    REQUIRE_OK(add_organization(to, {1, "local"}, now));
    codec::segment_compressor compressor(model::compression{6});
    const auto segment = compressor.compress("a\nbb\n");
    REQUIRE_OK(segment);
    for (const model::project_id project : {7, 8}) {
      REQUIRE_OK(add_project(to, {project, 1, model::record_form::documented, {6}, 0}, now));
    }
    REQUIRE_OK(put_hour(to, {{7, first}, 3, 0, 9, 5}));
    REQUIRE_OK(add_segment(to, {7, first}, 0, 2, *segment, "zlib"));
    REQUIRE_OK(add_piece(to, {7, first}, 5, 1, "ccc\n"));
    REQUIRE_OK(put_hour(to, {{7, first.next()}, 1, 0, 2, 0}));
    REQUIRE_OK(add_piece(to, {7, first.next()}, 0, 1, "d\n"));
    REQUIRE_OK(put_hour(to, {{8, first}, 1, 0, 2, 0}));
    REQUIRE_OK(add_piece(to, {8, first}, 0, 1, "x\n"));
    return std::move(*opened);
  }
};

BOOST_FIXTURE_TEST_SUITE(store_volume, fixture)

BOOST_AUTO_TEST_CASE(segments_and_tails_are_summed_up_apart) {
  const auto found = volume_of(database, 7);
  REQUIRE_OK(found);
  BOOST_TEST(found->segments.events == 2);
  BOOST_TEST(found->segments.text_bytes == 5);
  BOOST_TEST(found->segments.deflate_bytes > 5);
  BOOST_TEST(found->tails.events == 2);
  BOOST_TEST(found->tails.text_bytes == 6);
  BOOST_TEST(found->tails.deflate_bytes == 0);
}

BOOST_AUTO_TEST_CASE(a_project_without_events_has_no_volume) {
  const auto found = volume_of(database, 9);
  REQUIRE_OK(found);
  BOOST_TEST(found->segments.events == 0);
  BOOST_TEST(found->tails.text_bytes == 0);
}

BOOST_AUTO_TEST_CASE(texts_come_in_the_order_of_hours_and_lines) {
  std::vector<std::string> seen;
  const auto keep = [&seen](std::string_view text) -> result<void> {
    seen.emplace_back(text);
    return {};
  };
  REQUIRE_OK(read_texts(database, 7, keep));
  BOOST_TEST(seen == (std::vector<std::string>{"a\nbb\n", "ccc\n", "d\n"}), boost::test_tools::per_element());
  seen.clear();
  REQUIRE_OK(read_tails(database, 7, keep));
  BOOST_TEST(seen == (std::vector<std::string>{"ccc\n", "d\n"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_sinks_failure_ends_the_reading) {
  int calls = 0;
  const auto refuse = [&calls](std::string_view) -> result<void> {
    ++calls;
    return failure{errc::interrupted, "reading", "asked to stop", {}};
  };
  CHECK_FAILS(read_texts(database, 7, refuse), errc::interrupted);
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(a_damaged_segment_is_named) {
  REQUIRE_OK(database.run("UPDATE segment SET text_crc32=text_crc32+1"));
  const auto read = read_texts(database, 7, [](std::string_view) -> result<void> { return {}; });
  CHECK_FAILS(read, errc::corrupt);
  BOOST_TEST(read.error().doing.find("hour 2020-01-25_16") != std::string::npos, read.error().doing);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::volume_tests
