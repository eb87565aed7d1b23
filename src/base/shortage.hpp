// Next steps that several places have in common: where the operating system gives no more of something, and where
// something was cut off.
#pragma once

#include <string_view>

namespace spillway::base {

inline constexpr std::string_view hint_to_go_on = "run the same command again: it goes on where it stopped";
inline constexpr std::string_view hint_for_memory =
    "allow more memory (ulimit -v) or use fewer --threads, then run the same command again: it goes on where it "
    "stopped";
inline constexpr std::string_view hint_for_descriptors =
    "allow more open files (ulimit -n), then run the same command again: it goes on where it stopped";

}  // namespace spillway::base
