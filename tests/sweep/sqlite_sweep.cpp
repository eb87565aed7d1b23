// Every step that SQLite takes on the state file fails once, and from every one on the disk is full or the file busy.
#include "support/sqlite_faults.hpp"
#include "sweep/sweep.hpp"

namespace spillway::test::sqlite_sweep_tests {
namespace {

class sqlite_fault_source final : public fault_source {
public:
  explicit sqlite_fault_source(sqlite_fault kind) : kind_(kind) {}

  void arm(std::int64_t nth) override { faults_.arm(kind_, nth); }
  void disarm() override { faults_.disarm(); }
  std::string fired_at() const override { return faults_.fired_at(); }

private:
  sqlite_faults faults_;
  sqlite_fault kind_;
};

void run_sweep(const scenario_maker& make, sqlite_fault kind, std::int64_t step_usual) {
  sweep(make, [kind](scenario&) { return std::make_unique<sqlite_fault_source>(kind); }, step_usual);
}

std::unique_ptr<scenario> exported() { return make_export(make_memory); }
std::unique_ptr<scenario> backfilled() { return make_backfill(make_memory); }
std::unique_ptr<scenario> migrated() { return make_migration(make_memory); }

BOOST_AUTO_TEST_SUITE(sweep_sqlite)

#define SWEEP(name, make, kind, step) \
  BOOST_AUTO_TEST_CASE(name) { run_sweep(make, sqlite_fault::kind, step); }
SWEEP(export_goes_on_behind_any_step_that_failed, exported, error, 23)
SWEEP(export_goes_on_when_the_state_file_can_grow_again, exported, full, 23)
SWEEP(export_goes_on_when_the_state_file_is_free_again, exported, busy, 23)
SWEEP(a_backfill_goes_on_behind_any_step_that_failed, backfilled, error, 23)
SWEEP(a_backfill_goes_on_when_the_state_file_can_grow_again, backfilled, full, 23)
SWEEP(a_backfill_goes_on_when_the_state_file_is_free_again, backfilled, busy, 23)
SWEEP(a_migration_goes_on_behind_any_step_that_failed, migrated, error, 23)
SWEEP(a_migration_goes_on_when_the_state_file_can_grow_again, migrated, full, 23)
SWEEP(a_migration_goes_on_when_the_state_file_is_free_again, migrated, busy, 23)
SWEEP(mails_are_neither_lost_nor_doubled_by_any_step_that_failed, make_mail, error, 23)
SWEEP(mails_are_neither_lost_nor_doubled_by_a_full_disk, make_mail, full, 23)
SWEEP(mails_are_neither_lost_nor_doubled_by_a_busy_state_file, make_mail, busy, 23)
#undef SWEEP

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::test::sqlite_sweep_tests
