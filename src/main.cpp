#include "cli/heap.hpp"
#include "cli/program.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace {

// Credentials are in memory, and core dumps on disks.
void leave_no_core_dump() {
  constexpr rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);  // for systems that hand dumps to a program, which the limit does not stop
}

}  // namespace

int main(int argc, char** argv) {
  leave_no_core_dump();
  spillway::cli::set_up_heap();
  return spillway::cli::run(argc, argv);
}
