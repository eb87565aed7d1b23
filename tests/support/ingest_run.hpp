// A state file that events are taken into, as `spillway ingest` does it, and inputs for it.
#pragma once

#include "fs/atomic_file.hpp"
#include "ingest/ingest.hpp"
#include "intake/zip_text.hpp"
#include "store/catalog.hpp"
#include "support/check_result.hpp"
#include "support/gzip_of.hpp"
#include "support/raw_event.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <utility>
#include <vector>

namespace spillway::test {

// A zip whose members are stored as they are.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members);

// 2026-01-01: every event of the tests is long past.
inline constexpr base::instant test_now = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

class ingest_run {
public:
  explicit ingest_run(std::size_t threads = 2) {
    REQUIRE_OK(store::choose_organization(state.database(), 1, test_now));
    wanted.projects.organization = 1;
    wanted.threads = threads;
    wanted.rules.now = test_now;
    wanted.open_zip = intake::open_zip_text;
  }

  // Writes (or replaces) an input; its path.
  std::string write(const std::string& name, std::string_view text) {
    const std::filesystem::path path = dir / name;
    REQUIRE_OK(fs::write_file(path, text, 0600));
    return path.string();
  }

  result<ingest::summary> try_take(std::vector<std::string> inputs, const ingest::progress_sink& report = {},
                                   const std::stop_token& stop = {}) {
    wanted.inputs = std::move(inputs);
    return ingest::take_in(state, wanted, clock, stop, report);
  }
  // The same, and checks what it says and leaves.
  ingest::summary take(std::vector<std::string> inputs);
  // Of one input with this text.
  ingest::summary take_text(std::string_view text) { return take({write("input-" + std::to_string(++inputs_), text)}); }

  void check() {
    check_events(state.database());
    check_inputs(state.database());
  }
  std::string content() { return describe_content(state.database()); }
  std::int64_t number(std::string_view query) { return number_of(state.database(), query); }

  temp_dir dir;
  store::state_file state = open_state(dir / "state.db");
  base::fixed_clock clock{test_now};
  ingest::settings wanted;

private:
  int inputs_ = 0;
};

}  // namespace spillway::test
