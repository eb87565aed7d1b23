#include "model/connection.hpp"

#include <algorithm>
#include <iterator>

namespace spillway::model {
namespace {

// Spellings in the order of their enumerators.
constexpr std::string_view marker_names[] = {"manifest", "empty", "off"};
constexpr std::string_view kind_names[] = {"implicit", "scheduled"};
constexpr std::string_view state_names[] = {"enabled", "disabled"};
constexpr std::string_view data_names[] = {"events", "merged-ids", "both"};
constexpr std::string_view principal_names[] = {"role", "root"};
constexpr std::string_view claim_names[] = {"none", "object"};

template <class Enumeration, std::size_t Count>
std::optional<Enumeration> find_name(const std::string_view (&names)[Count], std::string_view text) {
  const auto found = std::ranges::find(names, text);
  return found == std::end(names) ? std::nullopt : std::optional(static_cast<Enumeration>(found - names));
}

constexpr std::string_view s3_scheme = "s3://";

}  // namespace

place bucket_of(const place& which) {
  if (!which.destination.starts_with(s3_scheme)) {
    return which;
  }
  return {which.destination.substr(0, which.destination.find('/', s3_scheme.size())), which.endpoint};
}

std::string bucket_name_of(const place& which) {
  const bool is_directory = !which.destination.starts_with(s3_scheme);
  return is_directory ? std::string() : bucket_of(which).destination.substr(s3_scheme.size());
}

std::string_view to_string(marker_kind kind) { return marker_names[static_cast<std::size_t>(kind)]; }
std::string_view to_string(connection_kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }
std::string_view to_string(connection_state state) { return state_names[static_cast<std::size_t>(state)]; }
std::string_view to_string(data_choice data) { return data_names[static_cast<std::size_t>(data)]; }
std::string_view to_string(principal_kind principal) { return principal_names[static_cast<std::size_t>(principal)]; }
std::string_view to_string(claim_choice claim) { return claim_names[static_cast<std::size_t>(claim)]; }

std::optional<marker_kind> parse_marker_kind(std::string_view text) {
  return find_name<marker_kind>(marker_names, text);
}
std::optional<connection_kind> parse_connection_kind(std::string_view text) {
  return find_name<connection_kind>(kind_names, text);
}
std::optional<connection_state> parse_connection_state(std::string_view text) {
  return find_name<connection_state>(state_names, text);
}
std::optional<data_choice> parse_data_choice(std::string_view text) { return find_name<data_choice>(data_names, text); }
std::optional<principal_kind> parse_principal_kind(std::string_view text) {
  return find_name<principal_kind>(principal_names, text);
}
std::optional<claim_choice> parse_claim_choice(std::string_view text) {
  return find_name<claim_choice>(claim_names, text);
}

hour first_hour_of_day(base::instant when) { return hour_of(std::chrono::floor<std::chrono::days>(when)); }

bool is_within_takeover_time(const connection& disabled, base::instant now) {
  return now - disabled.disabled_at.value_or(now) <= takeover_time_max;
}

}  // namespace spillway::model
