#include "net/byte_stream.hpp"

namespace spillway::net {

wait_end wait_for(byte_stream& stream, const io_step& step, const waiter& limits, moment until) {
  return stream.wait(step.what == progress::needs_read ? interest::read : interest::write, limits, until);
}

}  // namespace spillway::net
