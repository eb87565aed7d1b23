#include "intake/input_names.hpp"

#include "db/sqlite.hpp"
#include "fs/descriptor.hpp"
#include "intake/file_source.hpp"
#include "model/claim.hpp"
#include "model/object_key.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spillway::intake {
namespace {

bool is_passed_over(std::string_view name) {
  const bool is_step = name == "." || name == "..";  // as in "./events.jsonl"
  const auto key = model::parse_key(name);
  const bool is_marker = key && key->kind == model::object_kind::marker;
  return (name.starts_with('.') && !is_step) || is_marker || name == model::claim_key;
}

// Tells a file from all others, under whatever name.
struct file_number {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const file_number&, const file_number&) = default;
};

// nullopt: nothing is there.
std::optional<file_number> number_of(const std::string& name) {
  struct stat found{};
  const int failed = name == standard_input ? ::fstat(STDIN_FILENO, &found) : ::stat(name.c_str(), &found);
  return failed == 0 ? std::optional(file_number{found.st_dev, found.st_ino}) : std::nullopt;
}

std::vector<file_number> numbers_of(const std::vector<std::filesystem::path>& files) {
  std::vector<file_number> numbers;
  for (const std::filesystem::path& each : files) {
    if (const auto number = number_of(each.string())) {
      numbers.push_back(*number);
    }
  }
  return numbers;
}

bool is_among(const std::string& name, const std::vector<file_number>& numbers) {
  const auto number = numbers.empty() ? std::nullopt : number_of(name);
  return number && std::ranges::find(numbers, *number) != numbers.end();
}

// Source: SQLite's "Database File Format", "Magic Header String". What can't be read is none: who reads it says why.
// Closing one that this process has open takes SQLite's locks away, so that the state file in use is never asked about.
bool is_database(const std::string& name) {
  constexpr std::string_view begins_with("SQLite format 3\0", 16);
  // A FIFO would hand over what is then missing.
  if (std::error_code unknown; !std::filesystem::is_regular_file(name, unknown)) {
    return false;
  }
  const fs::descriptor file(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::array<char, begins_with.size()> front{};
  return file && ::pread(file.get(), front.data(), front.size(), 0) == static_cast<ssize_t>(front.size()) &&
         std::string_view(front.data(), front.size()) == begins_with;
}

// Leaves out databases, such as other state files, and what SQLite keeps beside them.
std::vector<std::string> without_databases(std::vector<std::string> files) {
  std::set<std::string> left_out;
  for (const std::string& each : files) {
    if (is_database(each)) {
      left_out.insert(each);
      for (const std::filesystem::path& beside : db::files_beside(each)) {
        left_out.insert(beside.string());
      }
    }
  }
  std::erase_if(files, [&left_out](const std::string& each) { return left_out.contains(each); });
  return files;
}

// What a file is sorted by: its name, but of an hour's partition the name in front of its number, and that.
struct file_place {
  std::string name;
  int partition = 0;
  std::string file;
  auto operator<=>(const file_place&) const = default;
};

file_place place_of(std::string file) {
  const auto key = model::parse_key(file.substr(file.rfind('/') + 1));
  const bool is_partition = key && key->kind == model::object_kind::events;
  return {is_partition ? file.substr(0, file.rfind('#')) : file, is_partition ? key->partition : 0, std::move(file)};
}

// Byte order, but for the partitions of an hour: #10 is read behind #2, as it was written.
std::vector<std::string> in_order(std::vector<std::string> files) {
  std::vector<file_place> places;
  for (std::string& each : files) {
    places.push_back(place_of(std::move(each)));
  }
  std::ranges::sort(places);
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i] = std::move(places[i].file);
  }
  return files;
}

// "bucket/": what the paths of all files below `inner` start with, seen from `directory`; "" if it is none of its
// directories.
std::string path_to(const std::filesystem::path& inner, const std::string& directory) {
  std::error_code unknown;
  const auto from = std::filesystem::canonical(directory, unknown);
  const auto to = std::filesystem::canonical(inner, unknown);
  if (unknown || to == from) {
    return "";
  }
  const std::string path = to.lexically_relative(from).string();
  return path.starts_with("..") ? "" : path + '/';
}

// The files of a directory as inputs.
result<std::vector<std::string>> files_of(const std::string& directory, const std::vector<file_number>& not_opened,
                                          const fs::path_sink& left_out, const std::filesystem::path& destination) {
  std::vector<std::string> files;
  const auto tell = [&](std::string_view path) {
    if (left_out) {
      left_out((std::filesystem::path(directory) / path).string());
    }
  };
  const auto found = fs::files_below(directory, is_input, tell);
  if (!found) {
    return base::while_doing("reading " + directory, found.error());
  }
  const std::string to_destination = destination.empty() ? "" : path_to(destination, directory);
  for (const fs::found_file& each : *found) {
    std::string file = (std::filesystem::path(directory) / each.path).string();
    const bool goes_out = !to_destination.empty() && each.path.starts_with(to_destination);
    if (!goes_out && !is_among(file, not_opened)) {
      files.push_back(std::move(file));
    }
  }
  files = without_databases(std::move(files));
  if (files.empty()) {
    return failure{errc::not_found, "reading " + directory, "the directory has no file to take in", {}};
  }
  return in_order(std::move(files));
}

// `why`: what the system says where it could not look.
failure not_there(const std::string& name, const std::error_code& why) {
  if (name.find("://") != std::string::npos) {
    return {errc::usage, "reading " + name, "inputs are files, directories, or - for standard input",
            "copy what is there to a directory first, and name that"};
  }
  if (why) {
    return base::from_errno(why.value(), "reading " + name);
  }
  return {errc::not_found, "reading " + name, "no such file or directory", {}};
}

}  // namespace

bool is_input(std::string_view path) {
  for (;;) {
    const std::size_t end = path.find('/');
    if (is_passed_over(path.substr(0, end))) {
      return false;
    }
    if (end == std::string_view::npos) {
      return true;
    }
    path.remove_prefix(end + 1);
  }
}

bool is_known_again(const std::string& name) {
  std::error_code unknown;
  return name != standard_input && std::filesystem::is_regular_file(name, unknown);
}

result<std::vector<std::string>> expand_inputs(const std::vector<std::string>& names,
                                               const std::vector<std::filesystem::path>& state_files,
                                               const fs::path_sink& left_out,
                                               const std::filesystem::path& destination) {
  const std::vector<file_number> not_opened = numbers_of(state_files);
  std::vector<std::string> files;
  for (const std::string& name : names) {
    std::error_code error;
    if (name != standard_input && std::filesystem::is_directory(name, error)) {
      SPILLWAY_TRY_ASSIGN(std::vector<std::string> found, files_of(name, not_opened, left_out, destination));
      std::ranges::move(found, std::back_inserter(files));
      continue;
    }
    if (name != standard_input && !std::filesystem::exists(name, error)) {
      return not_there(name, error);
    }
    if (is_among(name, not_opened)) {
      return failure{errc::usage, "reading " + (name == standard_input ? std::string("standard input") : name),
                     "it is of the state file, which is in use", "leave it out"};
    }
    if (is_database(name)) {
      return failure{errc::usage, "reading " + name, "it is an SQLite database, as state files are, and holds no lines",
                     "leave it out; the events of a state file are taken in from where it exports them to"};
    }
    files.push_back(name);
  }
  return files;
}

}  // namespace spillway::intake
