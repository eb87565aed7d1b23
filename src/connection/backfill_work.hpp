// A backfill, a day at a time, so that it can be followed, cancelled and gone on with.
#pragma once

#include "connection/delivery.hpp"
#include "export/run.hpp"
#include "store/backfill_log.hpp"

namespace spillway::connection {

// So many hours are looked at, and then delivered, in one go.
inline constexpr std::int64_t backfill_hours_at_once = 24;

// Does the next hours of a backfill and writes down how far it is. What comes back is its row; it may be over.
// A failure that ends the backfill (foreign objects) is in the row; others are returned, and it stays where it was.
result<store::backfill_row> continue_backfill(store::state_file& state, const model::project& project,
                                              const model::connection& connection, store::backfill_row row,
                                              const exporting::settings& usual, const exporting::delivery_world& world);

}  // namespace spillway::connection
