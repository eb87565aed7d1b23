#include "s3/clock_skew.hpp"

#include "s3/http_date.hpp"

#include <algorithm>
#include <array>

namespace spillway::s3 {
namespace {

// Errors that have other reasons too. HEAD answers have no code, so that an absent one is as ambiguous.
constexpr std::array<std::string_view, 5> ambiguous_codes = {"InvalidSignatureException", "SignatureDoesNotMatch",
                                                             "AuthFailure", "AccessDeniedException", ""};

}  // namespace

std::optional<clock_skew> measure_skew(const std::vector<header>& headers, base::instant sent_at,
                                       base::instant received_at) {
  const auto date = parse_http_date(find_header(headers, "date"));
  if (!date || !find_header(headers, "age").empty() || received_at - sent_at > skew_allowed) {
    return std::nullopt;
  }
  return *date - (sent_at + (received_at - sent_at) / 2);
}

bool is_clock_error(std::string_view error_code, clock_skew measured, clock_skew used) {
  if (error_code == "RequestTimeTooSkewed") {
    return true;
  }
  const bool is_ambiguous =
      std::find(ambiguous_codes.begin(), ambiguous_codes.end(), error_code) != ambiguous_codes.end();
  return is_ambiguous && std::chrono::abs(measured - used) >= skew_suspicious;
}

}  // namespace spillway::s3
