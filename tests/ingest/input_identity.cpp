#include "ingest/input_identity.hpp"

#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <set>

namespace spillway::ingest::input_identity_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  store::state_file state = test::open_state(dir / "state.db");

  static store::input_row row_of(base::hash128 head, std::uint64_t head_bytes = store::input_head_bytes) {
    store::input_row row;
    row.head_bytes = head_bytes;
    row.head_hash = head;
    return row;
  }
  store::input_row add(store::input_row row) {
    row.id = store::add_input(state.database(), row, {}).value();
    return row;
  }
  base::hash128 take(input_identities& identities, const store::input_row& row) {
    const auto taken = identities.take(state.database(), row);
    REQUIRE_OK(taken);
    return *taken;
  }
  base::hash128 take_alone(const store::input_row& row) {
    input_identities identities;
    return take(identities, row);
  }
};

BOOST_FIXTURE_TEST_SUITE(ingest_input_identity, fixture)

BOOST_AUTO_TEST_CASE(no_two_inputs_have_the_same) {
  input_identities identities;
  std::set<base::hash128> all;
  for (const store::input_row& row : {row_of({1, 2}), row_of({1, 3}), row_of({1, 2}, 255), row_of({}, 0)}) {
    all.insert(take(identities, row));
    all.insert(take(identities, row));
  }
  BOOST_TEST(all.size() == 8U);
}

BOOST_AUTO_TEST_CASE(an_input_keeps_it_from_run_to_run) {
  const store::input_row row = row_of({1, 2});
  input_identities first_run;
  const base::hash128 first = take(first_run, row);
  const base::hash128 second = take(first_run, row);
  const store::input_row known = add(row);
  // The run ended before the second one was in the file.
  BOOST_CHECK(take_alone(known) == first);
  BOOST_CHECK(take_alone(row) == second);
  const store::input_row other = add(row);
  BOOST_CHECK(take_alone(known) == first);
  BOOST_CHECK(take_alone(other) == second);
  // Rows of this run get into the file while it lasts.
  BOOST_CHECK(take(first_run, row) == take_alone(row));
}

BOOST_AUTO_TEST_CASE(it_is_the_same_whatever_other_inputs_there_are) {
  const base::hash128 alone = take_alone(row_of({1, 2}));
  add(row_of({3, 4}));
  add(row_of({}, 0));
  BOOST_CHECK(take_alone(row_of({1, 2})) == alone);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::input_identity_tests
