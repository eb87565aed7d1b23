#include "support/export_run.hpp"

#include "codec/gunzip.hpp"
#include "fs/read_file.hpp"
#include "model/manifest.hpp"
#include "model/object_key.hpp"
#include "support/count_lines.hpp"

#include <algorithm>

namespace spillway::test {

tree read_tree(const std::filesystem::path& root) {
  tree found;
  if (!std::filesystem::exists(root)) {
    return found;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string key = std::filesystem::relative(entry.path(), root).string();
    if (entry.is_regular_file() && !key.starts_with(".spillway")) {
      auto text = fs::read_file(entry.path(), std::size_t{1} << 30);
      REQUIRE_OK(text);
      found[key] = std::move(*text);
    }
  }
  return found;
}

std::string read_single_member(std::string_view zipped) {
  codec::gunzip gunzip;
  std::string text;
  std::string piece(1 << 16, '\0');
  for (;;) {
    const auto made = gunzip.inflate(zipped, piece);
    REQUIRE_OK(made);
    zipped.remove_prefix(made->consumed);
    text.append(piece, 0, made->produced);
    if (made->produced < piece.size()) {
      break;
    }
  }
  CHECK_OK(gunzip.finish());
  BOOST_TEST(gunzip.members() == 1U);
  return text;
}

namespace {

// Where the texts of two objects part; other files whole, since they are small.
std::string first_difference(const std::string& key, std::string_view found, std::string_view wanted) {
  if (!key.ends_with(".gz")) {
    return ": " + std::string(found) + " and not " + std::string(wanted);
  }
  const std::string one = read_single_member(found);
  const std::string other = read_single_member(wanted);
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
  const std::size_t from = at < 60 ? 0 : at - 60;
  return one == other ? ": the same text, compressed otherwise"
                      : ": ..." + one.substr(from, 160) + "... and not ..." + other.substr(from, 160) + "...";
}

}  // namespace

std::string difference(const tree& found, const tree& wanted) {
  std::string all;
  for (const auto& [key, body] : found) {
    const auto other = wanted.find(key);
    if (other == wanted.end()) {
      all += key + " is not wanted\n";
    } else if (other->second != body) {
      all += key + " has other bytes: " + std::to_string(body.size()) + ", not " +
             std::to_string(other->second.size()) + first_difference(key, body, other->second) + "\n";
    }
  }
  for (const auto& [key, body] : wanted) {
    all += found.contains(key) ? "" : key + " is missing\n";
  }
  return all;
}

void check_markers(const tree& objects) {
  for (const auto& [key, body] : objects) {
    const auto name = model::parse_key(key);
    if (!name || name->kind != model::object_kind::marker || body.empty()) {
      continue;
    }
    const auto manifest = model::parse_manifest(body);
    REQUIRE_OK(manifest);
    BOOST_TEST(manifest->project == name->owner);
    BOOST_CHECK(manifest->hour == name->hour);
    for (const model::manifest_object& each : manifest->objects) {
      const auto found = objects.find(each.key);
      BOOST_REQUIRE_MESSAGE(found != objects.end(), each.key << " is named in a marker and is not there");
      BOOST_TEST(static_cast<std::int64_t>(found->second.size()) == each.bytes);
      BOOST_TEST(base::sha256_hex(base::sha256_of(found->second)) == each.sha256);
      const std::string text = read_single_member(found->second);
      BOOST_TEST(static_cast<std::int64_t>(text.size()) == each.text_bytes);
      BOOST_TEST(codec::crc32_of(text) == each.text_crc32);
      BOOST_TEST(count_lines(text) == each.events);
    }
  }
}

std::string text_in(const tree& objects, model::project_id project, model::hour hour) {
  std::map<int, std::string> parts;
  for (const auto& [key, body] : objects) {
    const auto name = model::parse_key(key);
    if (name && name->kind == model::object_kind::events && name->owner == project && name->hour == hour) {
      parts[name->partition] = read_single_member(body);
    }
  }
  std::string text;
  for (const auto& [partition, part] : parts) {
    text += part;
  }
  return text;
}

void export_run::add(std::size_t count, std::int64_t hours, std::size_t padding, model::project_id project) {
  raw_event first;
  first.app = project;
  first.uploaded_at = test_start + std::chrono::hours{hours};
  first.padding = padding;
  const std::string name = "batch-" + std::to_string(++batches_);
  REQUIRE_OK(try_take({write(name, to_lines(count, first, std::chrono::milliseconds{1}, name))}));
}

recording_bucket& export_run::bucket() {
  if (opened_ != to.place.destination) {
    auto mirror = spillway::bucket::open_mirror(to.place.destination, clock, spillway::bucket::create_root::yes);
    REQUIRE_OK(mirror);
    mirror_ = std::move(*mirror);
    recording_ = std::make_shared<recording_bucket>(*mirror_);
    const auto note = [this](std::chrono::milliseconds delay) {
      const std::scoped_lock lock(mutex_);
      waits.push_back(delay);
      return true;
    };
    tried_ = spillway::bucket::make_retrying(recording_, {note, [] { return 0.5; }});
    opened_ = to.place.destination;
  }
  return *recording_;
}

spillway::bucket::bucket& export_run::tried_bucket() {
  bucket();
  return *tried_;
}

result<exporting::summary> export_run::try_deliver(const std::stop_token& stop) {
  exporting::staged_objects staged(tried_bucket());
  exporting::settings told = to;
  told.staged = &staged;
  SPILLWAY_TRY(store::recover_jobs(state.database()));
  SPILLWAY_TRY_ASSIGN(exporting::summary planned, plan(told));
  check_ledger(state.database());
  SPILLWAY_TRY(exporting::deliver_all(state, connections, told, {tried_bucket(), clock, stop, {}}, planned));
  return planned;
}

result<exporting::summary> export_run::plan(const exporting::settings& told) {
  exporting::summary planned;
  SPILLWAY_TRY_ASSIGN(connections, exporting::plan_all(state, told, only_project, clock, planned));
  return planned;
}

exporting::summary export_run::deliver() {
  const auto done = try_deliver();
  REQUIRE_OK(done);
  check_all();
  return *done;
}

void export_run::check_all() {
  check();
  check_ledger(state.database());
  const tree there = objects();
  check_markers(there);
  // What the ledger calls delivered is there.
  for (const store::object_row& each : store::list_objects_of(state.database(), to.place).value()) {
    if (each.delivered_at) {
      const auto found = there.find(each.key);
      BOOST_REQUIRE_MESSAGE(found != there.end(), each.key << " is delivered and is not there");
      BOOST_CHECK(base::sha256_of(found->second) == each.sha256);
    }
  }
  for (const store::job_row& job : jobs()) {
    if (job.place.destination == to.place.destination && job.state == store::job_state::delivered) {
      BOOST_CHECK((text_in(there, job.project, job.hour).size() <=
                   read_text(state.database(), {job.project, job.hour}).size()));
      const std::string marker = model::to_key({model::object_kind::marker, job.project, job.hour, 0}, to.prefix);
      BOOST_TEST(there.contains(marker) == (job.marker != model::marker_kind::off));
    }
  }
}

}  // namespace spillway::test
