#include "model/storage.hpp"

namespace spillway::model {

std::string_view to_string(encryption what) {
  switch (what) {
    case encryption::bucket_default: return "default";
    case encryption::none: return "none";
    case encryption::sse_s3: return "AES256";
    case encryption::sse_kms: return "aws:kms";
  }
  return "none";
}

std::optional<encryption> parse_encryption(std::string_view text) {
  for (const encryption what :
       {encryption::none, encryption::sse_s3, encryption::sse_kms, encryption::bucket_default}) {
    if (to_string(what) == text) {
      return what;
    }
  }
  return std::nullopt;
}

}  // namespace spillway::model
