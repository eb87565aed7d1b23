#include "access/claim.hpp"

#include "base/bytes.hpp"
#include "base/shell_word.hpp"

#include <string>

#include <fmt/format.h>

namespace spillway::access {
namespace {

// Somebody claims and releases again between our question and our put, each time.
constexpr int puts_max = 3;

failure unreadable(const bucket::bucket& in, std::string_view why) {
  return {errc::conflict, "reading the claim on " + in.name(),
          fmt::format("the object {} does not say whose the bucket is: {}", model::claim_key, why),
          fmt::format("look at it: spillway cat {} {}; remove it if no organization delivers there",
                      base::shell_word(in.name()), model::claim_key)};
}

failure taken(const bucket::bucket& in, const model::claim& by) {
  const std::string name = base::printable(by.owner.name);
  return {
      errc::conflict, "claiming " + in.name(),
      fmt::format("organization {} ({}) delivers there, since {}", by.owner.id, name, base::format_utc(by.claimed_at)),
      fmt::format("disable or delete the connection of organization {} to this bucket, or choose another bucket",
                  by.owner.id)};
}

// nullopt: the object has gone meanwhile.
result<std::optional<std::string>> read_text(bucket::bucket& in) {
  std::string text;
  const auto got = in.get(model::claim_key, {}, [&](std::string_view piece) -> result<void> {
    text += piece;
    return text.size() > model::claim_bytes_max ? result<void>(unreadable(in, "it is too long")) : result<void>();
  });
  if (!got && got.error().code == errc::not_found) {
    return std::optional<std::string>();
  }
  return got ? result<std::optional<std::string>>(std::move(text)) : got.error();
}

result<void> put(bucket::bucket& in, const model::claim& value, const bucket::put_options& how) {
  const std::string text = to_json(value);
  bucket::put_options options;
  options.condition = bucket::put_options::when::absent;
  options.encryption = how.encryption;
  options.kms_key_id = how.kms_key_id;
  options.sha256 = base::sha256_of(text);
  options.content_type = "application/json";
  bucket::memory_body body(text);
  SPILLWAY_TRY(in.put(model::claim_key, body, options));
  return {};
}

}  // namespace

// The head first: it tells an object that is not there from a bucket that is not there.
result<std::optional<model::claim>> find_claim(bucket::bucket& in) {
  SPILLWAY_TRY_ASSIGN(const auto there, in.head(model::claim_key));
  if (!there) {
    return std::optional<model::claim>();
  }
  if (there->bytes > model::claim_bytes_max) {
    return unreadable(in, "it is too long");
  }
  SPILLWAY_TRY_ASSIGN(const auto text, read_text(in));
  if (!text) {
    return std::optional<model::claim>();
  }
  auto read = model::parse_claim(*text);
  return read ? result<std::optional<model::claim>>(std::move(*read)) : unreadable(in, read.error().cause);
}

result<void> claim_bucket(bucket::bucket& in, const model::organization& owner, base::instant now,
                          const bucket::put_options& how, std::string_view installation) {
  const model::claim ours{owner, std::chrono::floor<std::chrono::seconds>(now), std::string(installation)};
  // Each round reads back what the one before has put, or what was there before it.
  failure refused{errc::conflict, {}, "others claim and release it again and again", {}};
  for (int puts = 0;; ++puts) {
    SPILLWAY_TRY_ASSIGN(const auto found, find_claim(in));
    if (found) {
      return found->owner.id == owner.id ? result<void>() : taken(in, *found);
    }
    auto made = put(in, ours, how);
    if (!made) {
      refused = std::move(made).error();
    }
    if (refused.code != errc::conflict || puts == puts_max) {
      return base::while_doing("claiming " + in.name(), std::move(refused));
    }
  }
}

result<void> release_claim(bucket::bucket& in, model::organization_id owner) {
  SPILLWAY_TRY_ASSIGN(const auto found, find_claim(in));
  if (!found || found->owner.id != owner) {
    return {};
  }
  const auto removed = in.remove(model::claim_key);
  return removed ? removed : base::while_doing("releasing " + in.name(), removed.error());
}

}  // namespace spillway::access
