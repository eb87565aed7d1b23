// Whose bucket is it? A bucket takes the exports of one organization; the object model::claim_key says of which.
//
// Organizations are told apart by their ids. Two state files that have both left theirs at number 1 are one
// organization to each other.
//
// A claim is put with "If-None-Match: *", so that of two that claim at once one wins. On a server that passes the
// header over (spillway verify says which does) the later put replaces the earlier one: it is looked before whether
// somebody is there, and read back afterwards. What remains there: both are told yes if the second put comes after the
// first has read its own back, and the second had looked before the first was put. The next claim_bucket of the one
// that was replaced says so; whoever delivers there for long asks again, as when a connection is enabled.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "bucket/bucket.hpp"
#include "model/claim.hpp"

#include <optional>
#include <string_view>

namespace spillway::access {

// Takes the bucket for `owner`; nothing changes if it has it already. `how` is what exports put objects with: its
// encryption is the claim's too, for buckets that demand one. Needs s3:GetObject, s3:PutObject and s3:ListBucket.
// `installation` is written into it. errc::conflict: another organization has it (the cause says which, and since
// when), or the object there is no claim.
result<void> claim_bucket(bucket::bucket& in, const model::organization& owner, base::instant now,
                          const bucket::put_options& how = {}, std::string_view installation = {});

// nullopt: nobody's. errc::conflict: an object is there that is no claim; the cause says why.
result<std::optional<model::claim>> find_claim(bucket::bucket& in);

// Takes the claim of `owner` away. Nobody's and another's are left as they are, which is no failure.
// errc::conflict: as find_claim. Needs s3:DeleteObject.
result<void> release_claim(bucket::bucket& in, model::organization_id owner);

}  // namespace spillway::access
