// Micro-benchmark: taking and giving back a connection structure costs the same however many are in use.
#include <benchmark/benchmark.h>

#include <vector>

#include "server/conn/conn_pool.h"

namespace martlet::conn {
namespace {

void acquire_and_release(benchmark::State& state) {
  const auto in_use = static_cast<uint32_t>(state.range(0));
  const auto pool = ConnPool::create(in_use + 1);
  for (uint32_t i = 0; i < in_use; ++i) pool->acquire();
  for (auto _ : state) {
    ConnEntry* entry = pool->acquire();
    benchmark::DoNotOptimize(entry);
    pool->release(*entry);
  }
}
BENCHMARK(acquire_and_release)->RangeMultiplier(10)->Range(10, 1'000'000);

}  // namespace
}  // namespace martlet::conn

BENCHMARK_MAIN();
