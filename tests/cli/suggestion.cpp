#include "cli/suggestion.hpp"

#include "base/shell_word.hpp"
#include "cli/command_tree.hpp"

namespace spillway::cli::suggestion_tests {
namespace {

command_facts named(std::string name, std::vector<command_facts> commands, bool has_state = false) {
  command_facts made;
  made.name = std::move(name);
  made.commands = std::move(commands);
  if (has_state) {
    made.options.emplace_back().names = {"--state"};
  }
  return made;
}

const command_facts tree =
    named("spillway",
          {named("export", {}, true), named("verify", {}),
           named("connection", {named("list", {}, true), named("migrate", {named("rollback", {}, true)}, true)})});

std::string with_state(std::string text) { return with_state_option(std::move(text), tree, " --state x.db"); }

BOOST_AUTO_TEST_SUITE(cli_suggestion)

BOOST_AUTO_TEST_CASE(a_command_is_about_the_state_file_that_was_named) {
  BOOST_TEST(with_state("spillway export") == "spillway export --state x.db");
  BOOST_TEST(with_state("see them: spillway connection list") == "see them: spillway connection list --state x.db");
  BOOST_TEST(with_state("look (spillway export), then again") == "look (spillway export --state x.db), then again");
  BOOST_TEST(with_state("on: spillway connection migrate 1, or back: spillway connection migrate rollback 1") ==
             "on: spillway connection migrate 1 --state x.db, or back: spillway connection migrate rollback 1 --state "
             "x.db");
  BOOST_TEST(with_state("spillway export 'a, b | c' d") == "spillway export 'a, b | c' d --state x.db");
  BOOST_TEST(with_state("spillway export " + base::shell_word("it's b") + ", then spillway export") ==
             R"(spillway export 'it'\''s b' --state x.db, then spillway export --state x.db)");
  BOOST_TEST(with_state("spillway export --text | spillway export -\n") ==
             "spillway export --text --state x.db | spillway export - --state x.db\n");
  BOOST_TEST(with_state("spillway export --text > again.jsonl; spillway export") ==
             "spillway export --text --state x.db > again.jsonl; spillway export --state x.db");
}

BOOST_AUTO_TEST_CASE(what_needs_no_state_file_or_has_one_stays) {
  for (const char* each :
       {"", "run the command again", "spillway", "spillway verify s3://x", "spillway connection", "spillway exports",
        "spillway export --state FILE", "spillway nothing of the kind", "/usr/share/spillway export"}) {
    BOOST_TEST(with_state(each) == each);
  }
  BOOST_TEST(with_state_option("spillway export", tree, "") == "spillway export");
  BOOST_TEST(with_state("the bucket x --state y: spillway export") ==
             "the bucket x --state y: spillway export --state x.db");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::cli::suggestion_tests
