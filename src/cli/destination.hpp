// DEST: where a verb's objects are.
#pragma once

#include "bucket/bucket.hpp"
#include "bucket/s3_bucket.hpp"
#include "cli/program.hpp"
#include "store/ledger.hpp"

#include <memory>
#include <string>

namespace spillway::cli {

// DEST of a verb that reads or writes a bucket: s3://BUCKET/PREFIX, or a directory. Keys of it start with `prefix`.
struct destination {
  std::unique_ptr<bucket::bucket> opened;
  store::place place;       // as the ledger has it: "s3://raw/analytics", or the absolute path
  std::string bucket_name;  // "raw"; empty: a directory
  std::string prefix;       // "" or "analytics/exports"
};
enum class make_bucket { no, yes };
// Its names alone, without looking whether anything is there.
result<destination> locate_destination(const std::string& dest, const session& with);
// Opens what was located, at the endpoint that was found then: the ledger has it in the name of the place.
result<destination> open_located(destination located, make_bucket make, const session& with);
// Both.
result<destination> open_destination(const std::string& dest, make_bucket make, const session& with);
// The same with other settings than those of the command line.
result<destination> open_destination(const std::string& dest, make_bucket make, const aws_choice& aws,
                                     const session& with);
// How a bucket of S3 is opened, at the endpoint of `located`. REQUIRES: `located` is one.
result<bucket::s3_options> s3_options_of(const destination& located, const aws_choice& aws);
// errc::usage: options that contradict each other.
result<bucket::put_options> put_options_of(const aws_choice& wanted);

}  // namespace spillway::cli
