// spillway verify: may exports go into this bucket, permission by permission.
#include "access/probe.hpp"
#include "bucket/s3_diagnosis.hpp"
#include "cli/destination.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"
#include "fs/directory.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace {

namespace json = boost::json;

bool is_denied(const access::permission_finding& found) { return found.verdict == access::verdict::denied; }

std::string_view text_of(access::probe_report::conditional_puts value) {
  switch (value) {
    case access::probe_report::conditional_puts::kept: return "kept";
    case access::probe_report::conditional_puts::ignored: return "ignored";
    case access::probe_report::conditional_puts::unknown: break;
  }
  return "unknown";
}

json::object describe(const access::probe_report& report, const destination& of) {
  json::array permissions;
  for (const access::permission_finding& each : report.permissions) {
    json::object made{{"permission", each.permission},
                      {"result", access::to_string(each.verdict)},
                      {"required", each.is_required},
                      {"detail", text_or_null(each.detail)}};
    made["remedy"] = is_denied(each) ? json::value(access::remedy_for(each, of.place)) : json::value();
    permissions.push_back(std::move(made));
  }
  return {{"destination", of.place.destination},
          {"ok", report.is_ok()},
          {"region", text_or_null(report.region)},
          {"permissions", std::move(permissions)},
          {"conditional_puts", text_of(report.conditions)},
          {"encryption_ignored", report.is_encryption_ignored},
          {"left_behind", text_or_null(report.left_behind)}};
}

std::string summarize(const access::probe_report& report, const destination& of) {
  table rows({{"PERMISSION"}, {"RESULT"}, {"DETAIL"}});
  for (const access::permission_finding& each : report.permissions) {
    rows.add({each.permission, std::string(access::to_string(each.verdict)), each.detail});
  }
  std::string text = rows.text();
  for (const access::permission_finding& each : report.permissions) {
    if (is_denied(each)) {
      text += fmt::format("{}: {}\n", each.is_required ? "needed" : "useful", access::remedy_for(each, of.place));
    }
  }
  if (report.conditions == access::probe_report::conditional_puts::ignored) {
    text += "note: this server ignores If-None-Match, so that a foreign object of the same key is not noticed\n";
  }
  if (report.is_encryption_ignored) {
    text +=
        "note: this server stores objects without the encryption that is asked for: leave out --sse, or go elsewhere\n";
  }
  if (!report.left_behind.empty()) {
    text += fmt::format("note: {} could not be removed; it may be\n", shown_name(report.left_behind));
  }
  text += fmt::format("{}: {}\n", shown_name(of.place.destination),
                      report.is_ok() ? "exports may go here" : "exports can't go here yet");
  return text;
}

// A server that takes connections and never answers would have each question wait for as long as an export does.
result<void> look_at_way(const destination& of, const session& with) {
  if (of.bucket_name.empty()) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const bucket::s3_options asked, s3_options_of(of, with.aws));
  SPILLWAY_TRY_ASSIGN(const bucket::s3_diagnosis found,
                      bucket::diagnose_s3(asked, of.prefix, session::real_clock, with.stop));
  for (const auto& each : {found.lookup_failure, found.no_credentials, found.way_failure}) {
    if (each) {
      return *each;
    }
  }
  return {};
}

result<exit_status> verify_destination(const std::string& dest, const session& with) {
  SPILLWAY_TRY_ASSIGN(const destination of, open_destination(dest, make_bucket::no, with));
  SPILLWAY_TRY_ASSIGN(const bucket::put_options how, put_options_of(with.aws));
  const std::string verifying = "verifying " + of.place.destination;
  if (const auto looked = look_at_way(of, with); !looked) {
    return base::while_doing(verifying, looked.error());
  }
  auto probed = access::probe(*of.opened, of.prefix, how, fs::random_name());
  if (!probed) {
    return base::while_doing(verifying, std::move(probed).error());
  }
  SPILLWAY_TRY(with.output == session::output::json ? print_json(describe(*probed, of))
                                                    : print(summarize(*probed, of)));
  if (probed->is_denied()) {
    return exit_status::denied;
  }
  return probed->is_ok() ? exit_status::done : exit_status::failed;
}

}  // namespace

void add_verify(program& to) {
  auto dest = std::make_shared<std::string>();
  CLI::App& verb =
      to.add_verb("verify", "Check whether exports may go there, permission by permission", program::uses_state::no,
                  [dest](session& with) { return verify_destination(*dest, with); });
  verb.add_option("DEST", *dest, "s3://BUCKET/PREFIX, or a directory")->required();
  to.add_destination_options(verb);
  to.add_put_options(verb);
}

}  // namespace spillway::cli
