#include "net/tcp_stream.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace spillway::net {
namespace {

failure broken(int error_number) { return {errc::unavailable, "", std::generic_category().message(error_number), {}}; }

iovec to_iovec(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

class tcp_stream final : public byte_stream {
public:
  explicit tcp_stream(descriptor socket) : socket_(std::move(socket)) {}

  io_step read_some(std::span<char> into) override {
    const ssize_t got = ::recv(socket_.get(), into.data(), into.size(), 0);
    return got == 0 ? io_step{progress::closed, 0, {}} : step_of(got, progress::needs_read);
  }

  io_step write_some(std::string_view first, std::string_view second) override {
    iovec pieces[] = {to_iovec(first), to_iovec(second)};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    // Without MSG_NOSIGNAL a peer that is gone would end the process by SIGPIPE.
    return step_of(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL), progress::needs_write);
  }

  wait_end wait(interest wanted, const waiter& limits, moment until) override {
    return limits.wait(socket_.get(), wanted, until);
  }

private:
  static io_step step_of(ssize_t moved, progress if_not_now) {
    if (moved >= 0) {
      return {progress::moved, static_cast<std::size_t>(moved), {}};
    }
    // A signal moves nothing on a socket that does not block; the caller tries again after a wait that ends at once.
    if (errno == EAGAIN || errno == EINTR) {
      return {if_not_now, 0, {}};
    }
    return {progress::failed, 0, broken(errno)};
  }

  descriptor socket_;
};

result<descriptor> open_socket(const endpoint& to) {
  descriptor made(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) {
    return base::from_errno(errno, "making a socket");
  }
  // A request's last bytes are not held back until the acknowledgement of those before.
  const int on = 1;
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

// What a connect that went on in the background came to; 0 or errno.
int connect_error(const descriptor& socket) {
  int error_number = 0;
  socklen_t bytes = sizeof error_number;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error_number, &bytes) != 0) {
    return errno;
  }
  return error_number;
}

}  // namespace

result<std::unique_ptr<byte_stream>> connect_tcp(const endpoint& to, const waiter& limits, moment until) {
  SPILLWAY_TRY_ASSIGN(descriptor socket, open_socket(to));
  int error_number = 0;
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.bytes) != 0) {
    error_number = errno;
  }
  // A signal leaves the connect going on too (POSIX, connect).
  if (error_number == EINPROGRESS || error_number == EINTR) {
    const wait_end end = limits.wait(socket.get(), interest::write, until);
    if (end == wait_end::timed_out || end == wait_end::stopped) {
      return to_failure(end);
    }
    error_number = connect_error(socket);
  }
  if (error_number != 0) {
    return broken(error_number);
  }
  return std::make_unique<tcp_stream>(std::move(socket));
}

}  // namespace spillway::net
