#include "codec/filters.hpp"

#include "codec/decode.hpp"
#include "codec/reference.hpp"
#include "codec/segment.hpp"
#include "support/check_result.hpp"

#include <boost/iostreams/compose.hpp>
#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <boost/test/unit_test.hpp>

namespace spillway::codec_filters_tests {
using codec::segment_filter;
namespace io = boost::iostreams;

namespace {

std::string segment_of(std::string_view text, int level) {
  return codec::segment_compressor(model::compression{level}).compress(text)->deflate;
}

// Takes two bytes at a time, and no more than `room_bytes` in all.
struct narrow_sink : io::sink {
  explicit narrow_sink(std::size_t wanted_bytes) : room_bytes(wanted_bytes) {}
  std::streamsize write(const char* bytes, std::streamsize count) {
    const auto fits = std::min<std::streamsize>({count, 2, static_cast<std::streamsize>(room_bytes - taken.size())});
    taken.append(bytes, static_cast<std::size_t>(fits));
    return fits;
  }
  std::size_t room_bytes;
  std::string taken;
};

auto fails_with(errc code) {
  return [code](const codec::filter_failure& thrown) { return thrown.why().code == code; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(codec_filters)

BOOST_AUTO_TEST_CASE(a_chain_gives_the_bytes_of_the_compressor_however_the_text_is_cut) {
  const std::string text = test::event_lines(400000, 3);
  for (const int level : {0, 1, 6}) {
    for (const std::size_t piece_bytes : {std::size_t{100}, std::size_t{65536}, text.size()}) {
      std::string deflate;
      {
        io::filtering_ostream out;
        out.push(segment_filter(model::compression{level}));
        out.push(io::back_inserter(deflate));
        for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
          out << std::string_view(text).substr(at, piece_bytes);
        }
      }
      BOOST_TEST((deflate == segment_of(text, level)), "level " << level << ", pieces of " << piece_bytes);
    }
  }
}

BOOST_AUTO_TEST_CASE(announced_text_is_compressed_as_it_comes_and_the_next_segment_after_close) {
  segment_filter filter(model::compression{6});
  std::string deflate;
  io::back_insert_device<std::string> sink(deflate);
  filter.expect(5);
  filter.write(sink, "first", 5);
  BOOST_TEST(deflate == segment_of("first", 6));
  filter.close(sink);
  filter.write(sink, "sec", 3);
  filter.write(sink, "ond", 3);
  filter.close(sink);
  BOOST_TEST(deflate == segment_of("first", 6) + segment_of("second", 6));
}

BOOST_AUTO_TEST_CASE(an_announcement_that_does_not_hold_changes_no_bytes) {
  segment_filter filter(model::compression{6});
  std::string deflate;
  io::back_insert_device<std::string> sink(deflate);
  filter.expect(100);
  filter.write(sink, "text", 4);
  filter.close(sink);
  BOOST_TEST(deflate == segment_of("text", 6));
}

BOOST_AUTO_TEST_CASE(too_much_text_is_a_failure) {
  std::string deflate;
  io::back_insert_device<std::string> sink(deflate);
  segment_filter filter(model::compression{0});
  const std::string most(codec::segment_text_bytes_max, 'a');
  filter.write(sink, most.data(), static_cast<std::streamsize>(most.size()));
  BOOST_CHECK_EXCEPTION(filter.write(sink, "b", 1), codec::filter_failure, fails_with(errc::too_large));

  segment_filter announced(model::compression{0});
  announced.expect(1);
  announced.write(sink, "a", 1);
  BOOST_CHECK_EXCEPTION(announced.write(sink, "b", 1), codec::filter_failure, fails_with(errc::bug));
}

BOOST_AUTO_TEST_CASE(a_sink_that_takes_little_is_asked_again_and_a_full_one_is_a_failure) {
  const std::string wanted = segment_of("some text", 6);
  narrow_sink sink(wanted.size());
  segment_filter filter(model::compression{6});
  filter.write(sink, "some text", 9);
  filter.close(sink);
  BOOST_TEST(sink.taken == wanted);
  filter.write(sink, "some text", 9);
  BOOST_CHECK_EXCEPTION(filter.close(sink), codec::filter_failure, fails_with(errc::io));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_filters_tests
