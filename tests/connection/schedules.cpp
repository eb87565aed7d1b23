// Random schedules, in one process and by a seed: connections are made, disabled, enabled and deleted, events come late
// and twice, requests fail, buckets refuse and are away, the process is killed. In the end each bucket must hold what a
// simple model says, which knows nothing of jobs and retries.
//
//     SPILLWAY_SCHEDULES=10000      how many (default: as many as a quick run allows)
//     SPILLWAY_SCHEDULE_SEED=17     only this one, as a failure names it; with SPILLWAY_SCHEDULES the first of so many
#include "connection/agent.hpp"
#include "connection/life_cycle.hpp"
#include "connection/set_up.hpp"
#include "model/object_key.hpp"
#include "store/merge_log.hpp"
#include "support/export_run.hpp"
#include "support/memory_bucket.hpp"
#include "support/unreliable_bucket.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <boost/json.hpp>

namespace spillway::connection::schedules_tests {
namespace {

using test::memory_bucket;
using test::unreliable_bucket;

constexpr int schedules_usual = 40;
constexpr int actions_max = 45;
const std::vector<std::string> places = {"s3://one", "s3://one/second", "s3://two"};
constexpr std::string_view filters[] = {
    "", R"({"column":"event_properties","property":["price"],"operator":"greater","values":[4]})",
    R"({"column":"event_properties","property":["price"],"operator":"less","values":[7]})"};

bool chooses(int filter, int price) { return filter == 0 || (filter == 1 ? price > 4 : price < 7); }

std::string bucket_name(const std::string& place) { return place.substr(0, 8); }
std::string prefix_of(const std::string& place) { return place.size() > 9 ? place.substr(9) : std::string(); }

// Without markers for one project, so that both kinds of connections are there.
model::marker_kind marker_of(model::project_id project) {
  return project == 2 ? model::marker_kind::off : model::marker_kind::manifest;
}

struct event {
  model::project_id project = 1;
  base::instant uploaded_at;
  std::string id;
  int price = 0;
  std::string line() const {
    return "{\"app\":" + std::to_string(project) +
           ",\"device_id\":\"d\",\"event_type\":\"view\",\"server_upload_time\":\"" +
           base::format_timestamp(uploaded_at, ' ') + "\",\"$insert_id\":\"" + id +
           "\",\"event_properties\":{\"price\":" + std::to_string(price) + "}}\n";
  }
};

// Of a project and a place: what any connection has done there.
struct delivered_place {
  std::vector<model::hour_range> tried;  // hours that may have been planned
  std::set<int> filters;
  bool has_lost_history = false;  // a connection was deleted, and none has its history
};

struct modelled_connection {
  model::connection_id id = 0;
  model::project_id project = 1;
  std::string place;
  int filter = 0;
  bool merges = false;
  bool is_enabled = true;
  model::hour start;
  std::optional<base::instant> disabled_at;
  struct asked {
    std::int64_t id = 0;
    std::set<model::hour> due;  // hours that are delivered from then on, once it is done
    model::hour_range range;
  };
  std::vector<asked> backfills;
};

class schedule {
public:
  explicit schedule(std::uint64_t seed) : random_(seed) {
    for (const std::string name : {"s3://one", "s3://two"}) {
      buckets_[name] = std::make_shared<memory_bucket>(clock_, name);
      doors_[name] = std::make_shared<unreliable_bucket>(buckets_[name], clock_, random_());
      put_foreign(*buckets_[name]);
    }
    reopen();
    REQUIRE_OK(store::choose_organization(state_->database(), 1, clock_.now()));
    projects_ = below(3) + 1;
    for (model::project_id each = 1; each <= projects_; ++each) {
      REQUIRE_OK(store::add_project(state_->database(), {each, 1, {}, {}, 0}, clock_.now()));
    }
  }

  void run() {
    create();
    for (int i = below(actions_max) + 10; i > 0; --i) {
      act();
    }
    finish();
    check();
  }
  std::map<std::string, std::string> bytes() const {
    std::map<std::string, std::string> all;
    for (const auto& [name, bucket] : buckets_) {
      for (auto& [key, body] : bucket->tree()) {
        all[name + "/" + key] = body;
      }
    }
    return all;
  }

private:
  int below(int end) { return static_cast<int>(random_() % static_cast<std::uint64_t>(end)); }

  static void put_foreign(memory_bucket& to) {
    for (const std::string& key : foreign_keys()) {
      bucket::memory_body body("somebody else's");
      REQUIRE_OK(to.put(key, body, {}));
    }
  }
  static std::vector<std::string> foreign_keys() {
    return {"1/readme", "1/1_2001-01-25_14#1.json.gz", "second/1/1_2020-01-25_14#x", "other/1_2020-01-25_14#1.json.gz"};
  }

  void act() {
    switch (below(16)) {
      case 0: return create();
      case 1: return disable();
      case 2: return enable();
      case 3: return below(3) == 0 ? remove() : take_merges();
      case 4: return ask_for_backfill();
      case 5: return below(3) == 0 ? cancel_backfill() : set_faults();
      case 6: return set_faults();
      case 7:
      case 8:
      case 9: return take_events();
      case 10:
      case 11: return clock_.set(clock_.now() + std::chrono::minutes{5 + below(below(4) == 0 ? 1800 : 180)});
      case 12: return kill_in_a_step();
      default: return step_any();
    }
  }

  void set_faults() {
    for (auto& [name, door] : doors_) {
      unreliable_bucket::faults wanted;
      wanted.lost_requests = below(4) * 0.1;
      wanted.lost_answers = below(3) * 0.1;
      if (below(3) == 0) {
        const base::instant from = clock_.now() + std::chrono::minutes{below(120)};
        wanted.outages.push_back(
            {from, from + std::chrono::minutes{below(3000)}, below(2) == 0 ? errc::denied : errc::unavailable});
      }
      door->set(wanted);
    }
  }

  void take_events() {
    std::string lines;
    for (int i = below(5) + 1; i > 0; --i) {
      if (!events_.empty() && below(4) == 0) {
        lines += events_[static_cast<std::size_t>(below(static_cast<int>(events_.size())))].line();
        continue;
      }
      event made;
      made.project = below(static_cast<int>(projects_)) + 1;
      made.uploaded_at = clock_.now() - std::chrono::minutes{below(below(3) == 0 ? 3000 : 90)};
      made.id = "e" + std::to_string(events_.size());
      made.price = below(10);
      lines += made.line();
      events_.push_back(made);
    }
    take(lines);
  }
  void take_merges() {
    const auto when = std::chrono::floor<std::chrono::milliseconds>(clock_.now() - std::chrono::minutes{below(300)});
    const auto ms = when.time_since_epoch().count();
    const model::merge made{1, ms, ms, static_cast<std::int64_t>(merges_.size()) + 1, 8};
    merges_.push_back(made);
    take(model::to_line(made));
  }
  void take(const std::string& lines) {
    ingest::settings wanted;
    const std::filesystem::path path = dir_ / ("input-" + std::to_string(++inputs_));
    REQUIRE_OK(fs::write_file(path, lines, 0600));
    wanted.inputs = {path.string()};
    wanted.rules.now = clock_.now();
    REQUIRE_OK(ingest::take_in(*state_, wanted, clock_, {}, [](const auto&) {}));
  }

  // ---- connections

  modelled_connection* any(bool is_enabled) {
    std::vector<modelled_connection*> found;
    for (modelled_connection& each : connections_) {
      if (each.is_enabled == is_enabled) {
        found.push_back(&each);
      }
    }
    return found.empty() ? nullptr : found[static_cast<std::size_t>(below(static_cast<int>(found.size())))];
  }
  delivered_place& place_of(const modelled_connection& of) { return delivered_[{of.project, of.place}]; }

  void create() {
    modelled_connection made;
    made.project = below(static_cast<int>(projects_)) + 1;
    made.place = places[static_cast<std::size_t>(below(static_cast<int>(places.size())))];
    const bool is_there = std::ranges::any_of(connections_, [&](const modelled_connection& each) {
      return each.is_enabled && each.project == made.project && each.place == made.place;
    });
    if (is_there || place_of(made).has_lost_history || connections_.size() == 6) {
      return;
    }
    made.filter = below(2) == 0 ? 0 : static_cast<int>(made.project) % 3;
    made.merges = below(3) == 0;
    const modelled_connection* before = predecessor(made);
    model::connection wanted;
    wanted.project = made.project;
    wanted.place = {made.place};
    wanted.filter = filters[made.filter];
    wanted.marker = marker_of(made.project);
    wanted.data = made.merges ? model::data_choice::both : model::data_choice::events;
    REQUIRE_OK(check_allowed(state_->database(), wanted));
    auto change = db::transaction::begin(state_->database()).value();
    const auto added = add(state_->database(), wanted, clock_.now());
    REQUIRE_OK(added);
    REQUIRE_OK(change.commit());
    made.id = added->connection.id;
    made.start = added->connection.start;
    check_start(made, before);
    place_of(made).filters.insert(made.filter);
    connections_.push_back(made);
  }

  const modelled_connection* predecessor(const modelled_connection& of) const {
    const modelled_connection* found = nullptr;
    for (const modelled_connection& each : connections_) {
      if (each.is_enabled || each.project != of.project || bucket_name(each.place) != bucket_name(of.place)) {
        continue;
      }
      const auto rank = [&](const modelled_connection& one) {
        return std::pair(one.place == of.place, *one.disabled_at);
      };
      if (found == nullptr || rank(*found) <= rank(each)) {
        found = &each;
      }
    }
    return found;
  }
  void check_start(const modelled_connection& made, const modelled_connection* before) {
    const bool is_soon = before != nullptr && clock_.now() - *before->disabled_at <= model::takeover_time_max;
    if (!is_soon) {
      BOOST_CHECK(made.start == model::first_hour_of_day(clock_.now()));
    } else if (before->place == made.place) {
      BOOST_CHECK(made.start == before->start);
    } else {
      BOOST_CHECK(made.start <= std::max(before->start, model::hour_of(*before->disabled_at)));
    }
  }

  void disable() {
    if (modelled_connection* of = any(true)) {
      REQUIRE_OK(connection::disable(state_->database(), of->id, clock_.now()));
      of->is_enabled = false;
      of->disabled_at = clock_.now();
      for (const modelled_connection& each : connections_) {
        if (each.project == of->project && each.place == of->place && &each != of && each.disabled_at) {
          of->disabled_at = std::max(*of->disabled_at, *each.disabled_at + std::chrono::microseconds{1});
        }
      }
    }
  }

  void enable() {
    modelled_connection* of = any(false);
    if (of == nullptr || std::ranges::any_of(connections_, [&](const modelled_connection& each) {
          return each.is_enabled && each.project == of->project && each.place == of->place;
        })) {
      return;
    }
    const modelled_connection* before = of;
    for (const modelled_connection& each : connections_) {
      const bool is_same = each.project == of->project && each.place == of->place && &each != of;
      if (is_same && *each.disabled_at >= *before->disabled_at && *each.disabled_at > *of->disabled_at) {
        before = &each;
      }
    }
    const bool is_soon = clock_.now() - *before->disabled_at <= model::takeover_time_max;
    const model::hour start = is_soon ? before->start : std::max(before->start, model::first_hour_of_day(clock_.now()));
    auto change = db::transaction::begin(state_->database()).value();
    const auto made = connection::enable(state_->database(), of->id, clock_.now());
    REQUIRE_OK(made);
    REQUIRE_OK(change.commit());
    BOOST_CHECK(made->connection.start == start);
    of->is_enabled = true;
    of->start = start;
    of->disabled_at.reset();
  }

  void remove() {
    if (connections_.empty()) {
      return;
    }
    const auto which = connections_.begin() + below(static_cast<int>(connections_.size()));
    if (which->merges) {
      return;  // the file of an hour's merges may be another connection's, too
    }
    auto change = db::transaction::begin(state_->database()).value();
    const auto removed = connection::remove(state_->database(), which->id, clock_.now());
    REQUIRE_OK(removed);
    leave_place(*which);
    REQUIRE_OK(change.commit());
    agents_.erase(which->id);
    const bool is_last = std::ranges::none_of(connections_, [&](const modelled_connection& each) {
      return each.id != which->id && each.project == which->project && each.place == which->place;
    });
    place_of(*which).has_lost_history = is_last;
    connections_.erase(which);
  }

  // Who of a place has its history, `but` for one: the enabled one, else the one that was disabled last.
  modelled_connection* heir_of(const modelled_connection& but) {
    modelled_connection* found = nullptr;
    for (modelled_connection& each : connections_) {
      const bool is_same = each.project == but.project && each.place == but.place && each.id != but.id;
      if (is_same &&
          (found == nullptr || each.is_enabled || (!found->is_enabled && *found->disabled_at <= *each.disabled_at))) {
        found = &each;
      }
    }
    return found;
  }

  // The other one of the place goes on where the deleted one stopped, and does what that one was asked to.
  void leave_place(const modelled_connection& from) {
    modelled_connection* heir = heir_of(from);
    if (heir == nullptr) {
      return;
    }
    for (const modelled_connection::asked& each : from.backfills) {
      if (store::find_backfill(state_->database(), each.id)->has_value()) {  // it was not over
        heir->backfills.push_back(each);
      }
    }
    const base::instant end = from.disabled_at.value_or(
        std::max(clock_.now(), heir->disabled_at.value_or(base::instant()) + std::chrono::microseconds{1}));
    if (!heir->is_enabled && end > *heir->disabled_at) {
      heir->disabled_at = end;
      heir->start = from.start;
    }
  }

  void ask_for_backfill() {
    modelled_connection* of = any(true);
    if (of == nullptr) {
      return;
    }
    const model::hour first{model::first_hour_of_day(clock_.now()).number - 24 * (below(3) + 1)};
    store::backfill_row asked;
    asked.connection = of->id;
    asked.first = first;
    asked.last = std::min(model::hour{first.number + 23 + 24 * below(2)}, last_closed());
    asked.created_at = clock_.now();
    const auto added = store::add_backfill(state_->database(), asked);
    REQUIRE_OK(added);
    modelled_connection::asked noted{added->id, {}, {asked.first, asked.last}};
    for (model::hour hour = asked.first; hour <= asked.last; hour = hour.next()) {
      const bool has_events = std::ranges::any_of(events_, [&](const event& each) {
        return each.project == of->project && model::hour_of(each.uploaded_at) == hour;
      });
      if (has_events || marker_of(of->project) != model::marker_kind::off) {
        noted.due.insert(hour);
      }
    }
    of->backfills.push_back(std::move(noted));
  }
  void cancel_backfill() {
    for (modelled_connection& each : connections_) {
      if (!each.backfills.empty()) {
        const std::int64_t id = each.backfills.back().id;
        if (!store::find_backfill(state_->database(), id).value()->is_over()) {
          REQUIRE_OK(store::cancel_backfill(state_->database(), id, clock_.now()));
          each.backfills.pop_back();
        }
        return;
      }
    }
  }

  // ---- at work

  model::hour last_closed() const { return {model::hour_of(clock_.now() - settling_usual).number - 1}; }

  void reopen() {
    agents_.clear();
    state_.reset();
    state_ = std::make_unique<store::state_file>(test::open_state(dir_ / "state.db"));
    REQUIRE_OK(store::recover_jobs(state_->database()));
  }

  agent& agent_of(const modelled_connection& of) {
    auto& found = agents_[of.id];
    if (!found) {
      found = std::make_unique<agent>(state_->share().value(), of.id, world_);
    }
    return *found;
  }

  void step_any() {
    if (modelled_connection* of = any(true)) {
      REQUIRE_OK(step(*of, below(2) == 0 ? patience::none : patience::scheduled));
    }
    if (modelled_connection* of = any(false); of != nullptr && below(4) == 0) {
      const auto made = agent_of(*of).step(patience::none, {});
      REQUIRE_OK(made);
      BOOST_TEST(!made->next.has_value());
    }
  }
  result<step_outcome> step(const modelled_connection& of, patience how) {
    delivered_place& place = place_of(of);
    place.tried.push_back({of.start, last_closed()});
    // Its own, and those that came with the history.
    for (const modelled_connection& each : connections_) {
      for (const auto& asked : each.backfills) {
        if (each.project == of.project && each.place == of.place) {
          place.tried.push_back(asked.range);
        }
      }
    }
    return agent_of(of).step(how, {});
  }

  void kill_in_a_step() {
    modelled_connection* of = any(true);
    if (of == nullptr) {
      return;
    }
    unreliable_bucket& door = *doors_.at(bucket_name(of->place));
    unreliable_bucket::faults wanted;
    wanted.kill_at = below(12) + 1;
    door.set(wanted);
    try {
      REQUIRE_OK(step(*of, patience::none));
    } catch (const test::killed&) {
      reopen();
    }
    door.set({});
  }

  void finish() {
    for (auto& [name, door] : doors_) {
      door->set({});
    }
    for (int round = 0; round < 4; ++round) {
      clock_.set(clock_.now() + std::chrono::hours{2});
      for (const modelled_connection& each : connections_) {
        for (int steps = 0; each.is_enabled; ++steps) {
          const auto made = step(each, patience::none);
          REQUIRE_OK(made);
          BOOST_REQUIRE_MESSAGE(!made->failed, (made->failed ? made->failed->text() : ""));
          BOOST_REQUIRE_MESSAGE(made->done.failures.empty(),
                                (made->done.failures.empty() ? "" : made->done.failures.front().text()));
          BOOST_REQUIRE(steps < 100);
          if (*made->next > clock_.now()) {
            break;
          }
        }
      }
    }
  }

  // ---- what must be

  void check() {
    for (const auto& [name, bucket] : buckets_) {
      const auto tree = bucket->tree();
      test::check_markers(tree);
      for (const std::string& key : foreign_keys()) {
        BOOST_TEST(tree.at(key) == "somebody else's");
      }
    }
    for (const auto& [which, place] : delivered_) {
      check_place(which.first, which.second, place);
    }
    for (const modelled_connection& each : connections_) {
      if (each.is_enabled) {
        BOOST_TEST(store::list_undelivered_jobs(state_->database(), each.id)->empty());
        BOOST_TEST(!store::find_trouble(state_->database(), each.id)->has_value());
        check_merges(each);
      }
    }
  }

  const modelled_connection* enabled_at(model::project_id project, const std::string& place) const {
    const auto found = std::ranges::find_if(connections_, [&](const modelled_connection& each) {
      return each.is_enabled && each.project == project && each.place == place;
    });
    return found == connections_.end() ? nullptr : &*found;
  }
  bool is_due(const modelled_connection& of, model::hour hour) const {
    const bool is_asked_for =
        std::ranges::any_of(of.backfills, [&](const auto& each) { return each.due.contains(hour); });
    return (of.start <= hour && hour <= last_closed()) || is_asked_for;
  }

  // Partitions of a project at a place: hour to the ids of its events.
  std::map<model::hour, std::multiset<std::string>> events_at(model::project_id project, const std::string& place,
                                                              std::set<model::hour>& marked) const {
    std::map<model::hour, std::multiset<std::string>> found;
    const std::string folder = (prefix_of(place).empty() ? "" : prefix_of(place) + "/") + std::to_string(project) + "/";
    const auto tree = buckets_.at(bucket_name(place))->tree();
    for (const auto& [key, body] : tree) {
      const auto name = model::parse_key(key);
      if (!key.starts_with(folder) || !name || body == "somebody else's") {
        continue;
      }
      if (name->kind == model::object_kind::marker) {
        marked.insert(name->hour);
        continue;
      }
      const std::string text = test::read_single_member(body);
      for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
        const auto line = boost::json::parse(rest.substr(0, rest.find('\n')));
        found[name->hour].insert(std::string(line.at("$insert_id").as_string()));
      }
      const auto marker = tree.find(folder + model::to_key({model::object_kind::marker, project, name->hour, 0}, "")
                                                 .substr(std::to_string(project).size() + 1));
      // Of one that is disabled, a partition may have come that the marker does not know yet.
      const bool is_at_work = enabled_at(project, place) != nullptr;
      BOOST_CHECK_MESSAGE(
          !is_at_work || marker == tree.end() || marker->second.find("\"" + key + "\"") != std::string::npos,
          key << " is not in its hour's marker");
    }
    return found;
  }

  void check_place(model::project_id project, const std::string& place, const delivered_place& of) {
    std::set<model::hour> marked;
    auto found = events_at(project, place, marked);
    const modelled_connection* now = enabled_at(project, place);
    for (const event& each : events_) {
      if (each.project != project) {
        continue;
      }
      const model::hour hour = model::hour_of(each.uploaded_at);
      const auto copies = found[hour].count(each.id);
      const auto selects = [&each](int filter) { return chooses(filter, each.price); };
      const bool may_be = std::ranges::any_of(of.tried, [hour](const auto& in) { return in.holds(hour); }) &&
                          std::ranges::any_of(of.filters, selects);
      const bool must_be = now != nullptr && is_due(*now, hour) && std::ranges::all_of(of.filters, selects);
      BOOST_CHECK_MESSAGE(copies <= (may_be ? 1U : 0U) && copies >= (must_be ? 1U : 0U),
                          "project " << project << " at " << place << ": " << each.id << " of "
                                     << model::to_string(hour) << " is there " << copies << " times");
      found[hour].erase(each.id);
    }
    for (const auto& [hour, left] : found) {
      BOOST_TEST(left.empty());
    }
    if (now != nullptr && marker_of(project) != model::marker_kind::off) {
      for (model::hour hour = now->start; hour <= last_closed(); hour = hour.next()) {
        BOOST_CHECK_MESSAGE(marked.contains(hour), place << ": no marker of " << model::to_string(hour));
      }
    }
  }

  void check_merges(const modelled_connection& of) const {
    std::map<model::hour, std::string> wanted;
    for (const model::merge& each : merges_) {
      wanted[model::hour_of(each)] += model::to_line(each);
    }
    const auto tree = buckets_.at(bucket_name(of.place))->tree();
    for (const auto& [hour, text] : wanted) {
      if (of.merges && hour <= last_closed()) {
        const auto found = tree.find(model::to_key({model::object_kind::merges, 1, hour, 0}, prefix_of(of.place)));
        BOOST_REQUIRE_MESSAGE(found != tree.end(), "no merges of " << model::to_string(hour));
        BOOST_TEST(test::read_single_member(found->second) == text);
      }
    }
  }

  std::mt19937_64 random_;
  base::fixed_clock clock_{test::test_start + std::chrono::minutes{17}};
  std::map<std::string, std::shared_ptr<memory_bucket>> buckets_;
  std::map<std::string, std::shared_ptr<unreliable_bucket>> doors_;
  test::temp_dir dir_;
  std::unique_ptr<store::state_file> state_;
  agent_world world_{clock_,
                     [this](const model::connection& of) -> result<opened_bucket> {
                       return opened_bucket{doors_.at(bucket_name(of.place.destination)),
                                            prefix_of(of.place.destination),
                                            {}};
                     },
                     [this] { return below(1000) / 1000.0; }, [](const auto&, auto) {}};
  std::map<model::connection_id, std::unique_ptr<agent>> agents_;
  model::project_id projects_ = 1;
  std::vector<event> events_;
  std::vector<model::merge> merges_;
  std::vector<modelled_connection> connections_;
  std::map<std::pair<model::project_id, std::string>, delivered_place> delivered_;
  int inputs_ = 0;
};

std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::map<std::string, std::string> run_schedule(std::uint64_t seed) {
  schedule one(seed);
  one.run();
  return one.bytes();
}

BOOST_AUTO_TEST_SUITE(connection_schedules)

BOOST_AUTO_TEST_CASE(each_bucket_holds_each_event_once_whatever_happens) {
  const std::uint64_t named = number_in_environment("SPILLWAY_SCHEDULE_SEED", 0);
  const std::uint64_t first = named != 0 ? named : 1;
  const std::uint64_t count = number_in_environment("SPILLWAY_SCHEDULES", named != 0 ? 1 : schedules_usual);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    BOOST_TEST_CONTEXT("SPILLWAY_SCHEDULE_SEED=" << seed) {
      const auto bytes = run_schedule(seed);
      if (seed % 8 == 0) {
        const std::string differing = test::difference(run_schedule(seed), bytes);
        BOOST_CHECK_MESSAGE(differing.empty(), "the same seed gives other bytes: " << differing);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::schedules_tests
