#include "model/project.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

namespace spillway::model_project_tests {
namespace {

using spillway::model::compression;
using spillway::model::first_partition;
using spillway::model::parse_compression;
using spillway::model::record_form;
using spillway::model::to_string;

}  // namespace

BOOST_AUTO_TEST_SUITE(model_project)

BOOST_AUTO_TEST_CASE(record_forms_are_read_back_from_their_names) {
  for (const record_form form : {record_form::documented, record_form::observed}) {
    BOOST_TEST((spillway::base::parse_name<record_form>(to_string(form)) == form));
  }
  BOOST_TEST(to_string(record_form::documented) == "documented");
  BOOST_TEST(to_string(record_form::observed) == "observed");
  for (const std::string_view text : {"", "Documented", "observed ", "real"}) {
    BOOST_TEST(!spillway::base::parse_name<record_form>(text).has_value());
  }
}

BOOST_AUTO_TEST_CASE(documented_partitions_start_at_one_and_observed_ones_at_zero) {
  BOOST_TEST(first_partition(record_form::documented) == 1);
  BOOST_TEST(first_partition(record_form::observed) == 0);
}

BOOST_AUTO_TEST_CASE(compressions_are_read_back_from_their_names) {
  for (int level = 0; level <= 9; ++level) {
    const auto read = parse_compression(to_string(compression{level}));
    BOOST_TEST((read == compression{level}), "level " << level);
  }
  BOOST_TEST(to_string(compression{}) == "fast");
  BOOST_TEST(to_string(compression{6}) == "6");
  for (const std::string_view text : {"", "0", "10", "-1", "06", " 6", "6 ", "Fast", "best", "a"}) {
    BOOST_TEST(!parse_compression(text).has_value(), "\"" << text << "\" was taken");
  }
}

BOOST_AUTO_TEST_CASE(the_largest_id_is_exact_in_a_double) {
  BOOST_TEST(spillway::model::id_max == 9'007'199'254'740'991);
  BOOST_TEST(static_cast<std::int64_t>(static_cast<double>(spillway::model::id_max)) == spillway::model::id_max);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::model_project_tests
