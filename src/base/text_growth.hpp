// Strings that grow without being zeroed first.
#pragma once

#include <cstddef>
#include <string>

namespace spillway::base {

// As text.resize(bytes), but what is new holds anything: it must be written before it is read. An export writes all of
// its input and all of its lines so; zeroing them first took 2.5 % of its time.
void resize_unwritten(std::string& text, std::size_t bytes);

}  // namespace spillway::base
