#include "cli/program.hpp"

#include <malloc.h>

int main(int argc, char** argv) {
  // Blocks and segments of a megabyte come and go all the time: giving each back to the kernel and faulting it in again
  // costs as much as parsing what is in it. What is kept is bounded by the slots that hold them.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  return spillway::cli::run(argc, argv);
}
