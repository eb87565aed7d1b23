#include "cli/working_state.hpp"

#include "store/ledger.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace spillway::cli {

result<working_state> working_state::open(const session& with, std::string_view doing, const intake_options& options,
                                          store::access wanted) {
  working_state opened;
  std::string path = with.state_path;
  if (options.dryrun) {
    std::string pattern = (std::filesystem::temp_directory_path() / "spillway-dryrun.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      return base::from_errno(errno, "making a copy of the state file");
    }
    opened.copy_ = pattern;
    path = (opened.copy_ / "state.db").string();
    if (wanted != store::access::create || std::filesystem::exists(with.state_path)) {
      SPILLWAY_TRY_ASSIGN(store::state_file real, with.open_state(store::access::read));
      SPILLWAY_TRY(real.backup(path));
    }
    wanted = store::access::create;
  }
  SPILLWAY_TRY_ASSIGN(store::state_file file, store::state_file::open(path, wanted));
  SPILLWAY_TRY(file.become_worker(doing, *with.clock));
  opened.file_ = std::move(file);
  return opened;
}

working_state::working_state(working_state&& other) noexcept
    : copy_(std::exchange(other.copy_, {})), file_(std::exchange(other.file_, std::nullopt)) {}

result<void> begin_work(store::state_file& state, std::string_view doing, const session& with) {
  SPILLWAY_TRY(state.become_worker(doing, *with.clock));
  return store::recover_jobs(state.database());
}

result<bool> work_if_nobody_does(store::state_file& state, std::string_view doing, const session& with) {
  const auto begun = begin_work(state, doing, with);
  return begun || begun.error().code == errc::locked ? result<bool>(begun.has_value()) : begun.error();
}

working_state::~working_state() {
  file_.reset();
  if (!copy_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(copy_, ignored);
  }
}

}  // namespace spillway::cli
