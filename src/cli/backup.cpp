// spillway backup: a copy of the state file, also while it is in use.
#include "base/bytes.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

result<exit_status> backup(const std::string& target, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY(state.backup(target));
  SPILLWAY_TRY_ASSIGN(const std::uint64_t bytes, file_bytes(target));
  if (with.output == session::output::json) {
    SPILLWAY_TRY(print_json(json::object{{"file", target}, {"bytes", bytes}}));
  } else {
    SPILLWAY_TRY(
        print(fmt::format("{}: {}\n", base::printable(target, base::shown_line_bytes_max), base::human_bytes(bytes))));
  }
  return exit_status::done;
}

}  // namespace

void add_backup(program& to) {
  auto target = std::make_shared<std::string>();
  CLI::App& verb = to.add_verb("backup", "Copy the state file, also while it is in use", program::uses_state::yes,
                               [target](session& with) { return backup(*target, with); });
  verb.add_option("FILE", *target, "The copy, which must not be there yet")->required();
}

}  // namespace spillway::cli
