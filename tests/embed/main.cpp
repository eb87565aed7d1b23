// embed STATE INPUT DIRECTORY: what `spillway export INPUT DIRECTORY --state STATE` does, by the library alone.
#include "bucket/mirror_bucket.hpp"
#include "export/run.hpp"
#include "ingest/ingest.hpp"
#include "store/catalog.hpp"
#include "store/ledger.hpp"

#include <filesystem>
#include <iostream>
#include <string>

namespace {

using spillway::failure;
using spillway::result;

// Reads the file into the state file: parsed, checked, without duplicates, compressed.
result<void> take_in(spillway::store::state_file& state, const std::string& input, const spillway::base::clock& clock) {
  SPILLWAY_TRY_ASSIGN(const auto organization, spillway::store::choose_organization(state.database(), {}, clock.now()));
  spillway::ingest::settings wanted;
  wanted.inputs = {input};
  wanted.rules.now = clock.now();
  wanted.projects.organization = organization.id;
  SPILLWAY_TRY_ASSIGN(const auto taken, spillway::ingest::take_in(state, wanted, clock, {}, {}));
  std::cout << taken.total.stored << " events taken in\n";
  return {};
}

// Plans every closed hour, and puts what is not there yet.
result<void> deliver(spillway::store::state_file& state, const std::string& directory,
                     const spillway::base::clock& clock) {
  SPILLWAY_TRY_ASSIGN(const auto bucket,
                      spillway::bucket::open_mirror(directory, clock, spillway::bucket::create_root::yes));
  spillway::exporting::settings wanted;
  wanted.place.destination = std::filesystem::absolute(directory);
  spillway::exporting::summary done;
  SPILLWAY_TRY(spillway::store::recover_jobs(state.database()));
  SPILLWAY_TRY_ASSIGN(const auto connections, spillway::exporting::plan_all(state, wanted, {}, clock, done));
  SPILLWAY_TRY(spillway::exporting::deliver_all(state, connections, wanted, {*bucket, clock, {}, {}}, done));
  if (!done.failures.empty()) {
    return done.failures.front();
  }
  std::cout << done.objects << " objects of " << done.hours << " hours delivered\n";
  return {};
}

result<void> run(const std::string& path, const std::string& input, const std::string& directory) {
  const spillway::base::system_clock clock;
  SPILLWAY_TRY_ASSIGN(auto state, spillway::store::state_file::open(path, spillway::store::access::create));
  SPILLWAY_TRY(state.become_worker("embed", clock));
  SPILLWAY_TRY(take_in(state, input, clock));
  return deliver(state, directory, clock);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: embed STATE INPUT DIRECTORY\n";
    return 2;
  }
  if (const auto done = run(argv[1], argv[2], argv[3]); !done) {
    std::cerr << "error: " << done.error().text() << '\n';
    return 1;
  }
}
