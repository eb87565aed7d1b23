#include "notify/smtp.hpp"

#include "base/bytes.hpp"
#include "base/origin.hpp"
#include "notify/smtp_reply.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include <curl/curl.h>
#include <fmt/format.h>

namespace spillway::notify {
namespace {

using clock = std::chrono::steady_clock;

// Ours: more than a handshake across the world takes.
constexpr std::chrono::milliseconds connect_patience{15'000};

using curl_handle = std::unique_ptr<CURL, decltype([](CURL* handle) { curl_easy_cleanup(handle); })>;
using curl_list = std::unique_ptr<curl_slist, decltype([](curl_slist* list) { curl_slist_free_all(list); })>;

// What libcurl's callbacks work on, for one transaction.
struct transaction {
  std::string_view unsent;
  std::string reply;  // the last line that the server sent, but for its good-bye
  bool is_recipient_named = false;  // RCPT was sent
  clock::time_point deadline;
  std::stop_token stop;
};

std::size_t give_body(char* to, std::size_t size, std::size_t count, void* context) {
  auto& ours = *static_cast<transaction*>(context);
  const std::size_t bytes = std::min(size * count, ours.unsent.size());
  std::memcpy(to, ours.unsent.data(), bytes);
  ours.unsent.remove_prefix(bytes);
  return bytes;
}

// 221 answers QUIT, which comes after whatever is to be told.
std::size_t take_reply(char* line, std::size_t size, std::size_t count, void* context) {
  const std::string_view said(line, size * count);
  if (!said.starts_with("221")) {
    static_cast<transaction*>(context)->reply = said;
  }
  return size * count;
}

// Which command a refusal answers libcurl does not tell. What it sends may be a login, and is kept nowhere.
int watch_commands(CURL*, curl_infotype kind, char* data, std::size_t size, void* context) {
  if (kind == CURLINFO_HEADER_OUT && std::string_view(data, size).starts_with("RCPT")) {
    static_cast<transaction*>(context)->is_recipient_named = true;
  }
  return 0;
}

// Called once a second at least, also while QUIT waits for its answer, which no timeout of libcurl's covers.
int look_around(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& ours = *static_cast<transaction*>(context);
  return ours.stop.stop_requested() || clock::now() >= ours.deadline ? 1 : 0;
}

std::string url_of(const smtp_settings& settings) {
  return fmt::format("{}://{}/", settings.security == mail_security::tls ? "smtps" : "smtp",
                     base::host_and_port(settings.host, settings.port));
}

// Sets options, and remembers whether one was refused.
class options {
public:
  explicit options(CURL* handle) : handle_(handle) {}

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_, option, value) != CURLE_OK) {
      are_set_ = false;
    }
  }
  bool are_set() const { return are_set_; }

private:
  CURL* handle_;
  bool are_set_ = true;
};

void set_server(options& to, const smtp_settings& settings) {
  to.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  to.set(CURLOPT_URL, url_of(settings).c_str());
  to.set(CURLOPT_PROXY, "");  // a proxy of the environment is for the web
  to.set(CURLOPT_NOSIGNAL, 1L);
  // Closed within the transaction, under its deadline. At the end of the handle libcurl would wait two minutes for
  // QUIT.
  to.set(CURLOPT_FORBID_REUSE, 1L);
  to.set(CURLOPT_USE_SSL, settings.security == mail_security::none ? long{CURLUSESSL_NONE} : long{CURLUSESSL_ALL});
  to.set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  to.set(CURLOPT_SSL_VERIFYPEER, 1L);
  to.set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.ca_bundle.empty()) {
    to.set(CURLOPT_CAINFO, settings.ca_bundle.c_str());
    to.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!settings.user.empty()) {
    to.set(CURLOPT_USERNAME, settings.user.c_str());
    to.set(CURLOPT_PASSWORD, settings.password.reveal().c_str());
    // Others would be chosen where a server offers them, such as Kerberos, for which there is no ticket.
    to.set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  }
}

void set_transaction(options& to, transaction& ours, const smtp_settings& settings, curl_slist* recipient) {
  to.set(CURLOPT_MAIL_FROM, ("<" + settings.from + ">").c_str());
  to.set(CURLOPT_MAIL_RCPT, recipient);
  to.set(CURLOPT_UPLOAD, 1L);
  to.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(ours.unsent.size()));
  to.set(CURLOPT_READFUNCTION, &give_body);
  to.set(CURLOPT_READDATA, &ours);
  to.set(CURLOPT_HEADERFUNCTION, &take_reply);
  to.set(CURLOPT_HEADERDATA, &ours);
  to.set(CURLOPT_VERBOSE, 1L);  // or the commands are not told
  to.set(CURLOPT_DEBUGFUNCTION, &watch_commands);
  to.set(CURLOPT_DEBUGDATA, &ours);
  to.set(CURLOPT_NOPROGRESS, 0L);
  to.set(CURLOPT_XFERINFOFUNCTION, &look_around);
  to.set(CURLOPT_XFERINFODATA, &ours);
  // Not 0, which would be for ever.
  const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(ours.deadline - clock::now()),
                             std::chrono::milliseconds{1});
  to.set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  to.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left, connect_patience).count()));
}

failure interrupted() { return {errc::interrupted, "", "asked to stop", {}}; }

std::string trouble_of(CURLcode error) {
  switch (error) {
    case CURLE_COULDNT_RESOLVE_HOST: return "its host name is not found";
    case CURLE_COULDNT_CONNECT: return "it can't be connected to";
    case CURLE_OPERATION_TIMEDOUT: return "it did not answer in time";
    case CURLE_SSL_CONNECT_ERROR: return "TLS of 1.2 or later could not be begun";
    default: return fmt::format("libcurl says \"{}\"", curl_easy_strerror(error));
  }
}

// What stops all of it: no word of the server's is repeated, since a login may be among them.
failure broken(CURLcode error, std::string_view reply) {
  const std::string code = reply_code_text(reply);
  switch (error) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return {errc::invalid, "", "the server's certificate is not trusted, or not for this host",
              "if the server is yours, pass its authority's certificate as ca=FILE in the SMTP settings"};
    case CURLE_SSL_CACERT_BADFILE:
      return {errc::invalid, "", "the file of ca= can't be read, or holds no certificate", "check the SMTP settings"};
    case CURLE_USE_SSL_FAILED:
      return {errc::invalid, "", "the server does not go over to TLS" + code,
              "use smtps:// if it speaks TLS from the start"};
    case CURLE_LOGIN_DENIED:
      return {is_temporary(reply) ? errc::unavailable : errc::denied, "", "the server refuses the login" + code,
              "check user and password of the SMTP settings"};
    default: return {errc::unavailable, "", trouble_of(error) + code, {}};
  }
}

// The end of one transaction.
struct outcome {
  enum class kind { taken, refused, deferred, broken } kind = kind::broken;
  std::string reason;  // of refused and deferred
  failure why;         // of broken: there is no use in going on with others
};

outcome outcome_of(CURLcode error, const transaction& ours, const smtp_settings& settings) {
  if (error == CURLE_OK) {
    return {outcome::kind::taken, {}, {}};
  }
  if (ours.stop.stop_requested()) {
    return {outcome::kind::broken, {}, interrupted()};
  }
  if (clock::now() >= ours.deadline) {
    error = CURLE_OPERATION_TIMEDOUT;
  }
  if (wants_login(ours.reply)) {
    return {outcome::kind::broken, {}, broken(CURLE_LOGIN_DENIED, ours.reply)};
  }
  // MAIL, RCPT and DATA end in the one, the message itself in the other, which a bad greeting has too.
  const bool is_of_recipient = error == CURLE_SEND_ERROR || (error == CURLE_WEIRD_SERVER_REPLY && ours.unsent.empty());
  if (is_of_recipient && is_permanent(ours.reply) && !ours.is_recipient_named) {
    return {outcome::kind::broken,
            {},
            {errc::denied, "", "the server refuses the sender: " + reason_of(ours.reply, settings),
             "check from= of the SMTP settings"}};
  }
  if (is_of_recipient && is_permanent(ours.reply)) {
    return {outcome::kind::refused, reason_of(ours.reply, settings), {}};
  }
  if (is_of_recipient && is_temporary(ours.reply) && !is_closing(ours.reply)) {
    return {outcome::kind::deferred, reason_of(ours.reply, settings), {}};
  }
  return {outcome::kind::broken, {}, broken(error, ours.reply)};
}

outcome send_to(const std::string& address, std::string_view message, const smtp_settings& settings,
                clock::time_point deadline, const std::stop_token& stop) {
  const curl_handle handle(curl_easy_init());
  const curl_list recipient(curl_slist_append(nullptr, ("<" + address + ">").c_str()));
  transaction ours{message, {}, false, deadline, stop};
  options set(handle.get());
  set_server(set, settings);
  set_transaction(set, ours, settings, recipient.get());
  if (!set.are_set()) {
    return {outcome::kind::broken, {}, {errc::bug, "", "libcurl refuses an option", {}}};
  }
  return outcome_of(curl_easy_perform(handle.get()), ours, settings);
}

}  // namespace

result<delivery> send(const smtp_settings& settings, const mail& what, std::span<const std::string> recipients,
                      std::chrono::milliseconds patience, const std::stop_token& stop) {
  static const CURLcode is_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  SPILLWAY_ASSERT(is_ready == CURLE_OK);
  const auto deadline = clock::now() + patience;
  const std::string doing = "sending mail by " + to_string(settings);
  SPILLWAY_TRY_ASSIGN(const std::string message, to_message(what));
  for (const std::string& address : recipients) {
    SPILLWAY_TRY(parse_address(address));
  }
  delivery made;
  std::optional<failure> last;
  for (const std::string& address : recipients) {
    if (last) {
      made.deferred.push_back({address, last->cause});
      continue;
    }
    outcome ended = send_to(address, message, settings, deadline, stop);
    switch (ended.kind) {
      case outcome::kind::taken: made.taken.push_back(address); break;
      case outcome::kind::refused: made.refused.push_back({address, std::move(ended.reason)}); break;
      case outcome::kind::deferred: made.deferred.push_back({address, std::move(ended.reason)}); break;
      case outcome::kind::broken:
        last = std::move(ended.why);
        made.deferred.push_back({address, last->cause});
        break;
    }
  }
  const bool is_nobody_answered = made.taken.empty() && made.refused.empty();
  return last && is_nobody_answered ? base::while_doing(doing, *last) : result<delivery>(std::move(made));
}

}  // namespace spillway::notify
