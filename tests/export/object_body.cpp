// An object is made of segments as they were stored: of others it is not made.
#include "export/object_body.hpp"

#include "codec/gunzip.hpp"
#include "codec/stitch.hpp"
#include "store/catalog.hpp"
#include "store/event_store.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>

namespace spillway::exporting::object_body_tests {
namespace {

struct fixture {
  static constexpr std::string_view text = "{\"a\":1}\n";

  fixture() {
    REQUIRE_OK(store::add_organization(file, {1, "local"}, {}));
    REQUIRE_OK(store::add_project(file, {7, 1, {}, {6}, 0}, {}));
    const codec::segment made = codec::segment_compressor({6}).compress(text).value();
    const auto text_bytes = static_cast<std::int64_t>(text.size());
    for (const std::int64_t at : {std::int64_t{0}, text_bytes}) {
      REQUIRE_OK(store::add_segment(file, key, at, 1, made, "zlib"));
    }
    codec::text_totals totals;
    totals.append(made.text_bytes, made.text_crc32);
    totals.append(made.text_bytes, made.text_crc32);
    object.key = "7/7_1970-01-01_5#1.json.gz";
    object.source_bytes = 2 * text_bytes;
    object.text_bytes = 2 * text_bytes;
    object.text_crc32 = totals.crc32;
    object.bytes =
        static_cast<std::int64_t>(codec::gzip_header_bytes + 2 * made.deflate.size() + codec::gzip_trailer_bytes);
  }

  result<std::string> read() {
    std::string whole;
    SPILLWAY_TRY(object_body(file, key, object).read([&whole](std::string_view piece) -> result<void> {
      whole += piece;
      return {};
    }));
    return whole;
  }
  result<std::string> read_range(std::uint64_t first, std::uint64_t count) {
    std::string part;
    SPILLWAY_TRY(
        object_body(file, key, object).read_range(first, count, [&part](std::string_view piece) -> result<void> {
          part += piece;
          return {};
        }));
    return part;
  }

  store::hour_key key{7, {5}};
  store::object_row object;
  test::temp_dir dir;
  store::state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();
};

BOOST_FIXTURE_TEST_SUITE(export_object_body, fixture)

BOOST_AUTO_TEST_CASE(every_range_is_a_part_of_the_whole) {
  const std::string whole = read().value();
  BOOST_TEST(static_cast<std::int64_t>(whole.size()) == object.bytes);
  for (std::uint64_t first = 0; first < whole.size(); ++first) {
    BOOST_TEST(read_range(first, 5).value() == whole.substr(first, 5));
  }
  std::string back(100, '\0');
  codec::gunzip reader;
  back.resize(reader.inflate(whole, back).value().produced);
  CHECK_OK(reader.finish());
  BOOST_TEST(back == std::string(text) + std::string(text));
}

BOOST_AUTO_TEST_CASE(a_segment_that_is_not_as_long_as_it_was_is_corrupt) {
  const auto bytes = static_cast<std::uint64_t>(object.bytes);
  for (const char* const damage :
       {"UPDATE segment SET deflate=x''", "UPDATE segment SET deflate=CAST(deflate||x'00' AS BLOB)"}) {
    REQUIRE_OK(file.execute(damage));
    CHECK_FAILS(read(), errc::corrupt);
    CHECK_FAILS(read_range(0, bytes), errc::corrupt);
    CHECK_FAILS(read_range(bytes - codec::gzip_trailer_bytes - 1, 1), errc::corrupt);
    CHECK_OK(read_range(bytes - codec::gzip_trailer_bytes, 1));
  }
}

BOOST_AUTO_TEST_CASE(without_one_of_its_segments_an_object_is_not_made) {
  REQUIRE_OK(file.execute("DELETE FROM segment WHERE text_offset>0"));
  CHECK_FAILS(read(), errc::corrupt);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::object_body_tests
