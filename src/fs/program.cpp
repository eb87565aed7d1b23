#include "fs/program.hpp"

#include "base/bytes.hpp"
#include "fs/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace spillway::fs {
namespace {

using clock = std::chrono::steady_clock;

// So often a stop is looked for; what the program does is waited for by poll().
constexpr std::chrono::milliseconds glance{100};

failure not_started(int error_number) { return base::from_errno(error_number, ""); }

// A file without a name, at its start: unlike a pipe it needs nobody who feeds it, and may stay unread.
result<descriptor> input_of(const std::string& text) {
  descriptor file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) {
    return not_started(errno);
  }
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = ::write(file.get(), left.data(), left.size());
    if (written < 0 && errno != EINTR) {
      return not_started(errno);
    }
    left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) {
    return not_started(errno);
  }
  return file;
}

// posix_spawn leaves out the const.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// How a program is started.
class spawn_plan {
public:
  spawn_plan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~spawn_plan() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;

  void connect(const program& what, int input, int output) {
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    if (what.streams == output_streams::both) {
      ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    }
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  }

  // Our threads block and ignore signals that a program may need.
  void clear_signals(process_group group) {
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    const int own_group = group == process_group::own ? POSIX_SPAWN_SETPGROUP : 0;
    ::posix_spawnattr_setflags(&attributes_,
                               static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | own_group));
  }

  // errno, or 0.
  int start(const program& what, pid_t& id) const {
    const std::vector<char*> arguments = pointers_to(what.words);
    const std::vector<char*> variables = what.environment ? pointers_to(*what.environment) : std::vector<char*>();
    return ::posix_spawnp(&id, arguments[0], &actions_, &attributes_, arguments.data(),
                          what.environment ? variables.data() : environ);
  }

private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// A program that runs; it is killed with this.
class child {
public:
  child() = default;
  ~child() {
    if (id_ > 0) {
      ::kill(group_ == process_group::own ? -id_ : id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  result<void> start(const program& what) {
    SPILLWAY_TRY_ASSIGN(const descriptor input, input_of(what.input));
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
      return not_started(errno);
    }
    output_ = descriptor(pipe[0]);
    const descriptor output(pipe[1]);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    spawn_plan plan;
    plan.connect(what, input.get(), output.get());
    plan.clear_signals(what.group);
    if (const int error = plan.start(what, id_); error != 0) {
      id_ = -1;
      return not_started(error);
    }
    group_ = what.group;
    end_ = descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)));
    return end_ ? result<void>() : result<void>(not_started(errno));
  }

  // Waits a glance at most. Whether it has ended.
  bool wait(clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
    const auto most = std::clamp(left, std::chrono::milliseconds{0}, glance);
    std::array<pollfd, 2> waiting{{{end_.get(), POLLIN, 0}, {output_ ? output_.get() : -1, POLLIN, 0}}};
    return ::poll(waiting.data(), waiting.size(), static_cast<int>(most.count())) > 0 && waiting[0].revents != 0;
  }

  // What has come of its output; false: more than it may be, which is fatal.
  bool read(const program& what, std::string& to) {
    std::array<char, 4096> piece{};
    // Bounded, since one that never stops printing would keep us from looking at the clock.
    for (int turn = 0; output_ && turn < 64; ++turn) {
      const ssize_t got = ::read(output_.get(), piece.data(), piece.size());
      if (got < 0) {
        return true;  // nothing yet
      }
      if (got == 0) {
        output_.close();  // it may live on after it has closed its output
      }
      const std::size_t room = what.output_bytes_max - to.size();
      to.append(piece.data(), std::min(room, static_cast<std::size_t>(got)));
      if (static_cast<std::size_t>(got) > room && what.excess == excess_output::fail) {
        return false;
      }
    }
    return true;
  }

  // REQUIRES: it has ended.
  int status() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = -1;
    return status;
  }

private:
  pid_t id_ = -1;
  process_group group_ = process_group::ours;
  descriptor end_;
  descriptor output_;
};

}  // namespace

result<program_ending> run_program(const program& what, std::chrono::milliseconds patience,
                                   const std::stop_token& stop) {
  const auto deadline = clock::now() + patience;
  child running;
  SPILLWAY_TRY(running.start(what));
  program_ending ended;
  for (;;) {
    if (stop.stop_requested()) {
      return failure{errc::interrupted, "", "asked to stop", {}};
    }
    const bool has_ended = running.wait(deadline);
    if (!running.read(what, ended.output)) {
      return failure{errc::too_large, "", "it printed more than " + base::human_bytes(what.output_bytes_max), {}};
    }
    if (has_ended) {
      break;
    }
    if (clock::now() >= deadline) {
      return failure{errc::unavailable, "", "it did not end in time", {}};
    }
  }
  const int status = running.status();
  ended.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  ended.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return ended;
}

}  // namespace spillway::fs
