#include "export/leftovers.hpp"

#include "model/object_key.hpp"
#include "store/ledger.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

namespace spillway::exporting {
namespace {

// An upload of an export takes minutes. A day bridges clocks that differ, too; ours.
constexpr std::chrono::hours under_way_max{24};

// Whether a row of the ledger is about an upload that the bucket lists. One without an id stands for all of its key, as
// in abort_unknown().
bool is_about(const store::upload_row& row, const bucket::upload_info& listed) {
  return row.key == listed.key && (row.upload_id.empty() || row.upload_id == listed.upload_id);
}

class leftover_search {
public:
  leftover_search(bucket::bucket& in, std::vector<store::upload_row> known) : in_(in), known_(std::move(known)) {
    for (const store::upload_row& each : known_) {
      if (!each.upload_id.empty()) {
        add({{each.key, each.upload_id, each.begun_at}});
      }
    }
  }

  // Listing needs a permission that exports do without.
  result<void> list(std::string_view keys) {
    auto found = in_.list_uploads(keys);
    if (found) {
      add(std::move(*found));
      return {};
    }
    if (found.error().code != errc::denied) {
      return found.error();
    }
    not_listed_ = found.error();
    return {};
  }

  leftovers sort(base::instant now) const {
    leftovers sorted{{}, {}, not_listed_};
    for (const bucket::upload_info& each : all_) {
      const bool is_known =
          std::ranges::any_of(known_, [&each](const store::upload_row& row) { return is_about(row, each); });
      const bool is_old = now - each.begun_at > under_way_max;
      (is_known || is_old ? sorted.left_behind : sorted.perhaps_under_way).push_back(each);
    }
    return sorted;
  }

private:
  void add(std::vector<bucket::upload_info> found) {
    for (bucket::upload_info& each : found) {
      const bool is_new = std::ranges::none_of(
          all_, [&each](const bucket::upload_info& known) { return known.upload_id == each.upload_id; });
      if (is_new && model::parse_key(each.key)) {
        all_.push_back(std::move(each));
      }
    }
  }

  bucket::bucket& in_;
  const std::vector<store::upload_row> known_;
  std::vector<bucket::upload_info> all_;
  std::optional<failure> not_listed_;
};

// Whatever place of the bucket they were begun for.
result<std::vector<store::upload_row>> list_known(db::database& state, const std::vector<store::place>& places,
                                                  const std::string& below) {
  std::vector<store::upload_row> known;
  for (const store::place& place : places) {
    SPILLWAY_TRY_ASSIGN(const std::vector<store::upload_row> rows, store::list_uploads(state, place));
    std::ranges::copy_if(rows, std::back_inserter(known),
                         [&below](const store::upload_row& each) { return each.key.starts_with(below); });
  }
  return known;
}

// MinIO lists the uploads of a whole key only.
result<void> list_by_key(db::database& state, const std::vector<store::place>& places, const std::string& below,
                         leftover_search& search) {
  for (const store::place& place : places) {
    SPILLWAY_TRY_ASSIGN(const std::vector<store::object_row> objects, store::list_objects_of(state, place));
    for (const store::object_row& each : objects) {
      if (!each.delivered_at && !each.part_sha256s.empty() && each.key.starts_with(below)) {
        SPILLWAY_TRY(search.list(each.key));
      }
    }
  }
  return {};
}

}  // namespace

result<leftovers> find_leftovers(db::database* state, bucket::bucket& in, const store::place& place,
                                 std::string_view prefix, base::instant now) {
  const std::string below = prefix.empty() ? std::string() : std::string(prefix) + "/";
  std::vector<store::place> places;
  std::vector<store::upload_row> known;
  if (state != nullptr) {
    SPILLWAY_TRY_ASSIGN(places, store::list_places_in_bucket(*state, place));
    SPILLWAY_TRY_ASSIGN(known, list_known(*state, places, below));
  }
  leftover_search search(in, std::move(known));
  SPILLWAY_TRY(search.list(below));
  if (state != nullptr) {
    SPILLWAY_TRY(list_by_key(*state, places, below, search));
  }
  return search.sort(now);
}

result<void> abort_leftover(db::database* state, bucket::bucket& in, const store::place& place,
                            const bucket::upload_info& which) {
  auto aborted = in.abort_multipart(which.key, which.upload_id);
  if (!aborted && aborted.error().code != errc::not_found) {
    return aborted;
  }
  if (state == nullptr) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<store::place> places, store::list_places_in_bucket(*state, place));
  for (const store::place& each : places) {
    SPILLWAY_TRY(store::remove_upload(*state, each, which.key, which.upload_id));
  }
  return {};
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
