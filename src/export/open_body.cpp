#include "export/open_body.hpp"

#include "export/made_body.hpp"
#include "export/merge_segments.hpp"
#include "export/object_body.hpp"

namespace spillway::exporting {
namespace {

// What was planned before there was one engine for all has that of its project.
model::compression merge_engine_of(const object_place& in, const store::object_row& object) {
  return object.engine == codec::engine_name(in.project.engine) ? in.project.engine : merge_engine;
}

}  // namespace

result<std::unique_ptr<bucket::body_source>> open_body(db::database& reader, const object_place& in,
                                                       const store::object_row& object) {
  using opened = std::unique_ptr<bucket::body_source>;
  const store::hour_key key{in.project.id, in.hour};
  if (in.kind == store::job_kind::merges) {
    SPILLWAY_TRY_ASSIGN(std::vector<model::merge> merges,
                        store::read_merges(reader, in.project.organization, in.hour, object.events));
    return opened(new made_body(merge_segments(std::move(merges), merge_engine_of(in, object)), object));
  }
  if (!object.filter.empty()) {
    SPILLWAY_TRY_ASSIGN(line_filter filter, make_line_filter(object.filter));
    SPILLWAY_TRY_ASSIGN(std::vector<store::segment_row> sources,
                        store::list_segments(reader, key, object.source_offset, object.source_bytes));
    return opened(new made_body(
        filtered_segments(reader, key, std::move(sources), std::move(filter), in.project.engine), object));
  }
  return opened(new object_body(reader, key, object));
}

}  // namespace spillway::exporting
