// Options that several verbs have, and what their values mean.
#pragma once

#include "base/clock.hpp"
#include "base/names.hpp"
#include "base/result.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::cli {

// The number of threads that an option means: 0 is one a core.
std::size_t threads_of(std::size_t wanted);

// The start of a day, UTC. errc::usage: it is no date like "2020-01-25"; `option` is named.
result<base::instant> read_date_option(std::string_view option, const std::string& text);

// A mail address that an option gave. errc::usage: it is none.
result<std::string> mail_option(std::string_view option, std::string_view text);

// errc::usage: the --name of an organization or a project is not plain text, or too long.
result<void> check_name_option(std::string doing, const std::string& name);

// ID, or the same as --id: the number of an organization or a project, which has to be named one way or the other.
void add_id_option(CLI::App& verb, std::int64_t& id, const std::string& description);

// Of an option that takes the names of an enumeration.
template <base::named Enumeration>
CLI::IsMember one_of() {
  constexpr auto names = names_of(Enumeration());
  return CLI::IsMember(std::vector<std::string>(names.begin(), names.end()));
}

// Of an option whose empty value would pass for its absence: "--filter $FILTER" where the variable is not set.
CLI::Validator not_empty();

// --filter, --complete and --max-object-bytes: which events are delivered, and as which objects.
void add_object_options(CLI::App& verb, std::string& filter, std::string& marker, std::int64_t& object_bytes_max);

}  // namespace spillway::cli
