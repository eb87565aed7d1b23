#include "cli/intake_options.hpp"

#include "base/bytes.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "cli/table.hpp"
#include "intake/file_source.hpp"
#include "intake/input_names.hpp"
#include "intake/zip_text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

std::uint64_t total_bytes(const std::vector<std::string>& files) {
  std::uint64_t bytes = 0;
  for (const std::string& each : files) {
    const auto size = intake::size_of(each);
    if (!size || !*size) {
      return 0;  // a pipe: how much will come is not known
    }
    bytes += **size;
  }
  return bytes;
}

std::string_view to_string(ingest::freshness what) {
  switch (what) {
    case ingest::freshness::taken: return "taken_before";
    case ingest::freshness::grown: return "went_on";
    case ingest::freshness::fresh: break;
  }
  return "new";
}

json::object to_json(const store::input_counts& counts) {
  return {{"received", counts.received},
          {"stored", counts.stored},
          {"duplicates", counts.duplicates},
          {"applied", counts.applied},
          {"rejected", counts.rejected}};
}

}  // namespace

void add_intake_options(CLI::App& verb, intake_options& options) {
  verb.add_option("--org", options.organization, "The organization that new projects belong to (made if absent)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, model::id_max).description(""));
  verb.add_option("--project", options.project,
                  "The project of events that name none (default: 1); events of others are rejects")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, model::id_max).description(""));
  verb.add_option("--record", options.form, "The record form of new projects (default: documented)")
      ->check(one_of<model::record_form>())
      ->type_name("FORM");
  verb.add_option("--compression", options.engine, "The compression of new projects: fast, or 1 to 9 (default: fast)")
      ->check(CLI::IsMember({"fast", "1", "2", "3", "4", "5", "6", "7", "8", "9"}))
      ->type_name("ENGINE");
  verb.add_option("--threads", options.threads, "Threads that parse, compress and deliver (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, 256).description(""));
  verb.add_option("--index-memory", options.index_memory_mb,
                  "Memory for finding duplicates: 26 MB, and 2 MB for each million events of a week (30 to 65536; "
                  "default: 120)")
      ->type_name("MB")
      ->check(CLI::Range(30, 65'536).description(""));
  verb.add_flag("--keep-going", options.keep_going,
                "Continue past 100,000 rejects of an input, and past an unreadable input");
  verb.add_flag("--allow-rejects", options.allow_rejects, "Exit with 0 although there were rejects");
  verb.add_flag("--dryrun,--dry-run", options.dryrun, "Do everything on a copy of the state file, and deliver nothing");
}

namespace {

result<std::vector<std::string>> expand(const std::vector<std::string>& inputs, const session& with,
                                        const std::filesystem::path& destination, const fs::path_sink& left_out) {
  const std::filesystem::path state = store::file_behind(with.state_path);
  std::vector<std::filesystem::path> state_files = db::files_beside(state);
  state_files.push_back(state);
  return intake::expand_inputs(inputs, state_files, left_out, destination);
}

}  // namespace

bool has_inputs(const std::string& directory, const session& with) {
  return expand({directory}, with, {}, {}).has_value();
}

result<std::vector<std::string>> find_files(const std::vector<std::string>& inputs, const session& with,
                                            const std::filesystem::path& destination) {
  std::int64_t left_out = 0;
  std::string first;
  auto files = expand(inputs, with, destination,
                      [&](std::string_view path) { first = left_out++ == 0 ? std::string(path) : first; });
  if (files && left_out > 0) {
    print_note(
        left_out == 1
            ? fmt::format("note: {} is left out: it is a link, a device or a pipe; name it to take it in\n",
                          shown_name(first))
            : fmt::format("note: {} and {} more are left out: they are links, devices or pipes; name them to take "
                          "them in\n",
                          shown_name(first), left_out - 1));
  }
  return files;
}

result<ingest::summary> take_in(store::state_file& state, std::vector<std::string> files, const intake_options& options,
                                const session& with) {
  ingest::settings wanted;
  wanted.inputs = std::move(files);
  wanted.open_zip = intake::open_zip_text;
  wanted.rules = {with.clock->now(), options.project, options.project.value_or(1), options.organization};
  wanted.projects = {options.organization, base::parse_name<model::record_form>(options.form),
                     model::parse_compression(options.engine)};
  wanted.threads = threads_of(options.threads);
  if (options.index_memory_mb != 0) {
    wanted.index.memory_bytes = options.index_memory_mb * 1'000'000;
  }
  wanted.trouble = options.keep_going ? ingest::on_trouble::keep_going : ingest::on_trouble::stop;
  progress_line line(total_bytes(wanted.inputs));
  auto taken = ingest::take_in(state, wanted, *with.clock, with.stop, [&line](const ingest::progress& made) {
    line.update({static_cast<std::uint64_t>(made.events), made.raw_bytes});
  });
  line.end();
  return taken;
}

namespace {

std::int64_t rejected_before(const ingest::summary& taken) {
  std::int64_t lines = 0;
  for (const ingest::input_summary& each : taken.inputs) {
    lines += each.rejected_before;
  }
  return lines;
}

// " --project 5 --org 36958": without them the same lines would go elsewhere.
std::string owner_options(const intake_options& options) {
  return (options.project ? fmt::format(" --project {}", *options.project) : "") +
         (options.organization ? fmt::format(" --org {}", *options.organization) : "");
}

std::string describe_rejects(const ingest::summary& taken, const intake_options& options, const session& with) {
  std::string text;
  if (taken.total.rejected > 0) {
    text += fmt::format("{}: spillway rejects\n",
                        options.dryrun ? "without --dryrun the rejects are kept" : "rejects are kept");
  }
  if (const std::int64_t before = rejected_before(taken); before > 0 && taken.rejects_kept > 0) {
    text += fmt::format(
        "rejected before: {} of these inputs: spillway rejects\n"
        "to take them in again: spillway rejects --text > again.jsonl; spillway rejects --forget; "
        "correct again.jsonl; spillway ingest again.jsonl{}\n",
        count_of(before, "line"), owner_options(options));
  }
  const bool are_all_kept = std::ranges::none_of(taken.inputs, [](const ingest::input_summary& each) {
    return each.rejected_before + each.counts.rejected > store::rejects_per_input_max;
  });
  if (!are_all_kept) {
    text +=
        fmt::format("of an input the first {} rejects are kept: others can be taken in only from the input itself\n",
                    grouped(store::rejects_per_input_max));
  }
  return with.suggested(std::move(text));
}

}  // namespace

std::string describe(const ingest::summary& taken, const intake_options& options, const session& with) {
  const store::input_counts& total = taken.total;
  std::string text =
      fmt::format("{} from {}: {} stored, {}, {} applied, {} rejected\n", count_of(total.received, "event"),
                  count_of(static_cast<std::int64_t>(taken.inputs.size()), "input"), grouped(total.stored),
                  count_of(total.duplicates, "duplicate"), grouped(total.applied), grouped(total.rejected));
  const auto before = std::ranges::count(taken.inputs, ingest::freshness::taken, &ingest::input_summary::what);
  if (before > 0) {
    text +=
        fmt::format("{} {} taken in before, nothing to add\n", count_of(before, "input"), before == 1 ? "was" : "were");
  }
  if (taken.merges > 0) {
    text += count_of(taken.merges, "merged Amplitude ID") + "\n";
  }
  if (!taken.dropped.counts().empty()) {
    text += "keys without a column, left out:";
    for (const auto& [name, count] : taken.dropped.counts()) {
      text += fmt::format(" {} ({})", base::printable(name), grouped(static_cast<std::int64_t>(count)));
    }
    text += '\n';
  }
  for (const failure& each : taken.troubles) {
    text += fmt::format("failed: {}\n", base::printable(each.text(), base::shown_failure_bytes_max));
  }
  return text + describe_rejects(taken, options, with);
}

json::object to_json(const ingest::summary& taken) {
  json::array inputs;
  for (const ingest::input_summary& each : taken.inputs) {
    json::object input{{"name", each.name}, {"what", to_string(each.what)}, {"bytes", each.raw_bytes}};
    input["rejected_before"] = each.rejected_before;
    for (const auto& count : to_json(each.counts)) {
      input.insert(count);
    }
    inputs.push_back(std::move(input));
  }
  json::array hours;
  for (const auto& [key, counts] : taken.hours) {
    hours.push_back({{"project", key.project},
                     {"hour", model::to_string(key.hour)},
                     {"stored", counts.stored},
                     {"duplicates", counts.duplicates}});
  }
  json::object dropped;
  for (const auto& [name, count] : taken.dropped.counts()) {
    dropped[name] = count;
  }
  json::array failed;
  for (const failure& each : taken.troubles) {
    failed.push_back(json::string(each.text()));
  }
  return {{"inputs", std::move(inputs)}, {"total", to_json(taken.total)},      {"hours", std::move(hours)},
          {"merges", taken.merges},      {"dropped_keys", std::move(dropped)}, {"failures", std::move(failed)}};
}

result<exit_status> status_of(const ingest::summary& taken, const intake_options& options) {
  if (!taken.troubles.empty()) {
    return taken.troubles.front();  // what was printed names all of them
  }
  return taken.total.rejected > 0 && !options.allow_rejects ? exit_status::done_with_rejects : exit_status::done;
}

}  // namespace spillway::cli
