#include "connection/trouble.hpp"

#include <algorithm>
#include <iterator>

namespace spillway::connection {
namespace {

constexpr bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || is_capital(c); }

}  // namespace

bool needs_a_person(errc code) {
  return code == errc::denied || code == errc::usage || code == errc::not_found || code == errc::invalid;
}

store::access_trouble after_refusal(const std::optional<store::access_trouble>& before, const failure& refused,
                                    base::instant now) {
  store::access_trouble seen = before.value_or(store::access_trouble{});
  // By a clock that was ahead and is set back it began in what is to come: it is counted from now.
  if (!before || before->since > now) {
    seen.since = now;
  }
  ++seen.attempts;
  seen.detail = refused.text();
  if (std::string named = permission_in(refused.text()); !named.empty()) {
    seen.permission = std::move(named);
  }
  const auto next = std::ranges::find_if(access_tries, [&](auto after) { return seen.since + after > now; });
  if (!seen.blocked_at && next != std::end(access_tries)) {
    seen.next_try_at = seen.since + *next;
    return seen;
  }
  seen.blocked_at = seen.blocked_at.value_or(now);
  seen.next_try_at = now + access_probe_interval;
  return seen;
}

std::chrono::seconds retry_delay_max(int failures) {
  return std::min(std::chrono::seconds{1 << std::clamp(failures - 1, 0, 16)}, retry_delay_longest);
}

std::string permission_in(std::string_view text) {
  for (const std::string_view service : {"s3:", "kms:"}) {
    for (std::size_t at = text.find(service); at != std::string_view::npos; at = text.find(service, at + 1)) {
      std::size_t end = at + service.size();
      while (end < text.size() && is_letter(text[end])) {
        ++end;
      }
      // "s3://raw" names a place, and so does "arn:aws:kms:eu-west-1:...".
      const bool is_whole_word = at == 0 || (!is_letter(text[at - 1]) && text[at - 1] != ':');
      if (end > at + service.size() && is_capital(text[at + service.size()]) && is_whole_word) {
        return std::string(text.substr(at, end - at));
      }
    }
  }
  return {};
}

}  // namespace spillway::connection
