// The n-th operation fails, for n = 1, 2, 3 ... until none does. After each the invariants hold; then what was cut off
// is run again, with nothing failing, and must end with what an undisturbed run gives.
//
//     SPILLWAY_SWEEP_STEP=1    every n; by default every so many that a quick run allows
#pragma once

#include "sweep/scenario.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace spillway::test {

// What has operations fail. It is made for one scenario, before anything of it is opened.
class fault_source {
public:
  virtual ~fault_source() = default;
  virtual void arm(std::int64_t nth) = 0;
  virtual void disarm() = 0;
  virtual std::string fired_at() const = 0;  // empty: nothing has failed
  // What must hold of the faults themselves, in the end.
  virtual void check() const {}
};
using fault_maker = std::function<std::unique_ptr<fault_source>(scenario& of)>;

// The step that the environment asks for.
std::int64_t step_of(std::int64_t usual);

// `step_usual`: every so many n, unless the environment says otherwise.
void sweep(const scenario_maker& make, const fault_maker& faults, std::int64_t step_usual);

}  // namespace spillway::test
