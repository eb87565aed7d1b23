// Not BOOST_TEST_MODULE: that macro does not go together with a precompiled <boost/test/unit_test.hpp>.
#include <boost/test/unit_test.hpp>

namespace {
bool init_nothing() { return true; }
}  // namespace

int main(int argc, char** argv) { return boost::unit_test::unit_test_main(&init_nothing, argc, argv); }
