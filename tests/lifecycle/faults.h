// Faults: lets calls of a running server fail. Its start options carry the environment that a server under faults
// needs.
#pragma once

#include <memory>
#include <string>

#include "tests/lifecycle/running_server.h"
#include "tests/support/fault_table.h"

namespace martlet::lifecycle {

using support::FaultCall;

struct Fault {
  int error = 0;
  uint64_t bytes = 0;
  uint64_t skip = 0;
  uint64_t every = 1;
  uint64_t count = 0;
};

class Faults {
 public:
  // Null, and the test has failed, when there is no file to share.
  static std::unique_ptr<Faults> create();
  ~Faults();
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  // `options` with the shim in front of the C library.
  ServerOptions under(ServerOptions options) const;

  void arm(FaultCall call, const Fault& fault);
  void disarm(FaultCall call) { table_->rule(call).armed.store(false); }
  uint64_t hits(FaultCall call) const { return table_->rule(call).hits.load(); }
  uint64_t calls(FaultCall call) const { return table_->rule(call).calls.load(); }

 private:
  Faults(std::string path, support::FaultTable* table) : path_(std::move(path)), table_(table) {}

  const std::string path_;
  support::FaultTable* const table_;
};

}  // namespace martlet::lifecycle
