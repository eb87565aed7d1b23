#include "base/result.hpp"

#include "support/check_result.hpp"

#include <cerrno>
#include <memory>
#include <set>
#include <string>

namespace spillway::base_result_tests {
namespace {

constexpr errc all_codes[] = {errc::bug,       errc::usage,       errc::invalid,     errc::corrupt,
                              errc::not_found, errc::conflict,    errc::denied,      errc::locked,
                              errc::too_large, errc::no_space,    errc::io,          errc::state,
                              errc::throttled, errc::unavailable, errc::interrupted, errc::unread};

result<int> half_of(int number) {
  if (number % 2 != 0) {
    return failure{errc::invalid, "", "an odd number", {}};
  }
  return number / 2;
}

result<void> check_even(int number) {
  SPILLWAY_TRY(half_of(number));
  return {};
}

// Two in one scope: the names that the macro makes must not clash.
result<int> quarter_of(int number) {
  SPILLWAY_TRY_ASSIGN(const int half, half_of(number));
  SPILLWAY_TRY_ASSIGN(const int quarter, half_of(half));
  return quarter;
}

result<std::unique_ptr<int>> boxed(int number) {
  SPILLWAY_TRY(check_even(number));
  return std::make_unique<int>(number);
}

result<int> unboxed(int number) {
  SPILLWAY_TRY_ASSIGN(std::unique_ptr<int> box, boxed(number));
  return *box;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(base_result)

BOOST_AUTO_TEST_CASE(every_code_has_a_spelling_of_its_own) {
  std::set<std::string_view> spellings;
  for (const errc code : all_codes) {
    const std::string_view spelling = base::to_string(code);
    BOOST_TEST(spellings.insert(spelling).second, "\"" << spelling << "\" is there twice");
    BOOST_TEST(spelling.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos, spelling);
  }
}

BOOST_AUTO_TEST_CASE(hints_are_one_line_without_a_full_stop) {
  for (const errc code : all_codes) {
    const std::string_view hint = base::hint_for(code);
    BOOST_TEST(hint.find('\n') == std::string_view::npos);
    BOOST_TEST(!hint.ends_with('.'));
  }
}

BOOST_AUTO_TEST_CASE(a_code_is_read_back_from_its_name) {
  for (const errc code : all_codes) {
    BOOST_CHECK(base::parse_errc(base::to_string(code)) == code);
  }
  BOOST_TEST(!base::parse_errc("").has_value());
}

BOOST_AUTO_TEST_CASE(text_joins_what_was_done_and_why_it_failed) {
  BOOST_TEST((failure{errc::io, "reading a.json", "no such file", {}}.text()) == "reading a.json: no such file");
  BOOST_TEST((failure{errc::io, "", "no such file", {}}.text()) == "no such file");
  BOOST_TEST((failure{errc::io, "reading a.json", "", {}}.text()) == "reading a.json");
  BOOST_TEST((failure{}.text()) == "");
}

BOOST_AUTO_TEST_CASE(while_doing_goes_in_front_and_keeps_the_rest) {
  const failure inner{errc::denied, "putting a", "access denied", "grant s3:PutObject"};
  const failure outer = base::while_doing("exporting hour 2020-01-25_17", inner);
  BOOST_TEST(outer.doing == "exporting hour 2020-01-25_17: putting a");
  BOOST_TEST(outer.cause == "access denied");
  BOOST_TEST(outer.hint == "grant s3:PutObject");
  BOOST_TEST((outer.code == errc::denied));
  BOOST_TEST((base::while_doing("exporting", failure{errc::io, "", "full", {}}).text()) == "exporting: full");
}

BOOST_AUTO_TEST_CASE(errno_becomes_the_code_an_operator_needs) {
  const struct {
    int number;
    errc code;
  } rows[] = {{ENOSPC, errc::no_space}, {EDQUOT, errc::no_space}, {ENOENT, errc::not_found}, {ENOTDIR, errc::not_found},
              {EEXIST, errc::conflict}, {EACCES, errc::io},       {EROFS, errc::io},         {EIO, errc::io}};
  for (const auto& row : rows) {
    const failure made = base::from_errno(row.number, "writing x");
    BOOST_TEST((made.code == row.code), "errno " << row.number << " gave " << base::to_string(made.code));
    BOOST_TEST(made.doing == "writing x");
    BOOST_TEST(!made.cause.empty());
  }
}

BOOST_AUTO_TEST_CASE(the_macros_leave_with_the_failure_or_go_on_with_the_value) {
  CHECK_OK(check_even(4));
  CHECK_FAILS(check_even(3), errc::invalid);
  BOOST_TEST(quarter_of(12).value() == 3);
  CHECK_FAILS(quarter_of(6), errc::invalid);
  CHECK_FAILS(quarter_of(5), errc::invalid);
  BOOST_TEST(quarter_of(5).error().cause == "an odd number");
}

BOOST_AUTO_TEST_CASE(the_macros_move_what_can_only_be_moved) {
  BOOST_TEST(unboxed(8).value() == 8);
  CHECK_FAILS(unboxed(7), errc::invalid);
}

BOOST_AUTO_TEST_CASE(taking_the_value_of_a_failure_is_a_bug_that_names_it) {
  BOOST_CHECK_EXCEPTION(half_of(3).value(), std::logic_error, [](const std::logic_error& error) {
    return std::string_view(error.what()).find("an odd number") != std::string_view::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::base_result_tests
