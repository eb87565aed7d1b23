// What every bucket must do, whatever it is made of. A test file of an implementation defines RUN(name) as
// BOOST_AUTO_TEST_CASE(name) { test::contract::name(make_bucket); } in its suite and says
// SPILLWAY_BUCKET_CONTRACT(RUN), and those of the others that hold for it.
#pragma once

#include "bucket/bucket.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace spillway::test {

// Makes a fresh, empty bucket; what it stands on goes with the last pointer to it.
using bucket_factory = std::function<std::shared_ptr<bucket::bucket>()>;

// A body in pieces of `piece_bytes`, as a stitched object comes; `failing` gives its failure behind the last piece.
class piecewise_body final : public bucket::body_source {
public:
  piecewise_body(std::string text, std::size_t piece_bytes) : text_(std::move(text)), piece_bytes_(piece_bytes) {}
  std::uint64_t bytes() const override { return text_.size(); }
  result<void> read(const std::function<result<void>(std::string_view)>& sink) override;
  result<void> failing = {};

private:
  std::string text_;
  std::size_t piece_bytes_;
};

// Bytes that differ from place to place and from seed to seed.
inline constexpr std::size_t mib = std::size_t{1} << 20;
std::string some_bytes(std::size_t bytes, unsigned seed);

// Short hands for tests: they fail the test if the bucket fails.
std::string put_text(bucket::bucket& to, std::string_view key, std::string_view text);  // the ETag
std::string get_text(bucket::bucket& from, std::string_view key);
std::string list_text(bucket::bucket& of, std::string_view prefix = "");  // the keys, each with a '\n'

bucket::put_options only_if_absent();
bucket::put_options hashing_to(std::string_view text);

}  // namespace spillway::test

#define SPILLWAY_BUCKET_CONTRACT(RUN)                           \
  RUN(a_put_is_read_back_with_its_size_and_etag)                \
  RUN(an_empty_object_is_an_object)                             \
  RUN(a_second_put_replaces_the_first)                          \
  RUN(a_key_that_is_not_there_has_no_head_and_can_not_be_got)   \
  RUN(a_range_gives_the_bytes_asked_for)                        \
  RUN(a_range_behind_the_end_is_invalid)                        \
  RUN(the_failure_of_a_sink_ends_a_get)                         \
  RUN(a_large_object_arrives_whole)                             \
  RUN(keys_are_listed_in_byte_order)                            \
  RUN(a_listing_tells_sizes_and_etags_as_head_does)             \
  RUN(a_prefix_limits_a_listing)                                \
  RUN(pages_join_to_the_whole_listing)                          \
  RUN(all_of_a_listing_is_what_its_pages_hold)                  \
  RUN(a_page_behind_a_key_that_is_not_there_starts_at_the_next) \
  RUN(a_page_has_1_to_1000_keys)                                \
  RUN(a_removed_object_is_gone_and_can_be_removed_again)        \
  RUN(a_conditional_put_never_replaces)                         \
  RUN(a_conditional_put_stores_again_after_a_remove)            \
  RUN(a_body_with_another_hash_is_refused_and_changes_nothing)  \
  RUN(head_tells_the_hash_of_a_put)                             \
  RUN(a_body_that_fails_stores_nothing)                         \
  RUN(a_staged_body_is_put_as_another_is)                       \
  RUN(awkward_keys_hold_objects)                                \
  RUN(long_keys_hold_objects)                                   \
  RUN(puts_and_removes_from_many_threads_all_count)             \
  RUN(parts_become_their_concatenation)                         \
  RUN(one_small_part_becomes_an_object)                         \
  RUN(nothing_is_visible_before_an_upload_is_complete)          \
  RUN(a_part_put_again_replaces_the_earlier_one)                \
  RUN(an_aborted_upload_is_gone)                                \
  RUN(a_completed_upload_is_gone)                               \
  RUN(parts_out_of_order_are_refused)                           \
  RUN(a_small_part_before_the_last_is_refused)                  \
  RUN(a_part_that_was_not_put_is_refused)                       \
  RUN(an_upload_without_parts_is_refused)                       \
  RUN(an_unknown_upload_is_not_found)                           \
  RUN(the_parts_of_an_upload_are_listed)                        \
  RUN(an_upload_under_way_is_listed_under_its_key)              \
  RUN(a_conditional_upload_never_replaces)                      \
  RUN(a_bucket_has_a_location_and_no_policy)                    \
  RUN(a_policy_is_put_read_replaced_and_removed)                \
  RUN(a_policy_that_was_read_can_be_put_back)                   \
  RUN(what_is_no_policy_is_refused_and_changes_nothing)         \
  RUN(a_bucket_without_a_policy_has_none_to_remove)

// For buckets that look whether something is there, and store, in one step.
#define SPILLWAY_BUCKET_ONE_STEP_CONTRACT(RUN) RUN(only_one_of_many_conditional_puts_wins)

// For buckets that keep files, and lose nothing when a remove takes a directory away into which a put goes.
#define SPILLWAY_BUCKET_DIRECTORY_CONTRACT(RUN) RUN(a_directory_that_removes_empty_takes_puts)

// For buckets that can encrypt.
#define SPILLWAY_BUCKET_ENCRYPTION_CONTRACT(RUN)              \
  RUN(a_default_encryption_is_put_read_replaced_and_removed)  \
  RUN(a_default_encryption_that_was_read_can_be_put_back)     \
  RUN(what_is_put_afterwards_is_encrypted_as_the_bucket_says) \
  RUN(a_bucket_without_a_default_encryption_has_none_to_remove)

namespace spillway::test::contract {
#define SPILLWAY_DECLARE(name) void name(const bucket_factory& make);
SPILLWAY_BUCKET_CONTRACT(SPILLWAY_DECLARE)
SPILLWAY_BUCKET_ONE_STEP_CONTRACT(SPILLWAY_DECLARE)
SPILLWAY_BUCKET_DIRECTORY_CONTRACT(SPILLWAY_DECLARE)
SPILLWAY_BUCKET_ENCRYPTION_CONTRACT(SPILLWAY_DECLARE)
#undef SPILLWAY_DECLARE
}  // namespace spillway::test::contract
