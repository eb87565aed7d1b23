#include "cli/command_tree.hpp"

#include "cli/completion.hpp"
#include "cli/man.hpp"
#include "cli/program.hpp"
#include "support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>

namespace spillway::cli_command_tree_tests {
namespace {

using namespace spillway::cli;

// The real command line.
const command_facts& all_commands() {
  static const command_facts facts = [] {
    program made{std::stop_token{}};
    add_verbs(made);
    return facts_of(made.app());
  }();
  return facts;
}

// A small one of which everything is known.
command_facts small_commands() {
  CLI::App app("Does it.", "tool");
  CLI::App& group = *app.add_subcommand("org", "Groups' things");
  CLI::App& verb = *group.add_subcommand("create", "Makes one");
  static std::string form = "documented";
  static std::vector<std::string> inputs;
  static bool flag = false;
  verb.add_option("--record,-r", form, "How it's written")
      ->type_name("FORM")
      ->check(CLI::IsMember({"documented", "observed"}))
      ->capture_default_str();
  verb.add_option("INPUT", inputs, ".What goes in")->required();
  verb.add_flag("--dryrun,--dry-run", flag, "Nothing but words");
  verb.add_flag("--secret", flag, "Not shown")->group("");
  return facts_of(app);
}

const option_facts* find_option(const command_facts& of, std::string_view name) {
  for (const option_facts& each : of.options) {
    if (each.names.front() == name) {
      return &each;
    }
  }
  return nullptr;
}

// What a shell says of a script, or of what it calls: its exit status.
int run_bash(const std::string& arguments) { return std::system(("bash " + arguments).c_str()); }

std::string bash_completes(const std::string& words) {
  const spillway::test::temp_dir dir;
  std::ofstream(dir / "script") << bash_completion(all_commands()) << "COMP_WORDS=(" << words
                                << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                                << "_spillway\necho -n \"${COMPREPLY[*]}\" > '" << (dir / "reply").string() << "'\n";
  BOOST_REQUIRE(run_bash("'" + (dir / "script").string() + "'") == 0);
  std::ifstream reply(dir / "reply");
  return {std::istreambuf_iterator<char>(reply), {}};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_command_tree)

BOOST_AUTO_TEST_CASE(options_are_read_with_their_names_choices_and_defaults) {
  const command_facts root = small_commands();
  const command_facts& verb = root.commands.at(0).commands.at(0);
  BOOST_TEST(verb.path == "tool org create");
  const option_facts* record = find_option(verb, "--record");
  BOOST_REQUIRE(record != nullptr);
  BOOST_TEST(record->names == (std::vector<std::string>{"--record", "-r"}), boost::test_tools::per_element());
  BOOST_TEST(record->value == "FORM");
  BOOST_TEST(record->choices == (std::vector<std::string>{"documented", "observed"}), boost::test_tools::per_element());
  BOOST_TEST(record->default_value == "documented");
  BOOST_TEST(!record->is_repeatable);
  const option_facts* dryrun = find_option(verb, "--dryrun");
  BOOST_REQUIRE(dryrun != nullptr);
  BOOST_TEST(dryrun->value.empty());
  const option_facts* input = find_option(verb, "INPUT");
  BOOST_REQUIRE(input != nullptr);
  BOOST_TEST((input->is_positional && input->is_required && input->is_repeatable));
  BOOST_TEST(find_option(verb, "--secret") == nullptr);
}

BOOST_AUTO_TEST_CASE(every_script_and_the_manual_name_every_command_and_option) {
  const command_facts& root = all_commands();
  std::string manual;
  for (const man_page& each : man_pages(root, "spillway 1")) {
    manual += each.text;
  }
  BOOST_TEST(root.commands.size() > 8u);
  for_each_command(root, [&](const command_facts& command) {
    for (const std::string& script : {bash_completion(root), zsh_completion(root), fish_completion(root)}) {
      BOOST_TEST(contains(script, command.path), command.path);
    }
    BOOST_TEST(contains(manual, command.name), command.path);
    for (const option_facts& option : command.options) {
      for (const std::string& name : option.names) {
        BOOST_TEST_CONTEXT(command.path << " " << name) {
          const bool shows = !option.is_positional;
          BOOST_TEST((!shows || contains(bash_completion(root), name)));
          BOOST_TEST((!shows || contains(zsh_completion(root), name + ":")));
          BOOST_TEST((!shows || contains(fish_completion(root), " -l " + name.substr(2)) ||
                      contains(fish_completion(root), " -s " + name.substr(1))));
          std::string typed;
          for (const char each : name) {
            typed += each == '-' ? "\\-" : std::string(1, each);
          }
          BOOST_TEST(contains(manual, typed));
        }
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(verbs_that_print_what_is_no_document_offer_none) {
  for (const command_facts& each : all_commands().commands) {
    const bool prints_lines = each.name == "cat" || each.name == "generate" || each.name == "completion";
    BOOST_TEST((!each.commands.empty() || (find_option(each, "--json") == nullptr) == prints_lines), each.name);
  }
}

BOOST_AUTO_TEST_CASE(an_argument_is_called_the_same_everywhere_and_one_of_two_is_not_said_to_be_needed) {
  for_each_command(all_commands(), [](const command_facts& command) {
    BOOST_TEST(find_option(command, "dest") == nullptr, command.path);
    const option_facts* by_name = find_option(command, "--id");
    if (by_name == nullptr) {
      return;
    }
    const option_facts* by_place = find_option(command, "ID");
    BOOST_REQUIRE_MESSAGE(by_place != nullptr, command.path);
    BOOST_TEST((by_place->is_positional && !by_place->is_required && !by_name->is_required), command.path);
  });
}

BOOST_AUTO_TEST_CASE(bash_accepts_its_script) {
  const spillway::test::temp_dir dir;
  std::ofstream(dir / "script") << bash_completion(all_commands());
  BOOST_TEST(run_bash("-n '" + (dir / "script").string() + "'") == 0);
}

BOOST_AUTO_TEST_CASE(bash_completes_commands_options_and_values) {
  BOOST_TEST(bash_completes("spillway sta") == "status");
  BOOST_TEST(bash_completes("spillway org cr") == "create");
  BOOST_TEST(bash_completes("spillway project create --rec") == "--record");
  BOOST_TEST(bash_completes("spillway project create --record ''") == "documented observed");
  BOOST_TEST(bash_completes("spillway project create --record = ob") == "observed");
  BOOST_TEST(bash_completes("spillway completion ''") == "bash zsh fish");
  BOOST_TEST(bash_completes("spillway export --sse ''") == "AES256 aws:kms");
  BOOST_TEST(bash_completes("spillway export --checksum ''") == "sha256 md5 none");
  BOOST_TEST(bash_completes("spillway policy --format ''") == "json terraform mc");
  BOOST_TEST(bash_completes("spillway connection create --data ''") == "events merged-ids both");
  BOOST_TEST(bash_completes("spillway status --state ''").empty());
  BOOST_TEST(bash_completes("spillway backup x --now ''").empty());
}

BOOST_AUTO_TEST_CASE(quotes_in_descriptions_stay_text) {
  BOOST_TEST(contains(zsh_completion(small_commands()), "'--record:How it'\\''s written'"));
  BOOST_TEST(contains(fish_completion(small_commands()), " -d 'How it\\'s written'"));
}

BOOST_AUTO_TEST_CASE(a_page_a_command_and_groups_hold_theirs) {
  const auto pages = man_pages(small_commands(), "tool 1.2");
  BOOST_REQUIRE(pages.size() == 2u);
  BOOST_TEST(pages[0].file == "tool.1");
  BOOST_TEST(pages[1].file == "tool-org.1");
  BOOST_TEST(
      pages[1].text.starts_with(".TH TOOL\\-ORG 1 \"\" \"tool 1.2\" \"Spillway\"\n.SH NAME\n"
                                "tool\\-org \\- Groups' things\n.SH SYNOPSIS\n"
                                "\\fBtool org create\\fR [\\fIOPTION\\fR ...] \\fIINPUT\\fR ...\n"));
  BOOST_TEST(contains(pages[1].text, ".SS tool org create\nMakes one.\n"));
  BOOST_TEST(contains(pages[1].text,
                      ".TP\n\\fB\\-\\-record\\fR, \\fB\\-r\\fR \\fIFORM\\fR\nHow it's written.\n"
                      "One of documented, observed.\nDefault: documented.\n"));
  BOOST_TEST(contains(pages[1].text, ".TP\n\\fIINPUT\\fR\n\\&.What goes in.\n"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_command_tree_tests
