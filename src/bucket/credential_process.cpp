#include "bucket/credential_process.hpp"

#include "base/json_members.hpp"
#include "bucket/shell_words.hpp"
#include "fs/program.hpp"

#include <vector>

#include <boost/json.hpp>

namespace spillway::bucket {
namespace {

namespace json = boost::json;

failure process_failed(errc code, std::string cause) {
  return {code, "running credential_process", std::move(cause),
          "run the command of credential_process by hand; it has to print credentials as JSON"};
}

failure not_run(const failure& why) {
  switch (why.code) {
    case errc::interrupted: return {errc::interrupted, "running credential_process", why.cause, {}};
    case errc::unavailable: return process_failed(errc::unavailable, why.cause);
    default: return process_failed(errc::denied, why.cause);
  }
}

result<std::vector<std::string>> words_of(const std::string& command) {
  auto words = shell_words(command);
  if (!words) {
    return process_failed(errc::usage, "its command line ends in the middle of a quote, or with a backslash");
  }
  if (words->empty()) {
    return process_failed(errc::usage, "its command line is empty");
  }
  return std::move(*words);
}

}  // namespace

result<timed_credentials> parse_process_credentials(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) {
    return process_failed(errc::denied, "it printed no JSON object");
  }
  const json::value* version = object->if_contains("Version");
  if (version == nullptr || *version != json::value(1)) {
    return process_failed(errc::denied, "what it printed has no \"Version\": 1");
  }
  timed_credentials made;
  const auto text_of = [object](std::string_view name) {
    return std::string(base::text_in(*object, name).value_or(""));
  };
  made.keys = {text_of("AccessKeyId"), text_of("SecretAccessKey"), text_of("SessionToken")};
  if (made.keys.access_key_id.empty() || made.keys.secret_access_key.empty()) {
    return process_failed(errc::denied, "what it printed has no AccessKeyId or no SecretAccessKey");
  }
  if (object->contains("Expiration")) {
    made.expires_at = base::parse_timestamp(text_of("Expiration"));
    if (!made.expires_at) {
      return process_failed(errc::denied, "its Expiration is no time");
    }
  }
  return made;
}

result<timed_credentials> run_credential_process(const std::string& command, std::chrono::seconds patience,
                                                 const std::stop_token& stop) {
  fs::program program;
  SPILLWAY_TRY_ASSIGN(program.words, words_of(command));
  const auto ended = fs::run_program(program, patience, stop);
  if (!ended) {
    return not_run(ended.error());
  }
  if (ended->signal != 0 || ended->exit_status != 0) {
    return process_failed(errc::denied, ended->signal != 0
                                            ? "it was ended by signal " + std::to_string(ended->signal)
                                            : "it ended with status " + std::to_string(ended->exit_status));
  }
  return parse_process_credentials(ended->output);
}

}  // namespace spillway::bucket
