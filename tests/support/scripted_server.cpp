#include "support/scripted_server.hpp"

#include "net/message.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace spillway::test {
namespace {

// Servers' threads only: in the client's, a SIGPIPE would be a bug that the tests must see.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

struct socket_name {
  sockaddr_storage storage{};
  socklen_t bytes = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

socket_name loopback_name(loopback family) {
  socket_name name;
  if (family == loopback::ipv4) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::memcpy(&name.storage, &ipv4, name.bytes = sizeof ipv4);
  } else {
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_addr = in6addr_loopback;
    std::memcpy(&name.storage, &ipv6, name.bytes = sizeof ipv6);
  }
  return name;
}

// -1: the family is not there.
int bound_socket(loopback family) {
  socket_name name = loopback_name(family);
  const int made = ::socket(name.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made >= 0 && ::bind(made, name.get(), name.bytes) != 0) {
    ::close(made);
    return -1;
  }
  return made;
}

std::uint16_t port_of(int socket) {
  socket_name name;
  name.bytes = sizeof name.storage;
  ::getsockname(socket, name.get(), &name.bytes);
  // sin_port and sin6_port stand at the same place.
  sockaddr_in ipv4{};
  std::memcpy(&ipv4, &name.storage, sizeof ipv4);
  return ntohs(ipv4.sin_port);
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = head.find(name);
  return at == head.npos ? 0 : std::stoul(std::string(head.substr(at + name.size(), 20)));
}

}  // namespace

server_side::server_side(int socket, SSL_CTX* tls) : socket_(socket) {
  // An answer that waits in Nagle's queue behind TLS's session tickets would be lost with a close that resets.
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls != nullptr) {
    tls_ = SSL_new(tls);
    SSL_set_fd(tls_, socket);
    SSL_set_accept_state(tls_);
  }
}

server_side::~server_side() {
  if (socket_ >= 0) {
    ::close(socket_);
  }
  SSL_free(tls_);
}

void server_side::interrupt() {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) {
    ::shutdown(socket_, SHUT_RDWR);
  }
}

std::size_t server_side::read_some(char* into, std::size_t bytes) {
  if (tls_ != nullptr) {
    std::size_t got = 0;
    return SSL_read_ex(tls_, into, bytes, &got) == 1 ? got : 0;
  }
  const ssize_t got = ::recv(socket_, into, bytes, 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

void server_side::fill() {
  char piece[65'536];
  const std::size_t got = read_some(piece, sizeof piece);
  if (got == 0) {
    throw peer_gone();
  }
  unread_.append(piece, got);
}

std::string server_side::read_bytes(std::size_t count) {
  while (unread_.size() < count) {
    fill();
  }
  std::string taken = unread_.substr(0, count);
  unread_.erase(0, count);
  return taken;
}

std::string server_side::read_head() {
  std::size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == unread_.npos) {
    fill();
  }
  return read_bytes(end + 4);
}

std::string server_side::read_request() {
  const std::string head = read_head();
  return head + read_bytes(content_length(head));
}

void server_side::answer(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    if (tls_ != nullptr) {
      sent = SSL_write_ex(tls_, bytes.data(), bytes.size(), &sent) == 1 ? sent : 0;
    } else {
      const ssize_t written = ::send(socket_, bytes.data(), bytes.size(), 0);
      sent = written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    if (sent == 0) {
      throw peer_gone();
    }
    bytes.remove_prefix(sent);
  }
}

void server_side::answer_with(std::string_view body) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void server_side::wait_for_close() {
  char piece[65'536];
  while (read_some(piece, sizeof piece) != 0) {
  }
}

void server_side::close() {
  if (tls_ != nullptr) {
    SSL_shutdown(tls_);
  }
  const std::lock_guard lock(mutex_);
  ::close(std::exchange(socket_, -1));
}

void server_side::reset() {
  const std::lock_guard lock(mutex_);
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(socket_, -1));
}

scripted_server::scripted_server(std::vector<script> scripts, SSL_CTX* tls, loopback family)
    : scripts_(std::move(scripts)), tls_(tls), listener_(bound_socket(family)) {
  if (listener_ < 0 || ::listen(listener_, 128) != 0) {
    throw std::runtime_error("no socket to listen on");
  }
  port_ = port_of(listener_);
  acceptor_ = std::thread([this] { accept_all(); });
}

scripted_server::~scripted_server() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (const auto& each : sides_) {
    each->interrupt();
  }
  for (std::thread& each : threads_) {
    each.join();
  }
  ::close(listener_);
}

void scripted_server::accept_all() {
  block_sigpipe();
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      return;
    }
    const std::lock_guard lock(mutex_);
    const script& one = scripts_[std::min(sides_.size(), scripts_.size() - 1)];
    server_side& side = *sides_.emplace_back(std::make_unique<server_side>(socket, tls_));
    threads_.emplace_back([this, &one, &side] { serve(one, side); });
  }
}

// A connection ends with its script, unless the script has ended it in its own way.
void scripted_server::serve(const script& one, server_side& on) {
  block_sigpipe();
  try {
    one(on);
  } catch (const peer_gone&) {
  }
  if (on.socket_ >= 0) {
    on.close();
  }
}

base::origin scripted_server::address(const std::string& host) const {
  return {tls_ == nullptr ? base::scheme::http : base::scheme::https, host, port_};
}

std::size_t scripted_server::connections() const {
  const std::lock_guard lock(mutex_);
  return sides_.size();
}

bool has_ipv6() {
  const int socket = bound_socket(loopback::ipv6);
  if (socket >= 0) {
    ::close(socket);
  }
  return socket >= 0;
}

std::uint16_t unused_port() {
  const int socket = bound_socket(loopback::ipv4);
  const std::uint16_t port = port_of(socket);
  ::close(socket);
  return port;
}

}  // namespace spillway::test
