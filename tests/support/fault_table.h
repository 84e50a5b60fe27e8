// FaultTable: which calls of a process under test are to fail, and how. It lies in a file that the test and the
// preloaded fault shim both map, so that faults can be set, taken back and counted while the process runs.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace martlet::support {

enum class FaultCall : uint8_t { accept4, epoll_ctl, recv, send, sendmsg, allocate, mmap, rlimit, kCount };

// All zero: every call passes. Fields are set while `armed` is false.
struct FaultRule {
  std::atomic<bool> armed;
  std::atomic<int> error;       // errno of the failing call; 0: none
  std::atomic<uint64_t> bytes;  // instead of failing, move at most so many (recv, send, sendmsg)
  std::atomic<uint64_t> skip;   // calls that pass first
  std::atomic<uint64_t> every;  // of those after them each k-th fails; 0 and 1: each
  std::atomic<uint64_t> count;  // how many fail in all; 0: no bound
  std::atomic<uint64_t> calls;  // seen while armed
  std::atomic<uint64_t> hits;   // failed
};

struct FaultTable {
  std::array<FaultRule, static_cast<size_t>(FaultCall::kCount)> rules;

  FaultRule& rule(FaultCall call) { return rules[static_cast<size_t>(call)]; }
};

inline constexpr const char* kFaultFileVariable = "MARTLET_FAULT_FILE";

}  // namespace martlet::support
