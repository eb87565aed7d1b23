// Where time comes from: one object, made by `main` or by a test, handed to whoever needs to know the time.
#pragma once

#include "base/time.hpp"

namespace spillway::base {

// Thread rule: now() may be called from any thread.
class clock {
public:
  virtual ~clock() = default;
  virtual instant now() const = 0;
};

class system_clock final : public clock {
public:
  instant now() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

// `--now T`, and tests.
class fixed_clock final : public clock {
public:
  explicit fixed_clock(instant now) : now_(now) {}
  instant now() const override { return now_; }
  void set(instant now) { now_ = now; }

private:
  instant now_;
};

}  // namespace spillway::base
