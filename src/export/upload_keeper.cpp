#include "export/upload_keeper.hpp"

namespace spillway::exporting {

result<void> upload_keeper::begun(std::string_view key, std::string_view upload_id) {
  const std::scoped_lock lock(mutex_);
  return store::add_upload(state_, in_, key, upload_id, clock_.now());
}

void upload_keeper::gone(std::string_view key, std::string_view upload_id) {
  const std::scoped_lock lock(mutex_);
  // If this fails, the next run finds an upload that is not there: no harm.
  static_cast<void>(store::remove_upload(state_, in_, key, upload_id));
}

}  // namespace spillway::exporting
