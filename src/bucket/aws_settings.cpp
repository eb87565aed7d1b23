#include "bucket/aws_settings.hpp"

#include "base/bytes.hpp"
#include "fs/read_file.hpp"

#include <algorithm>
#include <cstdlib>
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

// The name between the brackets; nullopt if it is none.
std::optional<std::string> section_name(std::string_view line) {
  if (!line.ends_with(']')) {
    return std::nullopt;
  }
  std::string_view name = trimmed(line.substr(1, line.size() - 2));
  constexpr std::string_view word = "profile ";
  if (name.starts_with(word)) {
    name = trimmed(name.substr(word.size()));
  }
  return name.empty() ? std::nullopt : std::optional(std::string(name));
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

// Both files. A setting of the credentials file goes before one of the config file.
result<aws_sections> read_aws_files(const environment& variables) {
  const auto path_of = [&variables](const char* variable, const char* name) {
    const std::string home = variables("HOME").value_or("");
    return std::filesystem::path(variables(variable).value_or(home + "/.aws/" + name));
  };
  SPILLWAY_TRY_ASSIGN(aws_sections all, read_aws_file(path_of("AWS_SHARED_CREDENTIALS_FILE", "credentials")));
  SPILLWAY_TRY_ASSIGN(const aws_sections config, read_aws_file(path_of("AWS_CONFIG_FILE", "config")));
  for (const auto& [name, settings] : config) {
    all[name].insert(settings.begin(), settings.end());
  }
  return all;
}

using profile_settings = std::map<std::string, std::string>;

// Empty if the profile does not say.
std::string setting_of(const profile_settings& profile, const std::string& name) {
  const auto found = profile.find(name);
  return found == profile.end() ? std::string() : found->second;
}

std::string first_filled(std::initializer_list<std::string> texts) {
  const auto found = std::ranges::find_if(texts, [](const std::string& text) { return !text.empty(); });
  return found == texts.end() ? std::string() : *found;
}

s3::credentials credentials_of(const environment& variables) {
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

}  // namespace

environment system_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional(std::string(value));
  };
}

result<aws_sections> parse_aws_file(std::string_view text) {
  aws_sections sections;
  std::map<std::string, std::string>* current = nullptr;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    const std::string_view line = trimmed(whole);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';' ||
        spaces.find(whole.front()) != std::string_view::npos) {
      continue;
    }
    if (line.front() == '[') {
      const auto name = section_name(line);
      if (!name) {
        return failure{errc::invalid, "", fmt::format("line {} is no section", number), "write it as [profile NAME]"};
      }
      current = &sections[*name];
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || current == nullptr) {
      return failure{errc::invalid, "", fmt::format("line {} is no setting of a section", number),
                     "write settings as NAME = VALUE below [profile NAME]"};
    }
    (*current)[std::string(trimmed(line.substr(0, equals)))] = trimmed(line.substr(equals + 1));
  }
  return sections;
}

result<aws_settings> find_aws_settings(const aws_options& wanted, const environment& variables) {
  SPILLWAY_TRY_ASSIGN(const aws_sections sections, read_aws_files(variables));
  const std::string named = first_filled({wanted.profile, variables("AWS_PROFILE").value_or("")});
  const auto section = sections.find(named.empty() ? "default" : named);
  if (!named.empty() && section == sections.end()) {
    return failure{errc::usage, "looking for credentials", "there is no profile " + base::printable(named, 100),
                   "name a profile of ~/.aws/config or ~/.aws/credentials"};
  }
  const profile_settings profile = section == sections.end() ? profile_settings() : section->second;
  aws_settings found;
  const s3::credentials from_environment = credentials_of(variables);
  found.credentials =
      wanted.profile.empty() && are_complete(from_environment) ? from_environment : credentials_of(profile);
  if (!are_complete(found.credentials)) {
    return failure{errc::denied, "looking for credentials", "there are none",
                   "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"};
  }
  found.region =
      first_filled({wanted.region, variables("AWS_REGION").value_or(""), variables("AWS_DEFAULT_REGION").value_or(""),
                    setting_of(profile, "region"), "us-east-1"});
  found.endpoint_url = first_filled({wanted.endpoint_url, variables("AWS_ENDPOINT_URL_S3").value_or(""),
                                     variables("AWS_ENDPOINT_URL").value_or(""), setting_of(profile, "endpoint_url")});
  found.ca_bundle =
      first_filled({wanted.ca_bundle, variables("AWS_CA_BUNDLE").value_or(""), setting_of(profile, "ca_bundle")});
  return found;
}

}  // namespace spillway::bucket
