// spillway generate: raw events for tests and measurements, the same for the same seed.
#include "cli/program.hpp"
#include "cli/shared_options.hpp"
#include "record/generator.hpp"

#include <fmt/format.h>

#include <limits>

namespace spillway::cli {
namespace {

struct generate_options {
  record::generator_settings settings;
  std::string start;
};

constexpr std::size_t written_bytes_min = std::size_t{1} << 20;

result<exit_status> generate(generate_options wanted, session& with) {
  if (!wanted.start.empty()) {
    const auto start = base::parse_timestamp(wanted.start);
    if (!start) {
      return failure{errc::usage, "reading --start", wanted.start + " is not a time",
                     "write it like 2020-01-25T14:00:00Z"};
    }
    wanted.settings.start = *start;
  }
  record::event_generator events(wanted.settings);
  std::string text;
  while (events.next(text)) {
    if (text.size() >= written_bytes_min) {
      SPILLWAY_TRY(print(text));
      text.clear();
    }
    if (with.stop.stop_requested()) {
      return failure{errc::interrupted, "generating events", "asked to stop", {}};
    }
  }
  SPILLWAY_TRY(print(text));
  return exit_status::done;
}

}  // namespace

void add_generate(program& to) {
  auto wanted = std::make_shared<generate_options>();
  CLI::App& verb = to.add_verb("generate", "Write realistic raw events as JSON lines", program::uses_state::no,
                               [wanted](session& with) { return generate(*wanted, with); });
  without_json(verb);
  // Read as signed numbers: "-1" would wrap around to the largest there is.
  const auto count = CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()).description("");
  verb.add_option("--events", wanted->settings.events, "How many")->type_name("N")->check(count)->capture_default_str();
  verb.add_option("--hours", wanted->settings.hours, "Over how many hours")
      ->type_name("H")->check(CLI::Range(1, 1'000'000).description(""))->capture_default_str();
  verb.add_option("--seed", wanted->settings.seed, "The same seed gives the same bytes")
      ->type_name("S")
      ->check(count)
      ->capture_default_str();
  verb.add_option("--start", wanted->start, "The first server_upload_time (default: 2020-01-25T14:00:00Z)")
      ->type_name("TIME")
      ->check(not_empty());
  verb.add_option("--project", wanted->settings.project, "The project that they are of")
      ->type_name("N")->check(CLI::Range(std::int64_t{1}, model::id_max).description(""))->capture_default_str();
}

}  // namespace spillway::cli
