#include "connection/life_cycle.hpp"
#include "connection/migration.hpp"
#include "connection/outbox.hpp"
#include "connection/set_up.hpp"
#include "model/object_key.hpp"
#include "store/backfill_log.hpp"
#include "store/mail_log.hpp"
#include "support/memory_bucket.hpp"
#include "support/unreliable_bucket.hpp"
#include "sweep/scenario.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace spillway::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// A day that begins: connections start at its first hour.
constexpr base::instant midnight = std::chrono::sys_days{std::chrono::year{2020} / 1 / 26};

std::string events_at(base::instant when, std::size_t count, const std::string& name) {
  raw_event first;
  first.uploaded_at = when;
  return to_lines(count, first, std::chrono::seconds{1}, name);
}

class export_scenario final : public scenario {
public:
  using scenario::scenario;

  void prepare() override {
    const std::string first = events_at(test_start, 3, "first");
    write_input("first.jsonl", first + events_at(test_start + hours{2}, 2, "second") +
                                   first.substr(0, first.find('\n') + 1) + "{\"app\":1\n");
    write_input("late.jsonl", events_at(test_start + minutes{10}, 2, "late"));
  }

  result<void> run() override {
    SPILLWAY_TRY_ASSIGN(store::state_file state, open());
    SPILLWAY_TRY(store::choose_organization(state.database(), 1, test_now));
    SPILLWAY_TRY(export_one(state, "first.jsonl", test_now));
    return export_one(state, "late.jsonl", test_now + hours{2});
  }

private:
  result<void> export_one(store::state_file& state, const std::string& input, base::instant now) {
    clock_.set(now);
    SPILLWAY_TRY(take(state, input));
    exporting::settings wanted;
    wanted.place.destination = to().place();
    exporting::summary done;
    SPILLWAY_TRY_ASSIGN(const auto opened, to().open(clock_));
    exporting::staged_objects staged(*opened);
    wanted.staged = &staged;
    SPILLWAY_TRY_ASSIGN(const auto connections, exporting::plan_all(state, wanted, {}, clock_, done));
    SPILLWAY_TRY(exporting::deliver_all(state, connections, wanted, {*opened, clock_, {}, [](const auto&) {}}, done));
    return done.failures.empty() ? result<void>() : done.failures.front();
  }
};

// Of connections: a state file with project 1.
class connected_scenario : public scenario {
public:
  using scenario::scenario;

protected:
  store::state_file begin(base::instant now) {
    clock_.set(now);
    auto state = open();
    REQUIRE_OK(state);
    REQUIRE_OK(store::choose_organization(state->database(), 1, now));
    REQUIRE_OK(store::add_project(state->database(), {1, 1, {}, {}, 0}, now));
    return std::move(*state);
  }
  model::connection add(store::state_file& state, model::connection made) {
    made.project = 1;
    made.place.destination = to().place();
    auto change = db::transaction::begin(state.database()).value();
    const auto added = connection::add(state.database(), made, clock_.now());
    REQUIRE_OK(added);
    REQUIRE_OK(change.commit());
    return added->connection;
  }
  void take_events(store::state_file& state, base::instant when, std::size_t count, const std::string& name) {
    write_input(name, events_at(when, count, name));
    REQUIRE_OK(take(state, name));
  }
};

class backfill_scenario final : public connected_scenario {
public:
  using connected_scenario::connected_scenario;

  void prepare() override {
    store::state_file state = begin(midnight + minutes{190});
    add(state, {});
    for (const int hour : {-2, 0, 1, 2}) {
      take_events(state, midnight + hours{hour}, 3, "hour" + std::to_string(hour));
    }
    connection::agent_world world = agents();
    REQUIRE_OK(step_to_the_end(state, world, 1));
    damage();
    store::backfill_row asked;
    asked.connection = 1;
    asked.first = model::hour_of(midnight - hours{3});
    asked.last = model::hour_of(midnight + hours{2});
    asked.foreign = model::foreign_objects::replace;
    REQUIRE_OK(store::add_backfill(state.database(), asked));
    remember_objects();
  }

  result<void> run() override {
    SPILLWAY_TRY_ASSIGN(store::state_file state, open());
    connection::agent_world world = agents();
    return step_to_the_end(state, world, 1);
  }

  tree outcome() override {
    tree made = scenario::outcome();
    auto state = store::state_file::open(dir() / "state.db", store::access::create);
    REQUIRE_OK(state);
    const auto asked = store::find_backfill(state->database(), 1).value();
    made["(backfill)"] = std::string(store::to_string(asked->state)) + " " + asked->reason;
    return made;
  }

private:
  bool is_ledger_true() const override { return false; }

  // One object is lost, one is another, one is nobody's, and one marker says nothing.
  void damage() {
    const auto opened = to().open(clock_).value();
    const auto put = [&opened](const std::string& key, const std::string& text) {
      bucket::memory_body body(text);
      REQUIRE_OK(opened->put(key, body, {}));
    };
    REQUIRE_OK(opened->remove("1/1_2020-01-26_0#1.json.gz"));
    put("1/1_2020-01-26_1#1.json.gz", "altered");
    put("1/1_2020-01-25_21#7.json.gz", "somebody else's");
    put("1/1_2020-01-26_2_complete", "{}");
  }
};

const std::string old_policy =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/public/*"}]})";

class migration_scenario final : public connected_scenario {
public:
  using connected_scenario::connected_scenario;

  void prepare() override {
    store::state_file state = begin(midnight + minutes{70});
    const auto opened = to().open(clock_).value();
    REQUIRE_OK(opened->put_policy(old_policy));
    REQUIRE_OK(opened->put_default_encryption(
        {bucket::encryption::sse_kms, "old-key", bucket::encryption_setting::bucket_keys::on, {}}));
    model::connection old;
    old.principal = model::principal_kind::root;
    old.principal_arn = "arn:aws:iam::123456789012:root";
    add(state, old);
    take_events(state, midnight, 3, "hour0");
    connection::agent_world world = agents();
    REQUIRE_OK(step_to_the_end(state, world, 1));
    take_events(state, midnight + hours{1}, 2, "hour1");
    clock_.set(midnight + minutes{130});
    remember_objects();
  }

  result<void> run() override {
    SPILLWAY_TRY_ASSIGN(store::state_file state, open());
    connection::agent_world world = agents();
    connection::migration_request asked;
    asked.connection = 1;
    asked.kms_key_id = "new-key";
    SPILLWAY_TRY_ASSIGN(const connection::migration_outcome made,
                        connection::migrate({state, world, world.open,
                                             [](const connection::migration_report&) { return result<void>(); },
                                             [] { return "nonce"; }},
                                            asked));
    return made.migration.is_finished() ? result<void>() : failure{errc::bug, {}, "it is not finished", {}};
  }

  tree outcome() override {
    tree made = scenario::outcome();
    auto state = store::state_file::open(dir() / "state.db", store::access::create);
    REQUIRE_OK(state);
    std::string all;
    const auto connections = store::list_connections(state->database());
    REQUIRE_OK(connections);
    for (const model::connection& each : *connections) {
      all += std::string(model::to_string(each.principal)) + " " + each.principal_arn + " " + each.access.kms_key_id +
             " " + std::string(model::to_string(each.state)) + " from " + model::to_string(each.start) + "\n";
    }
    made["(connections)"] = all;
    const auto opened = to().open(clock_).value();
    made["(policy)"] = opened->policy().value().value_or("none");
    made["(key)"] = opened->default_encryption().value().value().kms_key_id;
    return made;
  }
};

class mail_scenario final : public connected_scenario {
public:
  mail_scenario() : connected_scenario(make_memory) {}

  void prepare() override {
    store::state_file state = begin(midnight + minutes{70});
    REQUIRE_OK(state.database().execute("INSERT INTO administrator VALUES(1, 'ops@x'), (1, 'boss@x')"));
    add(state, {});
    take_events(state, midnight, 2, "hour0");
    door_ = std::make_shared<unreliable_bucket>(to().open(clock_).value(), clock_, 1);
    door_->set({0, 0, {{clock_.now(), clock_.now() + hours{2}, errc::denied}}});
  }

  // The time goes on where the run before has ended.
  result<void> run() override {
    SPILLWAY_TRY_ASSIGN(store::state_file state, open());
    connection::agent_world world = agents();
    world.open = [this](const model::connection&) -> result<connection::opened_bucket> {
      return connection::opened_bucket{door_, {}, {}};
    };
    SPILLWAY_TRY_ASSIGN(store::state_file shared, state.share());
    connection::agent one(std::move(shared), 1, world);
    for (; clock_.now() < midnight + minutes{300}; clock_.set(clock_.now() + minutes{15})) {
      SPILLWAY_TRY_ASSIGN(const auto made, one.step(connection::patience::scheduled, {}));
      if (made.failed && made.failed->code != errc::denied) {
        return *made.failed;
      }
      SPILLWAY_TRY(connection::send_due_mails(state.database(), [this](const notify::mail& mail) { return send(mail); },
                                              clock_, {}));
    }
    SPILLWAY_TRY_ASSIGN(const auto waiting, store::list_waiting_mails(state.database()));
    return waiting.empty() ? result<void>() : failure{errc::bug, {}, "a mail still waits", {}};
  }

  // A mail comes again only where it could not be written down that it was taken: once, as the runs end there.
  void check(const tree& wanted) override {
    scenario::check(wanted);
    std::size_t again = 0;
    for (const auto& [mail, times] : sent_) {
      again += times - 1;
    }
    BOOST_TEST(again <= 1U);
  }

  // Two mails for each: of the beginning and of the end.
  tree outcome() override {
    tree made = scenario::outcome();
    std::map<std::string, int> mails_of;
    for (const auto& [mail, times] : sent_) {
      ++mails_of[mail.first];
    }
    for (const auto& [recipient, mails] : mails_of) {
      made["(mails of " + recipient + ")"] = std::to_string(mails);
    }
    return made;
  }

private:
  connection::mail_answer send(const notify::mail& mail) {
    ++sent_[{mail.to.at(0), mail.id}];
    return {};
  }

  std::shared_ptr<unreliable_bucket> door_;
  std::map<std::pair<std::string, std::string>, std::size_t> sent_;  // recipient and Message-ID, to how often
};

}  // namespace

std::unique_ptr<scenario> make_export(const destination_maker& to) { return std::make_unique<export_scenario>(to); }
std::unique_ptr<scenario> make_backfill(const destination_maker& to) { return std::make_unique<backfill_scenario>(to); }
std::unique_ptr<scenario> make_migration(const destination_maker& to) {
  return std::make_unique<migration_scenario>(to);
}
std::unique_ptr<scenario> make_mail() { return std::make_unique<mail_scenario>(); }

}  // namespace spillway::test
