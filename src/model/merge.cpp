#include "model/merge.hpp"

#include <fmt/format.h>

namespace spillway::model {

std::string to_line(const merge& record) {
  return fmt::format(
      "{{\"scope\":{},\"merge_time\":{},\"merge_server_time\":{},\"amplitude_id\":{},\"merged_amplitude_id\":{}}}\n",
      -record.organization, record.merge_time_ms, record.merge_server_time_ms, record.amplitude_id,
      record.merged_amplitude_id);
}

}  // namespace spillway::model
