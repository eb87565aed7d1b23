#include "cli/verb_names.hpp"

#include "support/check_result.hpp"

namespace spillway::cli::verb_names_tests {
namespace {

const std::vector<std::string> verbs = {"export", "ls", "status", "estimate"};

command_facts tree() {
  command_facts root;
  root.path = root.name = "spillway";
  for (const std::string& each : verbs) {
    command_facts verb;
    verb.name = each;
    verb.path = "spillway " + each;
    root.commands.push_back(verb);
  }
  command_facts group;
  group.name = "org";
  group.path = "spillway org";
  command_facts create;
  create.name = "create";
  create.path = "spillway org create";
  group.commands.push_back(create);
  root.commands.push_back(group);
  return root;
}

void check_refused(const std::vector<std::string>& words, const std::string& cause, const std::string& hint) {
  const auto checked = check_verb(tree(), words);
  CHECK_FAILS(checked, errc::usage);
  BOOST_TEST(checked.error().cause == cause);
  BOOST_TEST(checked.error().hint == hint);
}

BOOST_AUTO_TEST_SUITE(cli_verb_names)

BOOST_AUTO_TEST_CASE(the_distance_of_words_is_the_number_of_changes) {
  BOOST_TEST(edit_distance("", "") == 0U);
  BOOST_TEST(edit_distance("", "abc") == 3U);
  BOOST_TEST(edit_distance("expor", "export") == 1U);
  BOOST_TEST(edit_distance("statsu", "status") == 2U);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3U);
}

BOOST_AUTO_TEST_CASE(the_nearest_word_is_meant_unless_it_is_far) {
  BOOST_TEST(nearest_word("statsu", verbs).value() == "status");
  BOOST_TEST(nearest_word("la", verbs).value() == "ls");
  BOOST_TEST(!nearest_word("xx", verbs).has_value());
  BOOST_TEST(!nearest_word("deliver", verbs).has_value());
}

BOOST_AUTO_TEST_CASE(verbs_that_are_there_are_taken_with_whatever_is_behind_them) {
  CHECK_OK(check_verb(tree(), {"export", "statsu", "--sing"}));
  CHECK_OK(check_verb(tree(), {"org", "create", "--id", "5"}));
  CHECK_OK(check_verb(tree(), {"--help"}));
  CHECK_OK(check_verb(tree(), {"org", "--help"}));
}

BOOST_AUTO_TEST_CASE(a_verb_that_is_not_there_is_named_with_the_one_that_was_meant) {
  check_refused({"statsu"}, "there is no verb statsu", "spillway status");
  check_refused({"--json", "expor"}, "there is no verb expor", "spillway export");
  check_refused({"org", "crate"}, "there is no verb org crate", "spillway org create");
  check_refused({"deliver"}, "there is no verb deliver", "spillway --help lists them");
}

BOOST_AUTO_TEST_CASE(without_a_verb_it_is_said_where_they_are_listed) {
  check_refused({}, "no verb is named", "spillway --help lists them");
  check_refused({"org"}, "which verb of org", "spillway org --help lists them");
}

BOOST_AUTO_TEST_CASE(help_may_be_asked_for_in_front_of_a_verb) {
  BOOST_TEST(with_help_behind({"help", "org", "create"}) == (std::vector<std::string>{"org", "create", "--help"}),
             boost::test_tools::per_element());
  BOOST_TEST(with_help_behind({"help"}) == std::vector<std::string>{"--help"}, boost::test_tools::per_element());
  BOOST_TEST(with_help_behind({"ls", "help"}) == (std::vector<std::string>{"ls", "help"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::cli::verb_names_tests
