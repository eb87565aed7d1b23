// A directory that behaves like a bucket: the key "1/1_2020-01-25_17#1.json.gz" is the file of that path.
//
// - An object is written beside the tree, synced, renamed to its name, and its directory is synced: a reader sees the
//   old bytes or the new, and what a put has returned for survives a power cut. The whole bucket must lie on one file
//   system.
// - What a file system can't hold is refused: see mirror_paths.hpp for keys; "k" and "k/child" at once is
//   errc::conflict, where S3 takes both. Directories that become empty are removed.
// - Nothing but regular files below the root is an object, and symbolic links are never followed.
// - ".spillway/" at the root is the mirror's own (mirror_paths.hpp), made with the first put. A directory without it,
//   such as a copy of a real bucket, can be read and is left as it is.
// - The ETag says which put it was, not which bytes: "23df-bc55-15ecf1a5d8e3b000".
// - `.spillway/bucket.json` makes it behave like a bucket with a policy, a default encryption, a missing permission or
//   faults (bucket_rules.hpp). Policy and default encryption are written to it when they are put; mirrors that are open
//   elsewhere learn of it when they are opened again.
// - Several processes may use one mirror.
#pragma once

#include "base/clock.hpp"
#include "bucket/bucket.hpp"

#include <filesystem>
#include <memory>

namespace spillway::bucket {

enum class create_root { yes, no };

// Opens the mirror, and removes what puts that were killed have left. `root` may be a symbolic link to the directory.
// `clock` must live as long as the mirror; it only dates multipart uploads.
// errc::not_found: create_root::no, and there is no such directory. errc::conflict: `root` is no directory.
// errc::invalid: bucket.json can't be taken; the cause says why.
result<std::unique_ptr<bucket>> open_mirror(std::filesystem::path root, const base::clock& clock, create_root create);

}  // namespace spillway::bucket
