// A server on loopback that does exactly what a test tells it: which bytes after which, a cut, a reset, silence.
#pragma once

#include "base/origin.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace spillway::test {

// Thrown out of a script when the client, or the test, has ended the connection; it ends the script quietly.
struct peer_gone : std::runtime_error {
  peer_gone() : std::runtime_error("the peer is gone") {}
};

// One connection as the server sees it. Calls block.
class server_side {
public:
  server_side(int socket, SSL_CTX* tls);
  ~server_side();
  server_side(const server_side&) = delete;
  server_side& operator=(const server_side&) = delete;

  std::string read_head();  // up to and with the empty line
  std::string read_bytes(std::size_t count);
  std::string read_request();  // a head and as much as its Content-Length says
  void answer(std::string_view bytes);
  void answer_with(std::string_view body);  // 200 and a Content-Length
  void wait_for_close();                    // the client's; reads and drops what still comes
  void close();                             // in good order, with TLS's goodbye
  void reset();                             // RST: what the client had not read is lost to it, or not, as TCP wants

private:
  friend class scripted_server;
  void interrupt();
  std::size_t read_some(char* into, std::size_t bytes);
  void fill();

  std::mutex mutex_;  // over socket_, which the test's thread may shut down
  int socket_;
  SSL* tls_ = nullptr;
  std::string unread_;
};

enum class loopback { ipv4, ipv6 };

// Connection n gets script n; the last script serves all that come behind. The destructor cuts what still goes on.
class scripted_server {
public:
  using script = std::function<void(server_side&)>;

  explicit scripted_server(std::vector<script> scripts, SSL_CTX* tls = nullptr, loopback family = loopback::ipv4);
  explicit scripted_server(script one) : scripted_server(std::vector<script>{std::move(one)}) {}
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  base::origin address(const std::string& host = "127.0.0.1") const;
  std::size_t connections() const;

private:
  void accept_all();
  void serve(const script& one, server_side& on);

  std::vector<script> scripts_;
  SSL_CTX* tls_;
  int listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<server_side>> sides_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// Whether this machine has an IPv6 loopback.
bool has_ipv6();

// A port of 127.0.0.1 where nobody listens.
std::uint16_t unused_port();

}  // namespace spillway::test
