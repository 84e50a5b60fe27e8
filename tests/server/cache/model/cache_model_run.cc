// cache_model_run: the model test for as long as one likes.
//
//   cache_model_run [--operations N] [--seed N] [--threads N] [--preset NAME]
//
// Without a preset the operations are shared among all of them. Prints a row for each run; exits with 1 after the first
// wrong answer, which it prints with the seed and the operations that led to it. A run of one thread happens again with
// the same seed, but for the order of evictions where the index grows: keys are hashed under a random seed.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/server/cache/model/run.h"

namespace {

using martlet::cache::model::Preset;

struct Arguments {
  uint64_t operations = 1'000'000;
  uint64_t seed = 1;
  unsigned threads = 1;
  std::string preset;
  bool valid = true;
};

bool number(const char* text, uint64_t most, uint64_t& out) {
  char* end = nullptr;
  out = std::strtoull(text, &end, 10);
  return *text != '\0' && *end == '\0' && out <= most;
}

Arguments parse(int argc, char** argv) {
  Arguments out;
  out.valid = argc % 2 == 1;
  for (int i = 1; i + 1 < argc && out.valid; i += 2) {
    uint64_t value = 0;
    if (std::strcmp(argv[i], "--preset") == 0) {
      out.preset = argv[i + 1];
      out.valid = martlet::cache::model::find_preset(out.preset) != nullptr;
    } else if (std::strcmp(argv[i], "--operations") == 0) {
      out.valid = number(argv[i + 1], UINT64_MAX, out.operations);
    } else if (std::strcmp(argv[i], "--seed") == 0) {
      out.valid = number(argv[i + 1], UINT64_MAX, out.seed);
    } else if (std::strcmp(argv[i], "--threads") == 0) {
      out.valid = number(argv[i + 1], martlet::cache::model::Evictions::kMostOwners, value) && value > 0;
      out.threads = static_cast<unsigned>(value);
    } else {
      out.valid = false;
    }
  }
  return out;
}

bool play(const Preset& preset, const Arguments& arguments, uint64_t operations) {
  const auto start = std::chrono::steady_clock::now();
  martlet::cache::model::Run run(preset, arguments.seed, arguments.threads);
  const bool right = run.play(operations);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%-8s %10llu operations %9llu evictions %8llu refusals %7.1f s  %s\n", preset.name,
              static_cast<unsigned long long>(operations), static_cast<unsigned long long>(run.evictions()),
              static_cast<unsigned long long>(run.refusals()), took.count(), right ? "right" : "WRONG");
  std::fflush(stdout);
  if (!right) {
    std::printf("seed %llu, %u threads: %s\n", static_cast<unsigned long long>(arguments.seed), arguments.threads,
                run.complaint().c_str());
  }
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  if (!arguments.valid) {
    std::fprintf(stderr, "usage: %s [--operations N] [--seed N] [--threads 1..%zu] [--preset", argv[0],
                 martlet::cache::model::Evictions::kMostOwners);
    for (const Preset& preset : martlet::cache::model::presets()) std::fprintf(stderr, " %s", preset.name);
    std::fprintf(stderr, "]\n");
    return 64;
  }
  std::vector<const Preset*> chosen;
  for (const Preset& preset : martlet::cache::model::presets()) {
    const bool wanted = arguments.preset.empty() || arguments.preset == preset.name;
    if (wanted && (arguments.threads == 1 || preset.for_threads)) chosen.push_back(&preset);
  }
  if (chosen.empty()) {
    std::fprintf(stderr, "preset %s is for one thread\n", arguments.preset.c_str());
    return 64;
  }
  for (const Preset* preset : chosen) {
    if (!play(*preset, arguments, (arguments.operations + chosen.size() - 1) / chosen.size())) return 1;
  }
  return 0;
}
