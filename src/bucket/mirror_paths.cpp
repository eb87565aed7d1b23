#include "bucket/mirror_paths.hpp"

#include "base/bytes.hpp"
#include "fs/directory.hpp"
#include "model/storage.hpp"

#include <algorithm>
#include <cerrno>

#include <simdjson.h>

#include <fcntl.h>
#include <unistd.h>

namespace spillway::bucket {
namespace {

std::string_view why_not_a_segment(std::string_view segment) {
  if (segment.empty()) {
    return "a segment is empty ('/' at the start, at the end, or twice)";
  }
  if (segment == "." || segment == "..") {
    return "a segment is '.' or '..'";
  }
  return segment.size() > segment_bytes_max ? "a segment has more than 255 bytes" : "";
}

}  // namespace

std::string_view why_not_a_key(std::string_view key) {
  if (key.empty()) {
    return "it is empty";
  }
  if (key.size() > model::key_bytes_max) {
    return "it has more than 1,024 bytes";
  }
  for (const char byte : key) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x20 || code == 0x7f) {
      return "it has a control byte";
    }
    if (byte == '\\') {
      return "it has a backslash";
    }
  }
  if (!simdjson::validate_utf8(key.data(), key.size())) {
    return "it is not UTF-8";
  }
  for (std::size_t start = 0; start <= key.size();) {
    const std::size_t end = std::min(key.find('/', start), key.size());
    if (const auto reason = why_not_a_segment(key.substr(start, end - start)); !reason.empty()) {
      return reason;
    }
    start = end + 1;
  }
  const bool is_private = key.substr(0, key.find('/')) == mirror_private;
  return is_private ? "what is below .spillway belongs to the mirror itself" : "";
}

result<void> check_key(std::string_view key) {
  const std::string_view reason = why_not_a_key(key);
  if (!reason.empty()) {
    return failure{errc::invalid, "key '" + shown(key) + "'", std::string(reason), {}};
  }
  return {};
}

key_path split_key(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) {
    return {"", std::string(key)};
  }
  return {std::string(key.substr(0, slash)), std::string(key.substr(slash + 1))};
}

std::string shown(std::string_view key) { return base::printable(key); }

result<fs::descriptor> mirror_directories::open_for_put(const std::string& directory) {
  {
    const std::lock_guard lock(mutex_);
    if (durable_.contains(directory)) {
      return fs::open_beneath(root_, directory);
    }
  }
  SPILLWAY_TRY_ASSIGN(fs::descriptor opened, fs::make_beneath(root_, directory, fs::sync_parents::all));
  const std::lock_guard lock(mutex_);
  durable_.insert(directory);
  return opened;
}

void mirror_directories::forget(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  durable_.erase(directory);
}

result<void> mirror_directories::prune(std::string directory) {
  while (!directory.empty()) {
    key_path path = split_key(directory);
    auto parent = fs::open_beneath(root_, path.directory);
    const bool is_gone = parent ? ::unlinkat(parent->get(), path.name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT
                                : parent.error().code == errc::not_found;
    if (!is_gone) {
      break;
    }
    forget(directory);
    directory = std::move(path.directory);
  }
  auto stays = fs::open_beneath(root_, directory);
  if (!stays) {
    // Another remove took it away, and syncs what it was in.
    return stays.error().code == errc::not_found ? result<void>() : result<void>(stays.error());
  }
  return fs::sync_directory(stays->get(), directory);
}

}  // namespace spillway::bucket
