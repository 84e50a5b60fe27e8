// The lifecycle comparison; its command line is that of bench_main.h.
#include <csignal>

#include "tests/bench/bench_main.h"
#include "tests/bench/scenarios/catalogue.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return martlet::bench::bench_main(
      {.name = "lifecycle_bench", .scenarios = martlet::bench::lifecycle_scenarios(), .takes_seconds = true},
      {argv + 1, argv + argc});
}
