// The parts of a migration that only reckon: whom the policies let in, what the new connection is, what is still of the
// old kind. Pure, but for what reads the state file.
#pragma once

#include "connection/migration.hpp"
#include "s3/policy.hpp"
#include "s3/policy_document.hpp"

#include <string>
#include <string_view>

namespace spillway::connection {

// The titles of steps 0 to 11, and of 1 to 5 back: the specification's sentences in our words.
std::string title_of(int step);
std::string title_of_rollback(int step);

// A migration that has not begun, of a connection of the old kind. errc::usage, errc::conflict as migrate().
result<store::migration_row> plan_migration(db::database& state, const model::connection& old,
                                            const migration_request& asked, base::instant now);

// What a later run says, taken into one that was begun: another key until step 8 is done, and another profile until
// step 9 is. errc::usage: it says otherwise.
result<void> take_request(store::migration_row& row, const migration_request& asked);

// The bucket of a directory is named as the directory is, if a bucket could be, else "mirror".
// errc::usage: not the id of a key.
result<s3::grant> grant_of(const store::migration_row& row);

model::connection new_connection_of(const model::connection& old, const store::migration_row& row);

// Whether the statement of the old kind may go with this migration: it lets in all connections of the old kind that the
// bucket has.
result<s3::legacy_statement> legacy_after(db::database& state, const store::migration_row& row);

// The bucket's policy with the role's statement. errc::invalid: it holds no policy.
result<std::string> policy_after(const std::optional<std::string>& before, const s3::grant& grant,
                                 s3::legacy_statement legacy);
// Whether that has been done with a policy.
bool is_policy_after(const std::optional<std::string>& now, const s3::grant& grant, s3::legacy_statement legacy);
// Whether both say the same: servers spell a policy otherwise than it was put.
bool is_same_policy(const std::optional<std::string>& one, const std::optional<std::string>& other);

bucket::encryption_setting encryption_after(const std::optional<bucket::encryption_setting>& before,
                                            const std::string& kms_key_id);

// Whether what a server says is the key that was named: it names an ARN where an id was given.
bool is_key(std::string_view told, std::string_view named);

std::string describe(const std::optional<bucket::encryption_setting>& setting);

// For somebody with the credentials: "aws s3api get-bucket-policy --bucket raw --endpoint-url http://127.0.0.1:9000".
std::string bucket_command(std::string_view action, const model::place& of);
// "aws s3api put-bucket-encryption ...".
std::string encryption_command(const model::place& of, const std::optional<bucket::encryption_setting>& wanted);

}  // namespace spillway::connection
