// A process of its own for a test: locks between processes can't be seen from one. The child runs a function of the
// test and ends with its answer; nothing of Boost.Test is used in it.
#pragma once

#include <functional>
#include <stdexcept>
#include <utility>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace spillway::test {

// Two ends of a pipe: reading waits until a byte is written or every writing end is closed.
class signal_pipe {
public:
  signal_pipe() {
    if (::pipe(ends_) != 0) {
      throw std::runtime_error("no pipe");
    }
  }
  ~signal_pipe() {
    ::close(ends_[0]);
    close_writing();
  }
  signal_pipe(const signal_pipe&) = delete;
  signal_pipe& operator=(const signal_pipe&) = delete;

  void wait() const {
    char byte = 0;
    (void)!::read(ends_[0], &byte, 1);
  }
  void signal() const { (void)!::write(ends_[1], "x", 1); }
  void close_writing() {
    if (ends_[1] >= 0) {
      ::close(std::exchange(ends_[1], -1));
    }
  }

private:
  int ends_[2] = {-1, -1};
};

// Children that were forked after it wait in pass() until the parent opens it.
class starting_gate {
public:
  void pass() {
    pipe_.close_writing();
    pipe_.wait();
  }
  void open() { pipe_.close_writing(); }

private:
  signal_pipe pipe_;
};

class child_process {
public:
  // Returns when the child has called ready(), or has ended. It is killed by the destructor if nothing has ended it.
  explicit child_process(const std::function<bool(child_process& self)>& work) {
    id_ = ::fork();
    if (id_ < 0) {
      throw std::runtime_error("no process");
    }
    if (id_ == 0) {
      end_.close_writing();
      ::_exit(work(*this) ? 0 : 1);
    }
    ready_.close_writing();
    ready_.wait();
  }
  ~child_process() { kill(); }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  // In the child: lets the parent's constructor return.
  void ready() const { ready_.signal(); }
  // In the child: waits for end(), holding on to what it has.
  void hold() const { end_.wait(); }

  // In the parent.
  pid_t id() const { return id_; }
  // Lets the child end; whether its answer was true.
  bool end() {
    end_.signal();
    int status = 1;
    ::waitpid(std::exchange(id_, 0), &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  void kill() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(std::exchange(id_, 0), nullptr, 0);
    }
  }

private:
  signal_pipe ready_;
  signal_pipe end_;
  pid_t id_ = 0;
};

}  // namespace spillway::test
