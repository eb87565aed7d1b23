#include "sweep/scenario.hpp"

#include "bucket/mirror_bucket.hpp"
#include "model/object_key.hpp"
#include "support/memory_bucket.hpp"
#include "support/store_check.hpp"

#include <fstream>

namespace spillway::test {
namespace {

// How often one agent tries again before the run is given up.
constexpr int tries_max = 4;

class mirror_destination final : public destination {
public:
  explicit mirror_destination(std::filesystem::path root) : root_(std::move(root)) {}
  std::string place() const override { return root_.string(); }
  result<std::shared_ptr<bucket::bucket>> open(const base::clock& clock) override {
    SPILLWAY_TRY_ASSIGN(auto opened, bucket::open_mirror(root_, clock, bucket::create_root::yes));
    return std::shared_ptr<bucket::bucket>(std::move(opened));
  }
  tree objects() const override { return read_tree(root_); }

private:
  std::filesystem::path root_;
};

class memory_destination final : public destination {
public:
  explicit memory_destination(const base::clock& clock) : bucket_(std::make_shared<memory_bucket>(clock)) {}
  std::string place() const override { return bucket_->name(); }
  result<std::shared_ptr<bucket::bucket>> open(const base::clock&) override {
    return std::shared_ptr<bucket::bucket>(bucket_);
  }
  tree objects() const override { return bucket_->tree(); }

private:
  std::shared_ptr<memory_bucket> bucket_;
};

bool is_marker(const std::string& key) {
  const auto name = model::parse_key(key);
  return name && name->kind == model::object_kind::marker;
}

void check_database(db::database& state) {
  auto found = state.prepare("PRAGMA integrity_check");
  REQUIRE_OK(found);
  REQUIRE_OK(found->step());
  BOOST_TEST(found->text(0) == "ok");
}

}  // namespace

std::unique_ptr<destination> make_mirror(const std::filesystem::path& in, const base::clock&) {
  return std::make_unique<mirror_destination>(in / "bucket");
}

std::unique_ptr<destination> make_memory(const std::filesystem::path&, const base::clock& clock) {
  return std::make_unique<memory_destination>(clock);
}

void scenario::check(const tree& wanted) {
  auto state = store::state_file::open(dir() / "state.db", store::access::create);
  REQUIRE_OK(state);
  check_database(state->database());
  check_events(state->database());
  check_inputs(state->database());
  check_ledger(state->database());
  const tree there = to_->objects();
  check_objects(there, wanted);
  if (is_ledger_true()) {
    check_ledger_is_true(state->database(), there);
  }
}

// An object has the bytes that it is to have, or still those that it had: half of one is never there. A marker that is
// new names only what is there.
void scenario::check_objects(const tree& there, const tree& wanted) const {
  tree markers_apart = there;
  for (const auto& [key, body] : there) {
    const auto before = before_.find(key);
    const bool is_as_before = before != before_.end() && before->second == body;
    if (is_marker(key)) {
      is_as_before ? markers_apart.erase(key) : 0;
      continue;
    }
    const auto due = wanted.find(key);
    const bool is_whole = is_as_before || (due != wanted.end() && due->second == body);
    BOOST_CHECK_MESSAGE(is_whole || !model::parse_key(key), key << " has bytes that it should never have");
  }
  check_markers(markers_apart);
}

void scenario::check_ledger_is_true(db::database& state, const tree& there) const {
  const auto objects = store::list_objects_of(state, {to_->place()});
  REQUIRE_OK(objects);
  for (const store::object_row& each : *objects) {
    if (each.delivered_at) {
      const auto found = there.find(each.key);
      BOOST_REQUIRE_MESSAGE(found != there.end(), each.key << " is delivered and is not there");
      BOOST_CHECK(base::sha256_of(found->second) == each.sha256);
    }
  }
  const auto jobs = store::list_jobs(state);
  REQUIRE_OK(jobs);
  for (const store::job_row& job : *jobs) {
    if (job.kind == store::job_kind::events && job.state == store::job_state::delivered) {
      BOOST_TEST(there.contains(model::to_key({model::object_kind::marker, job.project, job.hour, 0}, "")));
    }
  }
}

tree scenario::outcome() {
  tree made = to_->objects();
  auto state = store::state_file::open(dir() / "state.db", store::access::create);
  REQUIRE_OK(state);
  made["(state)"] = describe_content(state->database());
  made["(not delivered)"] =
      std::to_string(number_of(state->database(), "SELECT count(*) FROM job WHERE state<>'delivered'"));
  return made;
}

void scenario::write_input(const std::string& name, const std::string& text) const {
  std::ofstream(dir() / name, std::ios::binary) << text;
}

result<store::state_file> scenario::open() const {
  SPILLWAY_TRY_ASSIGN(store::state_file state, store::state_file::open(dir() / "state.db", store::access::create));
  SPILLWAY_TRY(state.become_worker("test", clock_));
  SPILLWAY_TRY(store::recover_jobs(state.database()));
  return state;
}

result<void> scenario::take(store::state_file& state, const std::string& input) const {
  ingest::settings wanted;
  wanted.inputs = {(dir() / input).string()};
  wanted.rules.now = test_now;
  const auto taken = ingest::take_in(state, wanted, clock_, {}, [](const auto&) {});
  return taken ? result<void>() : taken.error();
}

connection::agent_world scenario::agents() {
  return {clock_,
          [this](const model::connection& of) -> result<connection::opened_bucket> {
            connection::opened_bucket made;
            SPILLWAY_TRY_ASSIGN(made.bucket, to_->open(clock_));
            if (of.access.sse == "aws:kms") {
              made.put.encryption = bucket::encryption::sse_kms;
              made.put.kms_key_id = of.access.kms_key_id;
            }
            return made;
          },
          [] { return 0.5; }, [](const notify::incident&, notify::incident_event) {}};
}

result<void> scenario::step_to_the_end(store::state_file& state, connection::agent_world& world,
                                       model::connection_id id) {
  SPILLWAY_TRY_ASSIGN(store::state_file shared, state.share());
  connection::agent one(std::move(shared), id, world);
  for (int tries = 1;;) {
    SPILLWAY_TRY_ASSIGN(const connection::step_outcome made, one.step(connection::patience::scheduled, {}));
    if (made.failed && tries++ == tries_max) {
      return *made.failed;
    }
    if (!made.failed && !made.done.failures.empty()) {
      return made.done.failures.front();
    }
    if (made.failed) {
      clock_.set(*made.next);
    } else if (!made.next || *made.next > clock_.now()) {
      return {};
    }
  }
}

}  // namespace spillway::test
