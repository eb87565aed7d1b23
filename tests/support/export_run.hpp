// A state file with events and a directory that they are delivered to, as `spillway export` does it.
#pragma once

#include "bucket/mirror_bucket.hpp"
#include "bucket/retrying_bucket.hpp"
#include "export/run.hpp"
#include "support/ingest_run.hpp"
#include "support/recording_bucket.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace spillway::test {

using tree = std::map<std::string, std::string>;  // key to bytes

// What a mirror holds.
tree read_tree(const std::filesystem::path& root);

// "": they are the same. Else the keys that only one has, and the sizes of what differs.
std::string difference(const tree& found, const tree& wanted);

// The text of an object that must be one gzip member, as widely used readers want it.
std::string read_single_member(std::string_view zipped);

// Every marker with a manifest names only objects that are there, with the size, hash and text that it says.
void check_markers(const tree& objects);

// The text of an hour: what its objects hold, by partition.
std::string text_in(const tree& objects, model::project_id project, model::hour hour);

class export_run : public ingest_run {
public:
  explicit export_run(std::size_t threads = 2) : ingest_run(threads) {
    clock.set(test_start + std::chrono::days{3});
    to.place.destination = (dir / "bucket").string();
    to.threads = threads;
  }

  // Takes in `count` events of the hour that is `hours` behind test_start.
  void add(std::size_t count, std::int64_t hours = 0, std::size_t padding = 0, model::project_id project = 1);

  result<exporting::summary> try_deliver(const std::stop_token& stop = {});
  // The same, and checks what it leaves.
  exporting::summary deliver();

  result<exporting::summary> plan() { return plan(to); }
  result<exporting::summary> plan(const exporting::settings& told);
  std::vector<store::job_row> jobs() { return store::list_jobs(state.database()).value(); }
  model::hour hour(std::int64_t hours = 0) const { return {model::hour_of(test_start).number + hours}; }

  // The bucket that is delivered to, opened anew for each destination, with every try of every call.
  recording_bucket& bucket();
  // The same as verbs have it: what fails in passing is tried again. Nothing is waited for; see `waits`.
  spillway::bucket::bucket& tried_bucket();
  tree objects() const { return read_tree(to.place.destination); }
  void check_all();

  exporting::settings to;
  std::optional<model::project_id> only_project;
  std::vector<std::chrono::milliseconds> waits;  // before tries, with half of each longest delay

  std::vector<model::connection> connections;  // that plan() has planned for

private:
  int batches_ = 0;
  std::string opened_;
  std::unique_ptr<spillway::bucket::bucket> mirror_;
  std::shared_ptr<recording_bucket> recording_;
  std::unique_ptr<spillway::bucket::bucket> tried_;
  std::mutex mutex_;  // over `waits`
};

}  // namespace spillway::test
