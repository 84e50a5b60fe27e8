// The shared table's file, and its rules.
#include "tests/lifecycle/faults.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "threads/unique_fd.h"

namespace martlet::lifecycle {

std::unique_ptr<Faults> Faults::create() {
  char path[] = "/tmp/martlet-faults-XXXXXX";
  const threads::UniqueFd fd(::mkstemp(path));
  if (!fd.valid() || ::ftruncate(fd.get(), sizeof(support::FaultTable)) != 0 || ::fchmod(fd.get(), 0666) != 0) {
    ADD_FAILURE() << "no file for the faults";
    return nullptr;
  }
  void* memory = ::mmap(nullptr, sizeof(support::FaultTable), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) {
    ADD_FAILURE() << "the faults' file cannot be mapped";
    return nullptr;
  }
  return std::unique_ptr<Faults>(new Faults(path, static_cast<support::FaultTable*>(memory)));
}

Faults::~Faults() {
  ::munmap(table_, sizeof(support::FaultTable));
  ::unlink(path_.c_str());
}

ServerOptions Faults::under(ServerOptions options) const {
  options.environment.emplace_back("LD_PRELOAD", MARTLET_FAULT_SHIM_PATH);
  options.environment.emplace_back(support::kFaultFileVariable, path_);
  return options;
}

void Faults::arm(FaultCall call, const Fault& fault) {
  support::FaultRule& rule = table_->rule(call);
  rule.armed.store(false);
  rule.error.store(fault.error);
  rule.bytes.store(fault.bytes);
  rule.skip.store(fault.skip);
  rule.every.store(fault.every);
  rule.count.store(fault.count);
  rule.calls.store(0);
  rule.hits.store(0);
  rule.armed.store(true);
}

}  // namespace martlet::lifecycle
