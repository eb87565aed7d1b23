#include "cli/program.hpp"

namespace spillway::cli {

void add_verbs(program& to) {
  add_export(to);
  add_ingest(to);
  add_generate(to);
}

}  // namespace spillway::cli
