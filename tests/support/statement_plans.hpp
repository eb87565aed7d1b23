// How SQLite would do the statements of a thread. Plans follow from the tables and their indexes, not from how many
// rows there are, so that a statement that grows with the square of something is found without a large file.
#pragma once

#include "db/sqlite.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::test {

// Thread rule: one at a time in the process.
class statement_plans {
public:
  // From here on statements of databases that are opened while this lives are noted.
  statement_plans();
  ~statement_plans();
  statement_plans(const statement_plans&) = delete;
  statement_plans& operator=(const statement_plans&) = delete;

  // The plan of the last statement that was begun and has `part` in its text, a line a step, as "SEARCH segment USING
  // COVERING INDEX segment_facts (project_id=? AND hour=?)". Fails the test if there was none.
  std::string last_with(std::string_view part, db::database& state) const;
};

}  // namespace spillway::test
