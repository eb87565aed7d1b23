// Every file operation fails once, and from every one on the disk is full or gone.
#include "bucket/mirror_bucket.hpp"
#include "support/file_faults.hpp"
#include "sweep/sweep.hpp"

namespace spillway::test::file_sweep_tests {
namespace {

// Whoever says that an object is there, or gone, says that it is so behind a power cut.
void check_is_durable(const file_faults& faults, const std::filesystem::path& bucket) {
  for (const std::string& each : faults.unsynced_directories(bucket)) {
    BOOST_ERROR(each << " was changed and not synced");
  }
  for (const std::string& each : faults.unsynced_files(bucket)) {
    BOOST_ERROR(each << " was written and not synced");
  }
}

class file_fault_source final : public fault_source {
public:
  file_fault_source(const std::filesystem::path& below, file_fault kind) : below_(below), faults_(below), kind_(kind) {}

  void arm(std::int64_t nth) override { faults_.arm(kind_, nth); }
  void disarm() override { faults_.disarm(); }
  std::string fired_at() const override { return faults_.fired_at(); }
  void check() const override {
    for (const std::string& each : faults_.repeated_syncs()) {
      BOOST_ERROR(each << " was synced again behind a sync that failed");
    }
    check_is_durable(faults_, below_ / "bucket");
  }

private:
  const std::filesystem::path below_;
  file_faults faults_;
  file_fault kind_;
};

void run_sweep(const scenario_maker& make, file_fault kind, std::int64_t step_usual) {
  sweep(make, [kind](scenario& of) { return std::make_unique<file_fault_source>(of.dir(), kind); }, step_usual);
}

std::unique_ptr<scenario> exported() { return make_export(make_mirror); }
std::unique_ptr<scenario> backfilled() { return make_backfill(make_mirror); }
std::unique_ptr<scenario> migrated() { return make_migration(make_mirror); }

// Does what `prepare` gives for a new directory with each of its operations failing, and again where it has failed:
// when it says that it is done, all of it is durable.
void sweep_work(const std::function<std::function<result<void>()>(const std::filesystem::path& below)>& prepare) {
  bool has_fired = true;
  for (std::int64_t nth = 1; has_fired; ++nth) {
    const temp_dir dir;
    const std::filesystem::path below = std::filesystem::canonical(dir.path());
    file_faults faults(below);
    const std::function<result<void>()> work = prepare(below);
    faults.arm(file_fault::error, nth);
    const auto made = work();
    faults.disarm();
    BOOST_TEST_CONTEXT("operation " << nth << ", " << faults.fired_at()) {
      if (!made) {
        CHECK_OK(work());
      }
      check_is_durable(faults, below);
    }
    has_fired = faults.has_fired();
  }
}

// The same in a bucket that is there.
void sweep_bucket(const std::function<void(bucket::bucket&)>& prepare,
                  const std::function<result<void>(bucket::bucket&)>& work) {
  const base::fixed_clock clock(test_now);
  sweep_work([&](const std::filesystem::path& below) {
    const std::shared_ptr<bucket::bucket> opened =
        bucket::open_mirror(below / "bucket", clock, bucket::create_root::yes).value();
    prepare(*opened);
    return [opened, &work] { return work(*opened); };
  });
}

result<void> put_if_absent(bucket::bucket& to) {
  bucket::memory_body body("text");
  bucket::put_options options;
  options.condition = bucket::put_options::when::absent;
  options.sha256 = base::sha256_of("text");
  const auto made = to.put("1/2/a", body, options);
  return made || made.error().code == errc::conflict ? result<void>() : made.error();
}

BOOST_AUTO_TEST_SUITE(sweep_files)

BOOST_AUTO_TEST_CASE(an_object_that_is_there_already_is_durable) {
  sweep_bucket([](bucket::bucket&) {}, put_if_absent);
}

BOOST_AUTO_TEST_CASE(an_object_that_is_gone_already_is_durably_gone) {
  sweep_bucket([](bucket::bucket& in) { REQUIRE_OK(put_if_absent(in)); },
               [](bucket::bucket& in) { return in.remove("1/2/a"); });
}

BOOST_AUTO_TEST_CASE(a_bucket_that_is_there_already_is_durable) {
  const base::fixed_clock clock(test_now);
  sweep_work([&clock](const std::filesystem::path& below) {
    return [&clock, below]() -> result<void> {
      const auto opened = bucket::open_mirror(below / "a/b/bucket", clock, bucket::create_root::yes);
      return opened ? result<void>() : opened.error();
    };
  });
}

#define SWEEP(name, make, kind, step) \
  BOOST_AUTO_TEST_CASE(name) { run_sweep(make, file_fault::kind, step); }
SWEEP(export_goes_on_behind_any_operation_that_failed, exported, error, 29)
SWEEP(export_completes_short_writes, exported, short_write, 29)
SWEEP(export_goes_on_when_a_full_disk_has_space_again, exported, full, 29)
SWEEP(export_goes_on_when_a_dead_disk_is_back, exported, dead, 29)
SWEEP(a_backfill_goes_on_behind_any_operation_that_failed, backfilled, error, 29)
SWEEP(a_backfill_goes_on_when_a_full_disk_has_space_again, backfilled, full, 29)
SWEEP(a_backfill_goes_on_when_a_dead_disk_is_back, backfilled, dead, 29)
SWEEP(a_migration_goes_on_behind_any_operation_that_failed, migrated, error, 29)
SWEEP(a_migration_goes_on_when_a_full_disk_has_space_again, migrated, full, 29)
SWEEP(a_migration_goes_on_when_a_dead_disk_is_back, migrated, dead, 29)
SWEEP(mails_are_neither_lost_nor_doubled_by_any_operation_that_failed, make_mail, error, 29)
SWEEP(mails_are_neither_lost_nor_doubled_by_a_full_disk, make_mail, full, 29)
#undef SWEEP

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::test::file_sweep_tests
