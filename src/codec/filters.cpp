#include "codec/filters.hpp"

#include "codec/segment.hpp"
#include "codec/segment_engine.hpp"

#include <optional>
#include <string>

namespace spillway::codec {

struct segment_filter::implementation {
  std::unique_ptr<segment_engine> engine;
  std::optional<std::size_t> expected_bytes;
  std::string gathered;
  enum class progress { open, compressed } state = progress::open;
};

segment_filter::segment_filter(model::compression engine)
    : implementation_(std::make_shared<implementation>(implementation{make_segment_engine(engine), {}, {}, {}})) {}

void segment_filter::expect(std::size_t text_bytes) { implementation_->expected_bytes = text_bytes; }

std::string_view segment_filter::take(std::string_view text) {
  implementation& self = *implementation_;
  if (text.empty()) {
    return {};
  }
  if (self.state == implementation::progress::compressed) {
    throw filter_failure({errc::bug, "compressing a segment", "there is more text than was announced", {}});
  }
  if (text.size() > segment_text_bytes_max - self.gathered.size()) {
    throw filter_failure({errc::too_large, "compressing a segment", "its text is longer than 8 MiB", {}});
  }
  if (self.gathered.empty() && self.expected_bytes == text.size()) {
    self.state = implementation::progress::compressed;
    return self.engine->compress(text);
  }
  self.gathered += text;
  return {};
}

std::string_view segment_filter::complete() {
  implementation& self = *implementation_;
  const std::string_view rest = self.gathered.empty() ? std::string_view() : self.engine->compress(self.gathered);
  self.gathered.clear();
  self.expected_bytes.reset();
  self.state = implementation::progress::open;
  return rest;
}

}  // namespace spillway::codec
