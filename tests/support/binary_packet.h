// Packets of the binary protocol, as a client builds them and as it reads them: independent of the server's own code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace martlet::support {

// `number` in `size` bytes, big endian.
inline std::string big(uint64_t number, size_t size) {
  std::string out(size, '\0');
  for (size_t i = size; i-- > 0; number >>= 8) out[i] = static_cast<char>(number & 0xff);
  return out;
}
inline std::string big32(uint64_t number) { return big(number, 4); }
inline std::string big64(uint64_t number) { return big(number, 8); }

inline constexpr uint32_t kOpaque = 0xdeadbeef;  // of every packet that names no other

struct Packet {
  uint8_t opcode = 0;
  std::string key{};
  std::string value{};
  std::string extras{};
  std::string cas = std::string(8, '\0');  // eight bytes, or a pattern that stands for them
  uint16_t status = 0;                     // requests: reserved
  uint32_t opaque = kOpaque;
  uint8_t magic = 0x80;
  uint8_t data_type = 0;

  std::string bytes() const {
    std::string out;
    out += static_cast<char>(magic);
    out += static_cast<char>(opcode);
    out += big(key.size(), 2);
    out += static_cast<char>(extras.size());
    out += static_cast<char>(data_type);
    out += big(status, 2);
    out += big32(extras.size() + key.size() + value.size());
    out += big32(opaque);
    return out + cas + extras + key + value;
  }
};

// A request's header alone, with sizes that need not fit anything.
inline std::string header(uint8_t opcode, size_t key_size, size_t extras_size, size_t body_size) {
  std::string out("\x80");
  out += static_cast<char>(opcode);
  out += big(key_size, 2);
  out += static_cast<char>(extras_size);
  out += std::string(3, '\0');
  out += big32(body_size);
  return out + big32(kOpaque) + big64(0);
}

}  // namespace martlet::support
