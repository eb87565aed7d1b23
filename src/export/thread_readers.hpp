// A connection to the state file for each thread of a pool, opened when the thread first reads.
#pragma once

#include "store/state_file.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace spillway::exporting {

// Thread rule: each thread asks for its own, and uses it alone.
class thread_readers {
public:
  thread_readers(const store::state_file& state, std::size_t threads) : state_(&state), opened_(threads) {}

  // Lives as long as this.
  result<db::database*> of(std::size_t worker) {
    std::unique_ptr<db::database>& reader = opened_[worker];
    if (!reader) {
      SPILLWAY_TRY_ASSIGN(db::database opened, state_->open_reader());
      reader = std::make_unique<db::database>(std::move(opened));
    }
    return reader.get();
  }

private:
  const store::state_file* state_;
  std::vector<std::unique_ptr<db::database>> opened_;
};

}  // namespace spillway::exporting
