#include "support/smtp_server.hpp"

#include "fs/read_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/json.hpp>

namespace spillway::test {

smtp_server::smtp_server(const std::vector<std::string>& options) {
  const char* program = std::getenv("SPILLWAY_SMTP_SERVER");
  if (program == nullptr) {
    throw std::runtime_error("SPILLWAY_SMTP_SERVER is not set: tests/support/smtp_server.py --for COMMAND");
  }
  std::vector<std::string> words{program, folder_.path().string()};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  int to_it[2];
  int from_it[2];
  if (::pipe2(to_it, O_CLOEXEC) != 0 || ::pipe2(from_it, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, to_it[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, from_it[1], STDOUT_FILENO);
  const int error = ::posix_spawn(&id_, program, &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(to_it[0]);
  ::close(from_it[1]);
  input_ = to_it[1];
  output_ = from_it[0];
  if (error != 0) {
    throw std::runtime_error("smtp_server.py can't be started");
  }
  port_ = read_line();
  if (std::ranges::find(options, "--down") == options.end()) {
    read_line();
  }
}

smtp_server::~smtp_server() {
  ::close(input_);  // which ends it
  ::waitpid(id_, nullptr, 0);
  ::close(output_);
}

void smtp_server::come_up() {
  (void)!::write(input_, "\n", 1);
  read_line();
}

std::string smtp_server::read_line() const {
  std::string line;
  for (char byte = 0; ::read(output_, &byte, 1) == 1 && byte != '\n';) {
    line += byte;
  }
  if (line.empty()) {
    throw std::runtime_error("smtp_server.py has ended");
  }
  return line;
}

std::vector<boost::json::object> smtp_server::messages() const {
  std::vector<boost::json::object> taken;
  for (;;) {
    const auto text = fs::read_file(folder_ / (std::to_string(taken.size() + 1) + ".json"), 1 << 20);
    if (!text) {
      return taken;
    }
    taken.push_back(boost::json::parse(*text).as_object());
  }
}

}  // namespace spillway::test
