#include "cli/program.hpp"

#include <malloc.h>

namespace {

// Texts and segments of a few MiB come and go all the time. glibc gives such memory back to the kernel at once, and a
// page fault for each 4 KiB brings it back: half of the time of a delivery from the store.
void keep_freed_memory() {
  constexpr int kept_bytes_max = 32 << 20;  // by each thread
  constexpr int mapped_bytes_min = 4 << 20;
  ::mallopt(M_TRIM_THRESHOLD, kept_bytes_max);
  ::mallopt(M_MMAP_THRESHOLD, mapped_bytes_min);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  return spillway::cli::run(argc, argv);
}
