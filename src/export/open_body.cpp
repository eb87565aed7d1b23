#include "export/open_body.hpp"

#include "export/made_body.hpp"
#include "export/merge_segments.hpp"
#include "export/object_body.hpp"

namespace spillway::exporting {

result<std::unique_ptr<bucket::body_source>> open_body(db::database& reader, const object_place& in,
                                                       const store::object_row& object, const settings& wanted) {
  using opened = std::unique_ptr<bucket::body_source>;
  const store::hour_key key{in.project.id, in.hour};
  if (in.kind == store::job_kind::merges) {
    SPILLWAY_TRY_ASSIGN(std::vector<model::merge> merges,
                        store::read_merges(reader, in.project.organization, in.hour, object.events));
    return opened(new made_body(merge_segments(std::move(merges), in.project.engine), object));
  }
  // As it was planned: a connection goes on with objects of one that had no filter.
  if (!object.segment_bytes.empty()) {
    if (!wanted.filter) {
      return failure{errc::corrupt, "making " + object.key, "it was planned behind a filter that is gone",
                     "set up a connection with the filter, or delete the connection's history"};
    }
    SPILLWAY_TRY_ASSIGN(std::vector<store::segment_row> sources,
                        store::list_segments(reader, key, object.source_offset, object.source_bytes));
    return opened(
        new made_body(filtered_segments(reader, key, std::move(sources), wanted.filter(), in.project.engine), object));
  }
  return opened(new object_body(reader, key, object));
}

}  // namespace spillway::exporting
