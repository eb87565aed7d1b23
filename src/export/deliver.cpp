#include "export/deliver.hpp"

#include "base/shortage.hpp"
#include "export/marker.hpp"
#include "export/merge_file.hpp"
#include "model/object_key.hpp"

#include <cstring>

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

class job_delivery {
public:
  job_delivery(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted,
               const std::stop_token& stop)
      : to_(to), reader_(reader), plan_(plan), wanted_(wanted), stop_(stop) {}

  result<delivery> run() {
    for (const store::object_row& object : plan_.objects) {
      if (object.delivered_at) {
        continue;
      }
      if (!done_.objects.empty() && stop_.stop_requested()) {
        return failure{errc::interrupted, "putting " + object.key, "asked to stop", std::string(base::hint_to_go_on)};
      }
      auto receipt = put_object(object);
      if (!receipt) {
        return receipt.error();
      }
      done_.objects.push_back({object.id, receipt->etag});
      done_.bytes += object.bytes;
      done_.events += object.events;
    }
    if (has_marker()) {
      SPILLWAY_TRY_ASSIGN(const bool is_untrue, replaces() ? lists_unknown(to_, plan_, wanted_) : result<bool>(false));
      if (is_untrue) {
        SPILLWAY_TRY(remove_foreign());
      }
      SPILLWAY_TRY(put_marker(to_, plan_, wanted_));
    }
    return std::move(done_);
  }

private:
  // The ledger was written before: whatever is there under the key is this object, put by a run that was cut off, or an
  // earlier state of one of ours, or somebody else's.
  result<bucket::receipt> put_object(const store::object_row& object) {
    bucket::put_options options = wanted_.put;
    options.sha256 = object.sha256;
    options.part_sha256s = object.part_sha256s;
    options.condition = bucket::put_options::when::absent;
    auto made = put(object, options);
    if (!made && made.error().code == errc::conflict) {
      SPILLWAY_TRY_ASSIGN(const found_object there, look_again_at_object(to_, object, wanted_));
      SPILLWAY_TRY_ASSIGN(const standing stands, standing_of(object, there, made.error()));
      if (stands == standing::stays) {
        return there.receipt;
      }
      if (stands == standing::makes_way) {
        SPILLWAY_TRY(remove_marker());  // it says that what it names is there
        SPILLWAY_TRY(replaces() ? remove_foreign() : result<void>());
      }
      options.condition = bucket::put_options::when::always;
      made = put(object, options);
    }
    if (!made) {
      return made;
    }
    SPILLWAY_TRY_ASSIGN(const found_object there, look_at_object(to_, object, wanted_, made->etag));
    if (there.is_unencrypted) {
      return failure{errc::invalid, "putting " + object.key, "it is stored without the encryption that was asked for",
                     "this server passes --sse over: leave it out, or deliver elsewhere"};
    }
    if (there.what != found_object::kind::same) {
      return failure{errc::corrupt, "putting " + object.key, "what the bucket holds after it is not what was sent",
                     "run the command again; if it stays, check the disk or the server"};
    }
    return made;
  }

  // What becomes of an object that is there already.
  enum class standing {
    stays,
    is_put_again,  // the right bytes, without the encryption that is asked for
    makes_way,     // for other bytes
  };
  // `refused`: the conflict that the put met.
  result<standing> standing_of(const store::object_row& object, const found_object& there, const failure& refused) {
    if (there.what == found_object::kind::same) {
      return there.is_unencrypted ? standing::is_put_again : standing::stays;
    }
    if (there.what == found_object::kind::nothing) {
      if (!refused.hint.empty()) {  // of a directory, which knows what is in the way; S3 has objects only
        return refused;
      }
      return failure{errc::unavailable, "putting " + object.key,
                     "the bucket says that something is there, and nothing is", "run the command again"};
    }
    SPILLWAY_TRY_ASSIGN(const merge_file merges, look_at_merges(object));
    if (merges == merge_file::newer) {
      return standing::stays;  // put for another connection, which knew of more
    }
    SPILLWAY_TRY_ASSIGN(const bool is_ours, is_ours_already(object));
    if (!is_ours && merges == merge_file::other && wanted_.foreign == model::foreign_objects::refuse) {
      return foreign_failure(plan_, wanted_, object.key, "another object is there, which the ledger does not know");
    }
    return standing::makes_way;
  }

  result<merge_file> look_at_merges(const store::object_row& object) {
    return plan_.job.kind == store::job_kind::merges ? look_at_merge_file(to_, reader_, plan_.where(), object)
                                                     : result<merge_file>(merge_file::other);
  }

  // An object that was delivered and is put again has kept its ETag. The file of an hour's merges may have been put for
  // any connection of the organization.
  result<bool> is_ours_already(const store::object_row& object) {
    if (!object.etag.empty()) {
      return true;
    }
    return plan_.job.kind == store::job_kind::merges ? store::was_delivered(reader_, plan_.job, object.key)
                                                     : result<bool>(false);
  }

  result<bucket::receipt> put(const store::object_row& object, bucket::put_options options) {
    const auto staged = wanted_.staged != nullptr ? wanted_.staged->take(object.sha256) : nullptr;
    options.staged = staged.get();
    SPILLWAY_TRY_ASSIGN(const auto body, open_body(reader_, plan_.where(), object));
    return to_.put(object.key, *body, options);
  }

  bool has_marker() const {
    return plan_.job.kind == store::job_kind::events && plan_.job.marker != model::marker_kind::off;
  }

  bool replaces() const {
    return plan_.job.kind == store::job_kind::events && wanted_.foreign == model::foreign_objects::replace;
  }

  // Other partitions of the hour, which have its events a second time.
  result<void> remove_foreign() {
    const std::string marker = marker_key(plan_, wanted_);
    std::vector<std::string> foreign;
    const std::string prefix = marker.substr(0, marker.size() - std::strlen("_complete"));
    SPILLWAY_TRY(to_.list_all(prefix, {}, [&](const bucket::object_info& each) -> result<void> {
      const auto name = model::parse_key(each.key);
      if (name && name->kind == model::object_kind::events && name->hour == plan_.job.hour &&
          !is_named(plan_, each.key)) {
        foreign.push_back(each.key);
      }
      return {};
    }));
    for (const std::string& key : foreign) {
      SPILLWAY_TRY(to_.remove(key));
    }
    return {};
  }

  result<void> remove_marker() {
    return plan_.job.kind == store::job_kind::events ? to_.remove(marker_key(plan_, wanted_)) : result<void>();
  }

  bucket::bucket& to_;
  db::database& reader_;
  const job_plan& plan_;
  const settings& wanted_;
  const std::stop_token& stop_;
  delivery done_;
};

result<bool> has_hash_of(bucket::bucket& in, const store::object_row& object, const bucket::object_info& there,
                         std::string_view put_etag) {
  if (there.sha256) {
    return *there.sha256 == object.sha256;
  }
  if (there.sha256_of_parts && !object.part_sha256s.empty()) {
    return *there.sha256_of_parts == base::sha256_of_digests(object.part_sha256s);
  }
  // Without a recorded checksum (a file that was changed by hand, or put by others) the bytes themselves are hashed,
  // unless the ETag says that they are those of the put: it was checked as it came.
  if (!put_etag.empty() && there.etag == put_etag) {
    return true;
  }
  base::sha256 hash;
  SPILLWAY_TRY(in.get(object.key, {}, [&hash](std::string_view piece) -> result<void> {
    hash.update(piece);
    return {};
  }));
  return hash.finish() == object.sha256;
}

// `there` is what head() says.
result<found_object> compare(bucket::bucket& in, const store::object_row& object,
                             const std::optional<bucket::object_info>& there, const settings& wanted,
                             std::string_view put_etag) {
  if (!there) {
    return found_object{};
  }
  if (there->bytes != static_cast<std::uint64_t>(object.bytes)) {
    return found_object{found_object::kind::other};
  }
  SPILLWAY_TRY_ASSIGN(const bool is_same, has_hash_of(in, object, *there, put_etag));
  const bool is_unencrypted =
      wanted.put.encryption != bucket::encryption::bucket_default && there->encryption == bucket::encryption::none;
  return found_object{is_same ? found_object::kind::same : found_object::kind::other,
                      {there->etag, there->bytes},
                      is_unencrypted};
}

}  // namespace

result<found_object> look_at_object(bucket::bucket& in, const store::object_row& object, const settings& wanted,
                                    std::string_view put_etag) {
  SPILLWAY_TRY_ASSIGN(const auto there, in.head(object.key));
  return compare(in, object, there, wanted, put_etag);
}

result<found_object> look_again_at_object(bucket::bucket& in, const store::object_row& object, const settings& wanted) {
  SPILLWAY_TRY_ASSIGN(auto there, in.head(object.key));
  if (there && in.may_have_rotted()) {
    there->sha256.reset();
  }
  return compare(in, object, there, wanted, {});
}

result<delivery> deliver(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted,
                         const std::stop_token& stop) {
  auto made = job_delivery(to, reader, plan, wanted, stop).run();
  return made ? std::move(made) : base::while_doing("delivering to " + to.name(), std::move(made).error());
}

}  // namespace spillway::exporting
