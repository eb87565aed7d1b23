#include "cli/heap.hpp"
#include "cli/program.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

// Credentials are in memory, and core dumps on disks.
void leave_no_core_dump() {
  constexpr rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);  // for systems that hand dumps to a program, which the limit does not stop
}

// Whoever starts a program with a standard stream closed would have the first file that it opens take its place: what
// is meant for the terminal would be written into the state file. The other way round, so that reading or writing them
// still fails.
bool keep_standard_streams_apart() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_closed = ::fcntl(stream, F_GETFD) < 0 && errno == EBADF;
    if (is_closed && ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream) {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (!keep_standard_streams_apart()) {
    return EXIT_FAILURE;
  }
  leave_no_core_dump();
  spillway::cli::set_up_heap();
  return spillway::cli::run(argc, argv);
}
