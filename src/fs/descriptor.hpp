// A file descriptor with one owner.
#pragma once

#include <cerrno>
#include <utility>

#include <unistd.h>

namespace spillway::fs {

class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() { close(); }
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

  // Hands the number over to somebody who closes it.
  int release() { return std::exchange(number_, -1); }

  // 0, or errno of close: some network file systems report a failed write only here. Whatever it says, the number is
  // free again: Linux closes first, so trying twice could close somebody else's file.
  int close() {
    const int number = std::exchange(number_, -1);
    return number >= 0 && ::close(number) != 0 ? errno : 0;
  }

private:
  int number_ = -1;
};

}  // namespace spillway::fs
