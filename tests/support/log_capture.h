// LogCapture: a Diag whose lines a test reads back.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "server/base/diag.h"
#include "threads/unique_fd.h"

namespace martlet::support {

class LogCapture {
 public:
  explicit LogCapture(int verbosity = 0) : diag(verbosity, file_.get()) {}

  // Everything logged so far.
  std::string text() const {
    std::string out(static_cast<size_t>(::lseek(file_.get(), 0, SEEK_END)), '\0');
    const ssize_t got = ::pread(file_.get(), out.data(), out.size(), 0);
    out.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return out;
  }
  size_t count(std::string_view part) const {
    const std::string all = text();
    size_t found = 0;
    for (size_t at = all.find(part); at != std::string::npos; at = all.find(part, at + part.size())) ++found;
    return found;
  }

 private:
  threads::UniqueFd file_{::memfd_create("log", MFD_CLOEXEC)};

 public:
  Diag diag;
};

}  // namespace martlet::support
