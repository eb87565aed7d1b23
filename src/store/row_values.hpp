// Values of columns that can't be just any number, or may be NULL. A file that is damaged has others: whoever collects
// rows gets errc::corrupt, and nobody reckons with an hour that overflows.
#pragma once

#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"

#include <optional>

namespace spillway::store {

// A number of bytes, events and the like.
inline std::int64_t count_in(const db::statement& row, int column) {
  return row.number_within(column, 0, model::id_max);
}

inline base::instant instant_in(const db::statement& row, int column) {
  return base::from_us(row.number_within(column, base::to_us(base::instant_min), base::to_us(base::instant_max)));
}

inline model::hour hour_in(const db::statement& row, int column) {
  constexpr model::hour first = model::hour_of(base::instant_min);
  constexpr model::hour last = model::hour_of(base::instant_max);
  return {row.number_within(column, first.number, last.number)};
}

inline std::optional<base::instant> instant_at(const db::statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(instant_in(row, column));
}

// As it is written; none: NULL.
inline std::optional<std::int64_t> us_of(const std::optional<base::instant>& when) {
  return when ? std::optional(base::to_us(*when)) : std::nullopt;
}

inline std::optional<model::hour> hour_at(const db::statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(hour_in(row, column));
}

}  // namespace spillway::store
