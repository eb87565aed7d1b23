// What a sweep does again and again: a piece of Spillway's work that may be cut off by a failure anywhere, begun again
// and brought to its end, with what must hold at any moment and what must have come of it.
#pragma once

#include "connection/agent.hpp"
#include "store/state_file.hpp"
#include "support/export_run.hpp"
#include "support/temp_dir.hpp"
#include "sweep/destination.hpp"

#include <functional>
#include <memory>
#include <string>

namespace spillway::test {

class scenario {
public:
  explicit scenario(const destination_maker& make) : to_(make(std::filesystem::canonical(dir_.path()), clock_)) {}
  virtual ~scenario() = default;
  scenario(const scenario&) = delete;
  scenario& operator=(const scenario&) = delete;

  // What is there before; nothing fails meanwhile.
  virtual void prepare() = 0;
  // As a process that is started: from where the last one has come to, to the end. A success means that all is done.
  virtual result<void> run() = 0;
  // What must hold whenever a run has ended, however. `wanted` is the outcome of an undisturbed run.
  virtual void check(const tree& wanted);
  // What there is in the end: objects, and what else is looked at by a name of its own.
  virtual tree outcome();

  std::filesystem::path dir() const { return std::filesystem::canonical(dir_.path()); }
  destination& to() { return *to_; }

protected:
  void write_input(const std::string& name, const std::string& text) const;
  void remember_objects() { before_ = to_->objects(); }
  // The state file with the worker lock, its jobs recovered: as a verb begins.
  result<store::state_file> open() const;
  result<void> take(store::state_file& state, const std::string& input) const;
  connection::agent_world agents();
  // Steps until nothing is due. What fails in passing is tried again by the same agent some times, at its times.
  result<void> step_to_the_end(store::state_file& state, connection::agent_world& world, model::connection_id id);

  base::fixed_clock clock_{test_start};

private:
  // Behind damage that was done on purpose, the ledger is not true before the end.
  virtual bool is_ledger_true() const { return true; }
  void check_objects(const tree& there, const tree& wanted) const;
  void check_ledger_is_true(db::database& state, const tree& there) const;

  temp_dir dir_;
  std::unique_ptr<destination> to_;
  tree before_;  // objects when it was prepared
};

using scenario_maker = std::function<std::unique_ptr<scenario>()>;

// Intake and export, twice: two partitions in an hour, an empty hour between others, duplicates, rejects.
std::unique_ptr<scenario> make_export(const destination_maker& to);
// A connection whose bucket has lost, damaged and foreign objects and a wrong marker, and hours from before its start.
std::unique_ptr<scenario> make_backfill(const destination_maker& to);
// A connection of the old kind on its way through all steps to KMS and the role.
std::unique_ptr<scenario> make_migration(const destination_maker& to);
// Access is refused for hours: an incident, its end, and their mails. Its bucket is in memory.
std::unique_ptr<scenario> make_mail();

}  // namespace spillway::test
