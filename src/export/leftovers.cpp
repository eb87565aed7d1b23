#include "export/leftovers.hpp"

#include "model/object_key.hpp"
#include "store/ledger.hpp"

#include <algorithm>
#include <string>

namespace spillway::exporting {
namespace {

class leftover_search {
public:
  explicit leftover_search(bucket::bucket& in) : in_(in) {}

  void add(std::vector<bucket::upload_info> found) {
    for (bucket::upload_info& each : found) {
      const bool is_new = std::ranges::none_of(
          all_, [&each](const bucket::upload_info& known) { return known.upload_id == each.upload_id; });
      if (is_new && model::parse_key(each.key)) {
        all_.push_back(std::move(each));
      }
    }
  }

  // Listing needs a permission that exports do without.
  result<void> list(std::string_view keys) {
    auto found = in_.list_uploads(keys);
    if (!found) {
      return found.error().code == errc::denied ? result<void>() : found.error();
    }
    add(std::move(*found));
    return {};
  }

  std::vector<bucket::upload_info> take() { return std::move(all_); }

private:
  bucket::bucket& in_;
  std::vector<bucket::upload_info> all_;
};

}  // namespace

result<std::vector<bucket::upload_info>> find_leftovers(db::database* state, bucket::bucket& in,
                                                        const store::place& place, std::string_view prefix) {
  leftover_search search(in);
  SPILLWAY_TRY(search.list(prefix.empty() ? std::string() : std::string(prefix) + "/"));
  if (state != nullptr) {
    SPILLWAY_TRY_ASSIGN(const std::vector<store::upload_row> known, store::list_uploads(*state, place));
    for (const store::upload_row& each : known) {
      if (!each.upload_id.empty()) {
        search.add({{each.key, each.upload_id, each.begun_at}});
      }
    }
    // MinIO lists the uploads of a whole key only.
    SPILLWAY_TRY_ASSIGN(const std::vector<store::object_row> objects, store::list_objects_of(*state, place));
    for (const store::object_row& each : objects) {
      if (!each.delivered_at && !each.part_sha256s.empty()) {
        SPILLWAY_TRY(search.list(each.key));
      }
    }
  }
  return search.take();
}

result<void> abort_leftover(db::database* state, bucket::bucket& in, const store::place& place,
                            const bucket::upload_info& which) {
  auto aborted = in.abort_multipart(which.key, which.upload_id);
  if (!aborted && aborted.error().code != errc::not_found) {
    return aborted;
  }
  return state != nullptr ? store::remove_upload(*state, place, which.key, which.upload_id) : result<void>();
}

namespace {

// An upload that was to be begun may be there: its id is known to the bucket alone.
result<void> abort_unknown(db::database& state, bucket::bucket& in, const store::place& place, const std::string& key) {
  const auto found = in.list_uploads(key);
  if (!found && found.error().code != errc::denied) {
    return found.error();
  }
  for (const bucket::upload_info& each : found ? *found : std::vector<bucket::upload_info>()) {
    if (each.key == key) {
      SPILLWAY_TRY(abort_leftover(&state, in, place, each));
    }
  }
  return store::remove_upload(state, place, key, {});
}

}  // namespace

result<void> abort_known_leftovers(db::database& state, bucket::bucket& in, const store::place& place) {
  SPILLWAY_TRY_ASSIGN(const std::vector<store::upload_row> known, store::list_leftover_uploads(state, place));
  for (const store::upload_row& each : known) {
    const auto gone = each.upload_id.empty()
                          ? abort_unknown(state, in, place, each.key)
                          : abort_leftover(&state, in, place, {each.key, each.upload_id, each.begun_at});
    if (!gone && (gone.error().code == errc::interrupted || gone.error().code == errc::state)) {
      return gone;
    }
  }
  return {};
}

}  // namespace spillway::exporting
