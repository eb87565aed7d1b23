#include "s3/error_codes.hpp"

#include <algorithm>
#include <utility>

namespace spillway::s3 {
namespace {

using row = std::pair<std::string_view, error_class>;

// Sources: Amazon S3 API reference, "Error responses"; the AWS SDKs' lists of transient and throttling codes; MinIO,
// cmd/api-errors.go. What is a mistake of ours in any case ("InvalidArgument") is left to its status, 400.
constexpr row codes[] = {
    {"IDPCommunicationError", error_class::transient},
    {"InternalError", error_class::transient},
    {"RequestCanceled", error_class::transient},
    {"RequestTimeout", error_class::transient},
    {"RequestTimeoutException", error_class::transient},

    {"BandwidthLimitExceeded", error_class::throttle},
    {"EC2ThrottledException", error_class::throttle},
    {"LimitExceededException", error_class::throttle},
    {"PriorRequestNotComplete", error_class::throttle},
    {"ProvisionedThroughputExceededException", error_class::throttle},
    {"RequestLimitExceeded", error_class::throttle},
    {"RequestThrottled", error_class::throttle},
    {"RequestThrottledException", error_class::throttle},
    {"ServiceUnavailable", error_class::throttle},
    {"SlowDown", error_class::throttle},
    {"SlowDownRead", error_class::throttle},
    {"SlowDownWrite", error_class::throttle},
    {"ThrottledException", error_class::throttle},
    {"Throttling", error_class::throttle},
    {"ThrottlingException", error_class::throttle},
    {"TooManyRequests", error_class::throttle},
    {"TooManyRequestsException", error_class::throttle},
    {"TransactionInProgressException", error_class::throttle},

    {"ConditionalRequestConflict", error_class::conflict},
    {"OperationAborted", error_class::conflict},
    {"PreconditionFailed", error_class::exists},

    {"BadDigest", error_class::integrity},
    {"IncompleteBody", error_class::integrity},
    {"XAmzContentChecksumMismatch", error_class::integrity},
    {"XAmzContentSHA256Mismatch", error_class::integrity},

    {"NoSuchUpload", error_class::upload_gone},
    {"NoSuchBucketPolicy", error_class::not_found},
    {"NoSuchKey", error_class::not_found},
    {"ServerSideEncryptionConfigurationNotFoundError", error_class::not_found},
    {"MethodNotAllowed", error_class::config},
    {"NoSuchBucket", error_class::config},

    {"AccessDenied", error_class::permission},
    {"AccessDeniedException", error_class::permission},
    {"AuthFailure", error_class::credentials},
    {"ExpiredToken", error_class::credentials},
    {"ExpiredTokenException", error_class::credentials},
    {"InvalidAccessKeyId", error_class::credentials},
    {"InvalidClientTokenId", error_class::credentials},
    {"InvalidSecurity", error_class::credentials},
    {"InvalidSignatureException", error_class::credentials},
    {"InvalidToken", error_class::credentials},
    {"InvalidTokenId", error_class::credentials},
    {"SignatureDoesNotMatch", error_class::credentials},
    {"TokenRefreshRequired", error_class::credentials},
    {"UnrecognizedClientException", error_class::credentials},
    {"AccountProblem", error_class::account},
    {"AllAccessDisabled", error_class::account},
    {"NotSignedUp", error_class::account},
    {"RequestTimeTooSkewed", error_class::clock},

    {"AuthorizationHeaderMalformed", error_class::region},
    {"IllegalLocationConstraintException", error_class::region},
    {"PermanentRedirect", error_class::region},
    {"Redirect", error_class::region},
    {"TemporaryRedirect", error_class::region},

    {"QuotaExceeded", error_class::quota},
    {"XMinioAdminBucketQuotaExceeded", error_class::quota},
    {"XMinioStorageFull", error_class::quota},
    {"NotImplemented", error_class::unsupported},
};

}  // namespace

std::optional<error_class> class_of_code(std::string_view code) {
  // "KMS.DisabledException" of AWS and KES; "kms:KeyNotFound" of MinIO's own key.
  if (code.starts_with("KMS.") || code.starts_with("kms:")) {
    return error_class::kms;
  }
  const auto* found =
      std::find_if(std::begin(codes), std::end(codes), [code](const row& each) { return each.first == code; });
  return found == std::end(codes) ? std::nullopt : std::optional(found->second);
}

error_class class_of_status(int status, body_kind body) {
  switch (status) {
    case 0: return error_class::transient;
    case 301:
    case 302:
    case 307:
    case 308: return error_class::region;
    // AWS answers a HEAD that is signed for another region with 400, and a HEAD has no body to say so.
    case 400: return body == body_kind::none ? error_class::region : error_class::request;
    case 401: return error_class::credentials;
    case 403: return error_class::permission;
    case 404: return error_class::not_found;
    case 405: return error_class::config;
    case 408: return error_class::transient;
    case 409: return error_class::conflict;
    case 412: return error_class::exists;
    case 429:
    case 503:
      return error_class::throttle;  // S3 says SlowDown with 503, at times without a body (Redpanda, issue 6061)
    case 501: return error_class::unsupported;
    case 507: return error_class::quota;
    default: break;
  }
  if (status >= 500) {
    return error_class::transient;
  }
  return status >= 400 ? error_class::request : error_class::protocol;
}

}  // namespace spillway::s3
