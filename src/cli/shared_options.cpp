#include "cli/shared_options.hpp"

#include "base/bytes.hpp"
#include "model/project.hpp"
#include "notify/message.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

namespace spillway::cli {

std::size_t threads_of(std::size_t wanted) {
  return wanted != 0 ? wanted : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

result<std::string> mail_option(std::string_view option, std::string_view text) {
  auto address = notify::parse_address(text);
  if (!address) {
    failure failed = base::while_doing(fmt::format("reading {}", option), std::move(address).error());
    failed.code = errc::usage;
    return failed;
  }
  return address;
}

result<base::instant> read_date_option(std::string_view option, const std::string& text) {
  const auto read = text.size() == 10 ? base::parse_timestamp(text + "T00:00:00") : std::nullopt;
  if (!read) {
    return failure{errc::usage, "reading the command line",
                   fmt::format("{} {} is not a date", option, base::printable(text)), "write it like 2020-01-25"};
  }
  return *read;
}

result<void> check_name_option(std::string doing, const std::string& name) {
  constexpr std::size_t name_bytes_max = 200;
  if (base::printable(name, name_bytes_max) != name) {
    return failure{errc::usage, std::move(doing),
                   fmt::format("its name is not plain text of at most {} bytes", name_bytes_max),
                   "choose another --name"};
  }
  return {};
}

void add_id_option(CLI::App& verb, std::int64_t& id, const std::string& description) {
  const CLI::Validator range = CLI::Range(std::int64_t{1}, model::id_max).description("");
  CLI::Option* by_place = verb.add_option("ID", id, description)->check(range);
  CLI::Option* by_name = verb.add_option("--id", id, "The same, as an option")->check(range)->type_name("ID");
  by_name->excludes(by_place);
  verb.parse_complete_callback([by_place, by_name] {
    if (by_place->count() + by_name->count() == 0) {
      throw CLI::RequiredError("ID");
    }
  });
}

CLI::Validator not_empty() {
  return {[](const std::string& text) {
            return text.empty() ? std::string("it is empty; leave it out, or give it a value") : std::string();
          },
          ""};
}

void add_object_options(CLI::App& verb, std::string& filter, std::string& marker, std::int64_t& object_bytes_max) {
  verb.add_option("--filter", filter, "Deliver only events like event_type is \"purchase\" (see docs/formats.md)")
      ->type_name("CONDITIONS")
      ->check(not_empty());
  verb.add_option("--complete", marker, "What a marker holds: manifest, empty, or off for none")
      ->check(one_of<model::marker_kind>())
      ->type_name("KIND")
      ->capture_default_str();
  verb.add_option("--max-object-bytes", object_bytes_max, "Split an hour into objects of about this compressed size")
      ->check(CLI::Range(std::int64_t{1} << 16, std::int64_t{5} << 40).description(""))
      ->type_name("BYTES")
      ->capture_default_str();
}

}  // namespace spillway::cli
