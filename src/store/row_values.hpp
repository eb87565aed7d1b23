// Columns that may be NULL.
#pragma once

#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "model/hour.hpp"

#include <optional>

namespace spillway::store {

inline std::optional<base::instant> instant_at(const db::statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(base::from_us(row.number(column)));
}

inline std::optional<model::hour> hour_at(const db::statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(model::hour{row.number(column)});
}

}  // namespace spillway::store
