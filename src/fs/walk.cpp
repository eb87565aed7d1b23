#include "fs/walk.hpp"

#include "base/bytes.hpp"
#include "fs/directory.hpp"

#include <algorithm>

namespace spillway::fs {
namespace {

// Linux's PATH_MAX. A tree can be made deeper with mkdirat; nobody could name the files in it.
constexpr std::size_t path_bytes_max = 4096;

// One walk. A directory is closed while one below it is walked, so that a deep tree costs no descriptors.
class walker {
public:
  walker(int root, const path_filter& wanted, const file_visitor& visit, const path_sink& left_out = {})
      : root_(root), wanted_(wanted), visit_(visit), left_out_(left_out) {}

  // `below` is "" or "a/b/".
  result<walk_step> directory(const std::string& below) {
    SPILLWAY_TRY_ASSIGN(descriptor here, reopened(below));
    if (!here) {
      return walk_step::go_on;
    }
    SPILLWAY_TRY_ASSIGN(const std::vector<std::string> names, wanted_names(here.get(), below));
    for (const std::string& name : names) {
      const bool goes_down = name.ends_with('/');
      if (goes_down) {
        here.close();
      } else if (!here) {
        SPILLWAY_TRY_ASSIGN(here, reopened(below));
      }
      auto step = goes_down ? directory(below + name) : file(here, below, name);
      if (!step || *step == walk_step::stop) {
        return step;
      }
    }
    return walk_step::go_on;
  }

private:
  // Names in the order of the paths below them: 'a-b' comes before what is in 'a', since '-' is less than '/'.
  result<std::vector<std::string>> wanted_names(int directory, const std::string& below) {
    SPILLWAY_TRY_ASSIGN(std::vector<directory_entry> entries, read_directory(directory));
    std::vector<std::string> names;
    std::string path = below;
    for (directory_entry& entry : entries) {
      if (entry.kind == entry_kind::directory) {
        entry.name += '/';
      }
      path.resize(below.size());
      path += entry.name;
      if (wanted_ && !wanted_(path)) {
        continue;
      }
      if (entry.kind != entry_kind::file && entry.kind != entry_kind::directory) {
        if (left_out_) {
          left_out_(path);
        }
        continue;
      }
      if (path.size() >= path_bytes_max) {
        return failure{errc::too_large, "walking " + base::printable(path), "the path is too long",
                       "move what is there to a directory with a shorter path"};
      }
      names.push_back(std::move(entry.name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // No descriptor: the directory was removed meanwhile.
  result<descriptor> reopened(const std::string& below) {
    auto opened = open_beneath(root_, below);
    if (!opened && opened.error().code == errc::not_found) {
      return descriptor();
    }
    return opened;
  }

  result<walk_step> file(const descriptor& parent, const std::string& below, const std::string& name) {
    if (!parent) {
      return walk_step::go_on;
    }
    SPILLWAY_TRY_ASSIGN(const std::optional<entry_state> state, state_of(parent.get(), name));
    if (!state || state->kind != entry_kind::file) {
      return walk_step::go_on;
    }
    return visit_(found_file{below + name, state->identity});
  }

  int root_;
  const path_filter& wanted_;
  const file_visitor& visit_;
  const path_sink left_out_;
};

}  // namespace

result<void> walk(int root, const path_filter& wanted, const file_visitor& visit) {
  SPILLWAY_TRY(walker(root, wanted, visit).directory(""));
  return {};
}

result<std::vector<found_file>> files_below(const std::filesystem::path& root, const path_filter& wanted,
                                            const path_sink& left_out) {
  SPILLWAY_TRY_ASSIGN(const descriptor directory, open_directory(root));
  std::vector<found_file> files;
  const file_visitor add = [&files](const found_file& file) -> result<walk_step> {
    files.push_back(file);
    return walk_step::go_on;
  };
  SPILLWAY_TRY(walker(directory.get(), wanted, add, left_out).directory(""));
  return files;
}

}  // namespace spillway::fs
