// Is every hour there that should be? Between its first and its last hour with data, a project has a marker for every
// hour, with data or without. A project without any marker has them turned off, and then nothing can be missed.
#pragma once

#include "check/finding.hpp"
#include "check/listing.hpp"
#include "model/hour.hpp"

#include <set>

namespace spillway::check {

enum class gap_rule {
  bounded,  // only gaps of at most model::gap_hours_max
  all,      // as exports with --fill-gaps leave none
};

// Hours of a project that have no marker on purpose, as a ledger knows them: they were delivered with markers off.
using unmarked_hours = std::set<model::hour>;

// A finding for each hour with data and no marker, and for each run of hours with nothing at all; its key is that of
// the first marker that is missing. Neither for `unmarked` nor for what is empty beside these: with markers off, an
// hour without events is not delivered, and missed by nobody.
result<void> check_gaps(const listing_folder& project, gap_rule rule, const unmarked_hours& unmarked,
                        const finding_sink& sink);

}  // namespace spillway::check
