// What glibc is told about the memory of this process. Measured on exports; glibc's own settings are for many small
// texts.
#pragma once

namespace spillway::cli {

// To be called first of all, by programs that work on events. Texts of a few MiB come and go in them all the time.
// Where not even a first step can be had, the heap grows as glibc has it.
void set_up_heap();

}  // namespace spillway::cli
