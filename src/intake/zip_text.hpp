// Export API zips as inputs: the zip_opener that the binary hands to open_text. Part of spillway_zip, not of the core.
#pragma once

#include "intake/text_source.hpp"

namespace spillway::intake {

// The texts of a zip's members; a member that is gzip is inflated, a member that is a zip is errc::invalid.
result<std::unique_ptr<text_source>> open_zip_text(byte_reader& source, codec::gunzip_limits limits);

}  // namespace spillway::intake
