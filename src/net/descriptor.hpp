// A socket's descriptor with one owner. (fs/ has one for files, which tells what close() said; a socket's says
// nothing.)
#pragma once

#include <utility>

#include <unistd.h>

namespace spillway::net {

class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

private:
  int number_ = -1;
};

}  // namespace spillway::net
