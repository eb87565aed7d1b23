// Checks of result<T> that print the failure's text.
#pragma once

#include "base/result.hpp"

#include <boost/test/unit_test.hpp>

#define CHECK_OK(expression)                                                            \
  do {                                                                                  \
    const auto& checked_ = (expression);                                                \
    BOOST_CHECK_MESSAGE(checked_.has_value(), #expression << ": " << (checked_ ? std::string() : checked_.error().text())); \
  } while (false)
#define REQUIRE_OK(expression)                                                          \
  do {                                                                                  \
    const auto& checked_ = (expression);                                                \
    BOOST_REQUIRE_MESSAGE(checked_.has_value(), #expression << ": " << (checked_ ? std::string() : checked_.error().text())); \
  } while (false)
// The expression fails with this code.
#define CHECK_FAILS(expression, wanted_code)                                            \
  do {                                                                                  \
    const auto& checked_ = (expression);                                                \
    BOOST_CHECK_MESSAGE(!checked_ && checked_.error().code == (wanted_code),            \
                        #expression << " gave " << (checked_ ? std::string("success") : checked_.error().text())); \
  } while (false)
