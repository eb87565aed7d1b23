#include "net/lookup.hpp"

#include "base/exception.hpp"
#include "base/origin.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

namespace spillway::net {
namespace {

using endpoints = result<std::vector<endpoint>>;

failure lookup_failure(int code, int error_number) {
  std::string cause = code == EAI_SYSTEM ? std::generic_category().message(error_number) : ::gai_strerror(code);
  return {errc::unavailable, "", std::move(cause), "check the host name of the endpoint, and the name server"};
}

// What the asker and the thread that asks for it share; the last of the two to go takes it away.
struct question {
  std::mutex mutex;
  std::condition_variable_any answered;
  std::optional<endpoints> answer;
};

void ask(const std::shared_ptr<question>& shared, const host_lookup& lookup, const std::string& host,
         std::uint16_t port) {
  endpoints found = failure{};
  try {
    found = lookup(host, port);
  } catch (const std::exception& thrown) {
    found = base::failure_of(thrown, "");
  }
  const std::lock_guard lock(shared->mutex);
  shared->answer = std::move(found);
  shared->answered.notify_all();
}

endpoints await_answer(question& shared, const call_limits& limits) {
  // Waiting for the end of time overflows in the library's arithmetic.
  const moment end = std::min(limits.deadline, std::chrono::steady_clock::now() + std::chrono::weeks{1});
  std::unique_lock lock(shared.mutex);
  if (shared.answered.wait_until(lock, limits.stop, end, [&] { return shared.answer.has_value(); })) {
    return std::move(*shared.answer);
  }
  return to_failure(limits.stop.stop_requested() ? wait_end::stopped : wait_end::timed_out);
}

}  // namespace

std::string to_string(const endpoint& where) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&where.storage), where.bytes, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "an unknown address";
  }
  return where.storage.ss_family == AF_INET6 ? "[" + std::string(host) + "]:" + port : std::string(host) + ":" + port;
}

endpoints system_lookup(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | (base::is_ip_literal(host) ? AI_NUMERICHOST : 0);
  addrinfo* first = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &first); code != 0) {
    return lookup_failure(code, errno);
  }
  std::vector<endpoint> found;
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
    endpoint& made = found.emplace_back();
    made.bytes = each->ai_addrlen;
    std::memcpy(&made.storage, each->ai_addr, each->ai_addrlen);
  }
  ::freeaddrinfo(first);
  return found;
}

endpoints look_up(const host_lookup& lookup, const std::string& host, std::uint16_t port, const call_limits& limits) {
  if (base::is_ip_literal(host)) {
    return system_lookup(host, port);
  }
  const auto shared = std::make_shared<question>();
  try {
    std::thread(ask, shared, lookup, host, port).detach();
  } catch (const std::system_error& error) {
    return base::from_errno(error.code().value(), "starting a thread");
  }
  return await_answer(*shared, limits);
}

}  // namespace spillway::net
