#include "base/exception.hpp"

#include "base/shortage.hpp"

#include <cerrno>
#include <new>
#include <system_error>

namespace spillway::base {

failure failure_of(const std::exception& thrown, std::string doing) {
  if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr) {
    return from_errno(ENOMEM, std::move(doing));
  }
  if (const auto* refused = dynamic_cast<const std::system_error*>(&thrown);
      refused != nullptr && refused->code() == std::errc::resource_unavailable_try_again) {
    return {errc::io, std::move(doing), "the system gives no more threads", std::string(hint_for_memory)};
  }
  return {errc::bug, std::move(doing), thrown.what(), {}};
}

}  // namespace spillway::base
