// The hashes of a planned object, by which it is signed, stored and compared: of the whole, and of the parts that S3
// gets it in.
#pragma once

#include "export/open_body.hpp"

namespace spillway::exporting {

// Sets sha256 and, of an object that is large enough to go in parts, part_sha256s: also where it goes to a directory,
// since both are made in one pass and S3 may be next. What is read goes to `staged`, too, if that is not null. What was
// planned for another place is not read again.
result<void> hash_object(db::database& reader, const object_place& in, store::object_row& object,
                         staged_objects* staged);

// errc::corrupt: the store does not have the bytes any more that were planned.
result<void> check_object(db::database& reader, const object_place& in, const store::object_row& object);

}  // namespace spillway::exporting
