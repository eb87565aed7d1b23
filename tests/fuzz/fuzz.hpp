// What every fuzz target has: the function that libFuzzer calls with one input, and the statement of what must hold.
//
// A target is one file. The preset `fuzz` makes a program of it (tools/fuzz runs them), every other build compiles it
// into the unit tests under another name, where corpus.cpp gives it each file of fixtures/corpus/TARGET.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

// 0: the input may join the corpus. Thread rule: one caller at a time. Throws what `require` throws.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes);

namespace spillway::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t bytes) {
  return {reinterpret_cast<const char*>(data), bytes};
}

// What must hold of every input. An exception, so that the unit tests go on to say which file it was; libFuzzer takes
// it for a crash, because nobody catches it.
inline void require(bool holds, const char* what) {
  if (!holds) {
    throw std::logic_error(std::string("it does not hold that ") + what);
  }
}

}  // namespace spillway::fuzz
