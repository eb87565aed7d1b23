// What is looked at of DEST around an export: whether it is one at all, or an input behind which DEST was forgotten;
// and whether what was delivered there is still there.
#pragma once

#include "cli/destination.hpp"

#include <string>
#include <vector>

namespace spillway::cli {

// Whether there is something. Of a bucket of S3 that is not asked.
bool is_there(const destination& to);

// `paths` are those of the command line, the last of which is `to`. errc::usage: it is a file, named as
// one, or standard input.
result<void> check_is_no_file(const destination& to, const std::vector<std::string>& paths);

// errc::usage: the only path is a directory with files to take in, which the ledger does not know. `ledger` is null
// where there is no state file yet.
result<void> check_is_no_input(const destination& to, const std::vector<std::string>& paths, db::database* ledger,
                               const session& with);

// errc::not_found: the directory is not there, and the ledger has delivered to it. Making it anew would hide that.
result<void> check_is_not_gone(const destination& to, db::database& ledger, const session& with);

// Says on standard error that the open directory has no object, though the ledger has delivered to it: a note, since
// who reads a bucket may take away what is read.
result<void> note_if_emptied(const destination& to, db::database& ledger, const session& with);

}  // namespace spillway::cli
