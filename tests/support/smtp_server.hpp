// The server of smtp_server.py for a test, as a process that ends with this.
#pragma once

#include "support/temp_dir.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>
#include <boost/json/object.hpp>

namespace spillway::test {

class smtp_server {
public:
  // `options` as smtp_server.py has them. Returns when it may be connected to, or with "--down" when its port is known.
  explicit smtp_server(const std::vector<std::string>& options);
  ~smtp_server();
  smtp_server(const smtp_server&) = delete;
  smtp_server& operator=(const smtp_server&) = delete;

  std::string port() const { return port_; }
  std::string authority() const { return (folder_ / "ca.crt").string(); }
  // Ends "--down".
  void come_up();
  // What it took, in order: {"envelope_to": [...], "headers": {...}, "body": "..."}.
  std::vector<boost::json::object> messages() const;

private:
  std::string read_line() const;

  temp_dir folder_;
  pid_t id_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string port_;
};

}  // namespace spillway::test
