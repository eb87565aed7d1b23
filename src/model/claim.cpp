#include "model/claim.hpp"

#include "base/bytes.hpp"
#include "base/json_members.hpp"

#include <boost/json.hpp>

namespace spillway::model {
namespace json = boost::json;
namespace {

constexpr std::int64_t claim_version = 1;
constexpr std::size_t name_bytes_max = 200;

failure no_claim(std::string cause) { return {errc::invalid, "reading a claim", std::move(cause), {}}; }

}  // namespace

std::string to_json(const claim& value) {
  json::object document{{"version", claim_version},
                        {"organization", value.owner.id},
                        {"name", base::printable(value.owner.name, name_bytes_max)},
                        {"claimed_at", base::format_utc(value.claimed_at)}};
  if (!value.installation.empty()) {
    document["installation"] = value.installation;
  }
  return json::serialize(document) + "\n";
}

result<claim> parse_claim(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* document = error ? nullptr : parsed.if_object();
  if (document == nullptr) {
    return no_claim("it is not a JSON object");
  }
  const std::int64_t version = base::integer_in(*document, "version").value_or(0);
  if (version > claim_version) {
    return no_claim("it was made by a later version of Spillway");
  }
  const std::int64_t id = base::integer_in(*document, "organization").value_or(0);
  const auto name = base::text_in(*document, "name");
  const auto claimed_at = base::parse_timestamp(base::text_in(*document, "claimed_at").value_or(""));
  if (version != claim_version || id < 1 || id > id_max || !name || !claimed_at) {
    return no_claim("version, organization, name or claimed_at is missing or not understood");
  }
  return claim{
      {id, std::string(*name)}, *claimed_at, std::string(base::text_in(*document, "installation").value_or(""))};
}

}  // namespace spillway::model
