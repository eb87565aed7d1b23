// Boost.Iostreams filters over the engines of this folder. A heavy header: include it in a .cpp that builds a chain.
// segment_filter is also how segment_compressor itself compresses.
//
//     io::filtering_ostream out;                   io::filtering_istream in;
//     out.push(segment_filter({6}));               in.push(gunzip_filter(), 1 << 18);
//     out.push(io::back_inserter(deflate));        in.push(io::array_source(gzip.data(), gzip.size()));
//
// A filter can fail by exception only: filter_failure. Streams turn it into badbit; io::copy lets it through. Copies of
// a filter share one state, as Boost's own do, because a chain keeps a copy. Thread rule: one thread at a time.
#pragma once

#include "base/result.hpp"
#include "codec/gunzip.hpp"
#include "model/project.hpp"

#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/read.hpp>
#include <boost/iostreams/write.hpp>

#include <algorithm>
#include <ios>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>

namespace spillway::codec {

class filter_failure : public std::runtime_error {
public:
  explicit filter_failure(base::failure why) : std::runtime_error(why.text()), why_(std::move(why)) {}
  const base::failure& why() const { return why_; }

private:
  base::failure why_;
};

// Writes all of `bytes`; a sink that takes no more is a filter_failure.
template <class Sink>
void write_all(Sink& sink, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::streamsize taken =
        boost::iostreams::write(sink, bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (taken <= 0) {
      throw filter_failure({errc::io, "writing to a stream", "it takes no more", {}});
    }
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
}

// Output: what is written becomes one segment (codec/segment.hpp), complete at close; then the next may begin.
// The bytes depend on the text alone, not on how it is cut into writes: it is gathered, and compressed in one piece.
// Text that comes whole, as announced by `expect`, is compressed where it stands.
// filter_failure: errc::too_large for text over segment_text_bytes_max, errc::bug for more text than was announced.
class segment_filter {
public:
  using char_type = char;
  struct category : boost::iostreams::output,
                    boost::iostreams::filter_tag,
                    boost::iostreams::multichar_tag,
                    boost::iostreams::closable_tag {};

  explicit segment_filter(model::compression engine);

  // The next segment's text has this length.
  void expect(std::size_t text_bytes);

  template <class Sink>
  std::streamsize write(Sink& sink, const char* text, std::streamsize text_bytes) {
    write_all(sink, take({text, static_cast<std::size_t>(text_bytes)}));
    return text_bytes;
  }
  template <class Sink>
  void close(Sink& sink) {
    write_all(sink, complete());
  }

private:
  struct implementation;

  // Both give bytes to be written on, possibly none, that hold until the next call.
  std::string_view take(std::string_view text);
  std::string_view complete();

  std::shared_ptr<implementation> implementation_;
};

// Input and output: gzip members in, text out (codec/gunzip.hpp), one stream a filter.
// filter_failure: what gunzip fails with; the end of the source (or close, when writing) in mid-member is
// errc::corrupt.
class gunzip_filter {
public:
  using char_type = char;
  struct category : boost::iostreams::dual_use,
                    boost::iostreams::filter_tag,
                    boost::iostreams::multichar_tag,
                    boost::iostreams::closable_tag {};

  explicit gunzip_filter(gunzip_limits limits = {});

  template <class Source>
  std::streamsize read(Source& source, char* text, std::streamsize text_bytes) {
    begin(direction::reading);
    for (;;) {
      const std::size_t produced = inflate_pending({text, static_cast<std::size_t>(text_bytes)});
      if (produced > 0) {
        return static_cast<std::streamsize>(produced);
      }
      const std::span<char> room = buffer();
      const std::streamsize got =
          boost::iostreams::read(source, room.data(), static_cast<std::streamsize>(room.size()));
      if (got < 0) {
        check_end();
        return -1;
      }
      if (got == 0) {
        return 0;  // a non-blocking source has nothing just now
      }
      set_pending({room.data(), static_cast<std::size_t>(got)});
    }
  }
  template <class Sink>
  std::streamsize write(Sink& sink, const char* compressed, std::streamsize compressed_bytes) {
    begin(direction::writing);
    set_pending({compressed, static_cast<std::size_t>(compressed_bytes)});
    const std::span<char> room = buffer();
    while (const std::size_t produced = inflate_pending(room)) {
      write_all(sink, {room.data(), produced});
    }
    return compressed_bytes;
  }
  template <class Device>
  void close(Device&, std::ios_base::openmode which) {
    if (which == std::ios_base::out) {
      check_written();
    }
  }

private:
  enum class direction { none, reading, writing };
  struct implementation;

  void begin(direction which);
  std::size_t inflate_pending(std::span<char> out);  // 0: all that was pending is used up
  void set_pending(std::string_view compressed);
  std::span<char> buffer();
  void check_end() const;
  void check_written() const;

  std::shared_ptr<implementation> implementation_;
};

}  // namespace spillway::codec
