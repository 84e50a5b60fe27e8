// Where a server under test can be reached.
#pragma once

#include <cstdint>
#include <string>

namespace martlet::support {

enum class Transport : uint8_t { tcp4, tcp6, unix_stream };

inline const char* name_of(Transport transport) {
  switch (transport) {
    case Transport::tcp4:
      return "tcp4";
    case Transport::tcp6:
      return "tcp6";
    case Transport::unix_stream:
      return "unix";
  }
  return "?";
}

struct Endpoint {
  Transport transport = Transport::tcp4;
  uint16_t port = 0;  // on 127.0.0.1 or ::1
  std::string path;   // unix_stream
};

}  // namespace martlet::support
