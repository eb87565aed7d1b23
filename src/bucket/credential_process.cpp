#include "bucket/credential_process.hpp"

#include "fs/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include <boost/json.hpp>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

namespace spillway::bucket {
namespace {

namespace json = boost::json;

constexpr std::size_t output_bytes_max = std::size_t{64} << 10;
// So often a stop is looked for; the program itself is waited for by its end of the pipe.
constexpr std::chrono::milliseconds glance{100};

failure failed(errc code, std::string cause) {
  return {code, "running credential_process", std::move(cause),
          "run the command of credential_process by hand; it has to print credentials as JSON"};
}

result<std::vector<std::string>> words_of(const std::string& command) {
  wordexp_t expanded{};
  // Nothing is replaced: a variable or a command in it is refused.
  const bool is_plain = command.find_first_of("$`*?[~") == std::string::npos;
  if (!is_plain || ::wordexp(command.c_str(), &expanded, WRDE_NOCMD) != 0) {
    return failed(errc::usage, "its command line can't be cut into words");
  }
  std::vector<std::string> words(expanded.we_wordv, expanded.we_wordv + expanded.we_wordc);
  ::wordfree(&expanded);
  if (words.empty()) {
    return failed(errc::usage, "its command line is empty");
  }
  return words;
}

// A program whose standard output is read; it is killed with this.
class child {
public:
  child() = default;
  ~child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  // errno, or 0.
  int start(const std::vector<std::string>& words) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
      return errno;
    }
    output_ = fs::descriptor(pipe[0]);
    const fs::descriptor input(pipe[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
    // Our threads block and ignore signals that a program may need.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> arguments;
    for (const std::string& word : words) {
      arguments.push_back(const_cast<char*>(word.c_str()));  // posix_spawn leaves out the const
    }
    arguments.push_back(nullptr);
    const int error = ::posix_spawnp(&pid_, arguments[0], &actions, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
  }

  int output() const { return output_.get(); }

  // Its status as waitpid gives it, if it ends in time: it may live on after it has closed its output.
  std::optional<int> wait(std::chrono::milliseconds patience) {
    const fs::descriptor watched(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    pollfd waiting{watched.get(), POLLIN, 0};
    int status = 0;
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) {
      return std::nullopt;
    }
    pid_ = -1;
    return status;
  }

private:
  pid_t pid_ = -1;
  fs::descriptor output_;
};

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(std::string_view(value->get_string())) : std::string();
}

}  // namespace

result<timed_credentials> parse_process_credentials(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) {
    return failed(errc::denied, "it printed no JSON object");
  }
  const json::value* version = object->if_contains("Version");
  if (version == nullptr || *version != json::value(1)) {
    return failed(errc::denied, "what it printed has no \"Version\": 1");
  }
  timed_credentials made;
  made.keys = {text_in(*object, "AccessKeyId"), text_in(*object, "SecretAccessKey"), text_in(*object, "SessionToken")};
  if (made.keys.access_key_id.empty() || made.keys.secret_access_key.empty()) {
    return failed(errc::denied, "what it printed has no AccessKeyId or no SecretAccessKey");
  }
  if (object->contains("Expiration")) {
    made.expires_at = base::parse_timestamp(text_in(*object, "Expiration"));
    if (!made.expires_at) {
      return failed(errc::denied, "its Expiration is no time");
    }
  }
  return made;
}

result<timed_credentials> run_credential_process(const std::string& command, std::chrono::seconds patience,
                                                 const std::stop_token& stop) {
  SPILLWAY_TRY_ASSIGN(const std::vector<std::string> words, words_of(command));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  child program;
  if (const int error = program.start(words); error != 0) {
    return failed(errc::denied, base::from_errno(error, "").cause);
  }
  std::string printed;
  std::array<char, 4096> piece{};
  for (;;) {
    if (stop.stop_requested()) {
      return failure{errc::interrupted, "running credential_process", "asked to stop", {}};
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return failed(errc::unavailable, "it did not end in time");
    }
    pollfd waiting{program.output(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(glance.count())) <= 0) {
      continue;  // nothing yet, or a signal
    }
    const ssize_t got = ::read(program.output(), piece.data(), piece.size());
    if (got <= 0) {
      break;
    }
    printed.append(piece.data(), static_cast<std::size_t>(got));
    if (printed.size() > output_bytes_max) {
      return failed(errc::denied, "it printed more than 64 KiB");
    }
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  const std::optional<int> status = program.wait(std::max(left, glance));
  if (!status) {
    return failed(errc::unavailable, "it did not end in time");
  }
  if (*status != 0) {
    return failed(errc::denied, WIFEXITED(*status) ? "it ended with status " + std::to_string(WEXITSTATUS(*status))
                                                   : "it was ended by signal " + std::to_string(WTERMSIG(*status)));
  }
  return parse_process_credentials(printed);
}

}  // namespace spillway::bucket
