#include "server/base/diag.h"

#include <unistd.h>

#include <iterator>

namespace martlet {

void Diag::line(std::string_view text) const {
  fmt::memory_buffer out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('\n');
  // A log that cannot be written (a closed or full stderr) must not disturb the server.
  [[maybe_unused]] const ssize_t written = ::write(fd_, out.data(), out.size());
}

}  // namespace martlet
