// The Boost.Iostreams filter over the engines of this folder. A heavy header: include it in a .cpp that builds a chain.
// It is also how segment_compressor itself compresses.
//
//     io::filtering_ostream out;
//     out.push(segment_filter({6}));
//     out.push(io::back_inserter(deflate));
//
// A filter can fail by exception only: filter_failure. Streams turn it into badbit; io::copy lets it through. Copies of
// a filter share one state, as Boost's own do, because a chain keeps a copy. Thread rule: one thread at a time.
#pragma once

#include "base/result.hpp"
#include "model/project.hpp"

#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/write.hpp>

#include <ios>
#include <memory>
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

}  // namespace spillway::codec
