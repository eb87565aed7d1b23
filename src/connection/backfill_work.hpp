// A backfill, a day at a time, so that it can be followed, cancelled and gone on with.
#pragma once

#include "connection/delivery.hpp"
#include "export/run.hpp"
#include "store/backfill_log.hpp"

#include <string>
#include <string_view>

namespace spillway::connection {

// So many hours are looked at, and then delivered, in one go.
inline constexpr std::int64_t backfill_hours_at_once = 24;

// Does the next hours of a backfill and writes down how far it is. What comes back is its row; it may be over, or
// another connection's by now. errc::locked: it is that already, or has gone.
// A failure that ends the backfill (foreign objects) is in the row; others are returned, and it stays where it was.
result<store::backfill_row> continue_backfill(store::state_file& state, const model::project& project,
                                              const model::connection& connection, store::backfill_row row,
                                              const exporting::settings& usual, const exporting::delivery_world& world);

// Why one has failed, as it was when it did. REQUIRES: it has.
failure failure_of(const store::backfill_row& failed);

// What there is to say of hours with something missing that can't be put again: "pruned, so that what is missing can't
// be put again: 2020-01-25_9".
std::string describe_pruned(std::string_view hours);

// Why a backfill has failed or waits, and what of it was pruned; empty: neither.
std::string describe_trouble(const store::backfill_row& of);

}  // namespace spillway::connection
