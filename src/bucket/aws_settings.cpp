#include "bucket/aws_settings.hpp"

#include "base/bytes.hpp"
#include "base/letter_case.hpp"
#include "bucket/shell_words.hpp"
#include "fs/read_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>

namespace spillway::bucket {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{1} << 20;
constexpr std::string_view spaces = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(spaces), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(spaces) + 1);
}

std::string services_section(const std::string& name) { return "services " + name; }

// The name between the brackets; nullopt if it is none. `aws configure` puts a profile's name with a space in quotes.
std::optional<std::string> section_name(std::string_view line) {
  const std::size_t end = line.rfind(']');
  const std::string_view whole = trimmed(line.substr(1, std::min(end, line.size()) - 1));
  if (end == std::string_view::npos || whole.empty()) {
    return std::nullopt;
  }
  const auto words = shell_words(whole);
  if (words && words->size() == 2 && words->front() == "profile") {
    return words->back();
  }
  return words && words->size() == 2 && words->front() == "services" ? services_section(words->back())
                                                                     : std::string(whole);
}

struct setting {
  std::string name;
  std::string value;
};

// "NAME = VALUE" or "NAME: VALUE", whose names have no case; nullopt: neither.
std::optional<setting> setting_in(std::string_view line) {
  const std::size_t separator = line.find_first_of("=:");
  if (separator == std::string_view::npos) {
    return std::nullopt;
  }
  return setting{base::lower_case(trimmed(line.substr(0, separator))),
                 std::string(trimmed(line.substr(separator + 1)))};
}

result<aws_sections> read_aws_file(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    return aws_sections();
  }
  SPILLWAY_TRY_ASSIGN(const std::string text, fs::read_file(path, file_bytes_max));
  auto sections = parse_aws_file(text);
  return sections ? sections : base::while_doing("reading " + path.string(), std::move(sections).error());
}

// The file that a variable names, else one of the usual place.
std::filesystem::path aws_file(const char* variable, const std::string& usual, const base::environment& variables) {
  std::string path = variables(variable).value_or(usual);
  if (path.starts_with("~/")) {  // whoever quotes it, or writes it into a unit of systemd, has no shell that knows it
    path.replace(0, 1, variables("HOME").value_or(""));
  }
  return path;
}

using profile_settings = std::map<std::string, std::string>;

// Empty if the profile does not say.
std::string setting_of(const profile_settings& profile, const std::string& name) {
  const auto found = profile.find(name);
  return found == profile.end() ? std::string() : found->second;
}

constexpr std::array key_settings = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"};

// Keys and token belong together: all of them are of the credentials file, if that has an id, else of the config file.
// A token of one with the keys of the other would be nobody's. Source: botocore, SharedCredentialProvider.
void add_config(profile_settings& profile, const profile_settings& config) {
  const bool has_keys = !setting_of(profile, key_settings.front()).empty();
  profile_settings added = config;
  for (const char* name : key_settings) {
    (has_keys ? added : profile).erase(name);
  }
  profile.merge(added);
}

// Both files. A setting of the credentials file goes before one of the config file.
result<aws_sections> read_aws_files(const base::environment& variables) {
  SPILLWAY_TRY_ASSIGN(aws_sections all,
                      read_aws_file(aws_file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", variables)));
  SPILLWAY_TRY_ASSIGN(const aws_sections config,
                      read_aws_file(aws_file("AWS_CONFIG_FILE", "~/.aws/config", variables)));
  for (const auto& [name, settings] : config) {
    add_config(all[name], settings);
  }
  return all;
}

std::string first_filled(std::initializer_list<std::string> texts) {
  const auto found = std::ranges::find_if(texts, [](const std::string& text) { return !text.empty(); });
  return found == texts.end() ? std::string() : *found;
}

s3::credentials credentials_of(const base::environment& variables) {
  return {variables("AWS_ACCESS_KEY_ID").value_or(""), variables("AWS_SECRET_ACCESS_KEY").value_or(""),
          variables("AWS_SESSION_TOKEN").value_or("")};
}

s3::credentials credentials_of(const profile_settings& profile) {
  return {setting_of(profile, "aws_access_key_id"), setting_of(profile, "aws_secret_access_key"),
          setting_of(profile, "aws_session_token")};
}

bool are_complete(const s3::credentials& found) {
  return !found.access_key_id.empty() && !found.secret_access_key.empty();
}

constexpr std::string_view looking = "looking for credentials";
constexpr std::string_view hint_to_get_keys = "get keys with AWS's own tools, or by credential_process";

failure no_profile(std::string_view name) {
  return {errc::usage, std::string(looking), "there is no profile " + base::printable(name),
          "name a profile of ~/.aws/config or ~/.aws/credentials"};
}

failure unusable(std::string_view profile, std::string_view why, std::string hint) {
  return {errc::usage, std::string(looking), fmt::format("profile {} {}", base::printable(profile), why),
          std::move(hint)};
}

// Goes from a profile with `role_arn` to the one that it names, down to keys or a program.
class source_finder {
public:
  source_finder(const aws_sections& sections, const base::environment& variables)
      : sections_(sections), variables_(variables) {}

  result<credential_source> find(const std::string& name) const { return find(name, 1); }

private:
  // AWS sets no limit; longer chains are circles.
  static constexpr int profiles_max = 8;

  result<credential_source> find(const std::string& name, int profiles) const {
    if (profiles > profiles_max) {
      return unusable(name, "is one of a chain that does not end", "let source_profile end at a profile with keys");
    }
    const auto section = sections_.find(name);
    if (section == sections_.end()) {
      return profiles == 1 ? result<credential_source>(credential_source()) : no_profile(name);
    }
    const profile_settings& profile = section->second;
    for (const char* unknown : {"mfa_serial", "web_identity_token_file", "sso_session", "sso_start_url"}) {
      if (!setting_of(profile, unknown).empty()) {
        return unusable(name, fmt::format("has {}, which is not known here", unknown), std::string(hint_to_get_keys));
      }
    }
    return setting_of(profile, "role_arn").empty() ? own_source(name, profile) : role_source(name, profile, profiles);
  }

  static result<credential_source> own_source(const std::string& name, const profile_settings& profile) {
    credential_source own;
    own.keys = credentials_of(profile);
    if (!own.keys.access_key_id.empty() && !are_complete(own.keys)) {  // or somebody else's would be taken
      failure half = unusable(name, "has an aws_access_key_id without an aws_secret_access_key",
                              "write both into the profile's section of one file");
      half.code = errc::denied;
      return half;
    }
    if (!are_complete(own.keys)) {
      own = {{}, setting_of(profile, "credential_process"), {}};
    }
    return own;
  }

  result<credential_source> role_source(const std::string& name, const profile_settings& profile, int profiles) const {
    SPILLWAY_TRY_ASSIGN(credential_source source, source_under(name, profile, profiles));
    role_to_assume role;
    role.arn = setting_of(profile, "role_arn");
    role.session_name = first_filled({setting_of(profile, "role_session_name"), "spillway"});
    role.external_id = setting_of(profile, "external_id");
    if (const std::string text = setting_of(profile, "duration_seconds"); !text.empty()) {
      int seconds = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
      // Source: AWS STS API reference, AssumeRole, DurationSeconds.
      if (error != std::errc{} || end != text.data() + text.size() || seconds < 900 || seconds > 43'200) {
        return unusable(name, "has a duration_seconds that is not 900 to 43200", {});
      }
      role.duration = std::chrono::seconds{seconds};
    }
    source.roles.push_back(std::move(role));
    return source;
  }

  // What the role of a profile is assumed with.
  result<credential_source> source_under(const std::string& name, const profile_settings& profile, int profiles) const {
    const std::string from = setting_of(profile, "source_profile");
    if (!from.empty()) {
      return from == name ? own_source(name, profile) : find(from, profiles + 1);
    }
    const std::string source = setting_of(profile, "credential_source");
    if (source == "Environment") {
      return credential_source{credentials_of(variables_), {}, {}};
    }
    if (!source.empty()) {
      return unusable(name,
                      fmt::format("has the credential_source {}, which is not known here", base::printable(source)),
                      std::string(hint_to_get_keys));
    }
    return unusable(name, "has a role_arn and no source_profile", "name the profile whose keys may assume the role");
  }

  const aws_sections& sections_;
  const base::environment& variables_;
};

// The profile that is meant, with all others, which it may name.
struct chosen_profile {
  aws_sections sections;
  std::string name;
  profile_settings settings;
  profile_settings services;  // the section that `services` names: "s3.endpoint_url"
};

result<chosen_profile> choose_profile(const aws_options& wanted, const base::environment& variables) {
  chosen_profile chosen;
  SPILLWAY_TRY_ASSIGN(chosen.sections, read_aws_files(variables));
  // In the order of AWS's command line.
  const std::string named = first_filled(
      {wanted.profile, variables("AWS_DEFAULT_PROFILE").value_or(""), variables("AWS_PROFILE").value_or("")});
  chosen.name = named.empty() ? "default" : named;
  const auto section = chosen.sections.find(chosen.name);
  if (section != chosen.sections.end()) {
    chosen.settings = section->second;
  } else if (!named.empty()) {
    return no_profile(named);
  }
  if (const std::string services = setting_of(chosen.settings, "services"); !services.empty()) {
    const auto found = chosen.sections.find(services_section(services));
    if (found == chosen.sections.end()) {
      return unusable(chosen.name, "names services that are in no file", "write them below [services NAME]");
    }
    chosen.services = found->second;
  }
  return chosen;
}

bool are_endpoints_ignored(const base::environment& variables, const chosen_profile& chosen) {
  const std::string text = first_filled({variables("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or(""),
                                         setting_of(chosen.settings, "ignore_configured_endpoint_urls")});
  return base::lower_case(text) == "true";
}

// What nobody has named for this command alone.
std::string usual_endpoint(const char* variable, const char* of_service, const base::environment& variables,
                           const chosen_profile& chosen) {
  if (are_endpoints_ignored(variables, chosen)) {
    return {};
  }
  return first_filled({variables(variable).value_or(""), variables("AWS_ENDPOINT_URL").value_or(""),
                       setting_of(chosen.services, of_service), setting_of(chosen.settings, "endpoint_url")});
}

std::string bucket_endpoint(const aws_options& wanted, const base::environment& variables,
                            const chosen_profile& chosen) {
  return first_filled(
      {wanted.endpoint_url, usual_endpoint("AWS_ENDPOINT_URL_S3", "s3.endpoint_url", variables, chosen)});
}

failure no_credentials(const std::string& named_profile) {
  if (named_profile.empty()) {
    return {errc::denied, std::string(looking), "there are none",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"};
  }
  return {errc::denied, std::string(looking), fmt::format("profile {} has none", base::printable(named_profile)),
          "give it aws_access_key_id and aws_secret_access_key, a role_arn or a credential_process"};
}

}  // namespace

result<aws_sections> parse_aws_file(std::string_view text) {
  aws_sections sections;
  std::map<std::string, std::string>* current = nullptr;
  std::string above;                               // the name of the last setting of this section
  std::size_t setting_indent = std::string::npos;  // of that; none yet: nothing is deeper
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    const std::string_view line = trimmed(whole);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t indent = whole.find_first_not_of(spaces);
    if (line.empty() || line.front() == '#' || line.front() == ';') {
      continue;
    }
    const auto read = setting_in(line);
    if (indent > setting_indent) {
      if (read && (*current)[above].empty()) {
        (*current)[above + "." + read->name] = read->value;
      }
      continue;
    }
    if (line.front() == '[') {
      const auto name = section_name(line);
      if (!name) {
        return failure{errc::invalid, "", fmt::format("line {} is no section", number), "write it as [profile NAME]"};
      }
      current = &sections[*name];
      setting_indent = std::string::npos;
      continue;
    }
    if (!read || current == nullptr) {
      return failure{errc::invalid, "", fmt::format("line {} is no setting of a section", number),
                     "write settings as NAME = VALUE below [profile NAME]"};
    }
    setting_indent = indent;
    above = read->name;
    (*current)[above] = read->value;
  }
  return sections;
}

result<aws_settings> find_aws_settings(const aws_options& wanted, const base::environment& variables) {
  SPILLWAY_TRY_ASSIGN(const chosen_profile chosen, choose_profile(wanted, variables));
  const profile_settings& profile = chosen.settings;
  aws_settings found;
  found.credentials.keys = credentials_of(variables);
  const bool is_half = !found.credentials.keys.access_key_id.empty() && !are_complete(found.credentials.keys);
  if (wanted.profile.empty() && is_half) {  // or somebody else's would be taken
    return failure{errc::denied, std::string(looking), "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY",
                   "set both, or neither"};
  }
  if (!wanted.profile.empty() || !are_complete(found.credentials.keys)) {
    SPILLWAY_TRY_ASSIGN(found.credentials, source_finder(chosen.sections, variables).find(chosen.name));
  }
  if (found.credentials.process.empty() && !are_complete(found.credentials.keys)) {
    return no_credentials(wanted.profile);
  }
  found.region =
      first_filled({wanted.region, variables("AWS_REGION").value_or(""), variables("AWS_DEFAULT_REGION").value_or(""),
                    setting_of(profile, "region"), "us-east-1"});
  found.endpoint_url = bucket_endpoint(wanted, variables, chosen);
  found.sts_endpoint_url = usual_endpoint("AWS_ENDPOINT_URL_STS", "sts.endpoint_url", variables, chosen);
  found.ca_bundle =
      first_filled({wanted.ca_bundle, variables("AWS_CA_BUNDLE").value_or(""), setting_of(profile, "ca_bundle")});
  return found;
}

result<std::string> find_endpoint_url(const aws_options& wanted, const base::environment& variables) {
  SPILLWAY_TRY_ASSIGN(const chosen_profile chosen, choose_profile(wanted, variables));
  return bucket_endpoint(wanted, variables, chosen);
}

}  // namespace spillway::bucket
