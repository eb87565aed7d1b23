// The lines of events objects: is each a record of one form, of the project and the hour that the key says?
#pragma once

#include "base/hashes.hpp"
#include "base/time.hpp"
#include "check/finding.hpp"
#include "model/object_key.hpp"
#include "record/event.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spillway::check {

// What the search for duplicates needs of a record.
struct record_identity {
  base::hash128 hash;         // of device_id and $insert_id, without one of the uuid
  base::instant uploaded_at;  // server_upload_time, else server_received_time
};

// Reusable for any number of objects; not thread-safe.
class record_check {
public:
  // Begins an object. Its form is that of its first record: by its keys, or if they are of no form (older files have
  // fewer), by how its times are written.
  void open(const model::object_name& name);

  // nullopt: nothing can be a duplicate of it, or it is not sound enough to tell.
  std::optional<record_identity> check(std::int64_t line, std::string_view text, tally& findings);

  // Of the object that was opened last; nullopt before its first record.
  std::optional<model::record_form> form() const { return form_; }

private:
  void place(std::span<const record::member> members);
  void check_keys(std::span<const record::member> members, std::int64_t line, tally& findings);
  void check_types(std::int64_t line, tally& findings);
  void check_project(std::int64_t line, tally& findings);
  void check_hour(std::int64_t line, tally& findings);
  std::optional<record_identity> identity();

  model::object_name name_;
  std::optional<model::record_form> form_;
  record::json_parser parser_;
  record::columns event_;
  std::array<std::optional<base::instant>, record::column_count> times_;  // of the timestamps that are right
  std::optional<base::instant> uploaded_at_;
  std::string identity_text_;
};

}  // namespace spillway::check
