#include "bucket/bucket.hpp"

namespace spillway::bucket {

result<void> bucket::list_all(std::string_view prefix, std::string_view after, const object_visitor& visit) {
  std::string behind(after);
  do {
    SPILLWAY_TRY_ASSIGN(list_page page, list(prefix, behind, list_page::objects_max));
    for (const object_info& each : page.objects) {
      SPILLWAY_TRY(visit(each));
    }
    behind = std::move(page.next);
  } while (!behind.empty());
  return {};
}

}  // namespace spillway::bucket
