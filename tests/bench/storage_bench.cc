// The storage comparison; its command line is that of bench_main.h.
#include <csignal>

#include "tests/bench/bench_main.h"
#include "tests/bench/storage/catalogue.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return martlet::bench::bench_main(
      {.name = "storage_bench", .scenarios = martlet::bench::storage_scenarios(), .takes_traces = true},
      {argv + 1, argv + argc});
}
