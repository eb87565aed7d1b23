// Multipart uploads that may be under way in a bucket: written before their first part is sent, and removed when they
// were completed or aborted. What a worker finds here at its start was left by one that was cut off.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "store/ledger.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

struct upload_row {
  std::int64_t id = 0;
  std::string key;
  std::string upload_id;  // empty: not known, if there is one
  base::instant begun_at;
};

// Durable when it returns.
result<void> add_upload(db::database& state, const place& in, std::string_view key, std::string_view upload_id,
                        base::instant now);
// None there is no failure.
result<void> remove_upload(db::database& state, const place& in, std::string_view key, std::string_view upload_id);
// In the order in which they were begun.
result<std::vector<upload_row>> list_uploads(db::database& state, const place& in);
// The same without those of jobs that are running: somebody is at work on these. REQUIRES: the worker lock, since jobs
// that were cut off are running until recover_jobs.
result<std::vector<upload_row>> list_leftover_uploads(db::database& state, const place& in);

// Where in the bucket of a place uploads were begun or connections deliver: the bucket itself, and prefixes in it.
result<std::vector<place>> list_places_in_bucket(db::database& state, const place& in);

}  // namespace spillway::store
