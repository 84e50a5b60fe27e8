// The binary protocol's packets: a header of 24 bytes, then extras, key and value, whose sizes it announces.
//
//   0       1       2           4       5       6           8          12        16        24
//   | magic | opcode| key size  | extras| type  | status    | body     | opaque  | cas     | extras | key | value
//
// Numbers are big endian; body is the size of all that follows the header. In a request the status is reserved, and it
// is ignored like the type. Opaque comes back as it came. Source: memcached's description of its binary protocol.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "server/protocol/negotiate.h"

namespace martlet::protocol {

inline constexpr unsigned char kBinaryReplyMagic = 0x81;
inline constexpr uint32_t kMaxBodySize = 1U << 30;

// Those not listed are not served.
enum class Opcode : uint8_t {
  get = 0x00,
  set = 0x01,
  add = 0x02,
  replace = 0x03,
  remove = 0x04,
  increment = 0x05,
  decrement = 0x06,
  quit = 0x07,
  flush = 0x08,
  getq = 0x09,
  noop = 0x0a,
  version = 0x0b,
  getk = 0x0c,
  getkq = 0x0d,
  append = 0x0e,
  prepend = 0x0f,
  stat = 0x10,
  setq = 0x11,
  addq = 0x12,
  replaceq = 0x13,
  removeq = 0x14,
  incrementq = 0x15,
  decrementq = 0x16,
  quitq = 0x17,
  flushq = 0x18,
  appendq = 0x19,
  prependq = 0x1a,
  touch = 0x1c,
  gat = 0x1d,
  gatq = 0x1e,
  sasl_list = 0x20,
  sasl_auth = 0x21,
  sasl_step = 0x22,
  gatk = 0x23,
  gatkq = 0x24,
};

enum class Status : uint16_t {
  ok = 0x00,
  not_found = 0x01,
  exists = 0x02,
  too_large = 0x03,
  invalid_arguments = 0x04,
  not_stored = 0x05,
  non_numeric = 0x06,
  refused = 0x20,  // not allowed to this client
  unknown_opcode = 0x81,
  out_of_memory = 0x82,
};

// Between the wire's order and the machine's: the same both ways.
template <std::unsigned_integral Number>
constexpr Number big_endian(Number number) {
  if constexpr (std::endian::native == std::endian::big || sizeof(Number) == 1) {
    return number;
  } else if constexpr (sizeof(Number) == 2) {
    return __builtin_bswap16(number);
  } else if constexpr (sizeof(Number) == 4) {
    return __builtin_bswap32(number);
  } else {
    static_assert(sizeof(Number) == 8);
    return __builtin_bswap64(number);
  }
}

// A number of the wire; there are sizeof(Number) bytes at `from`.
template <std::unsigned_integral Number>
Number load_number(const char* from) {
  Number number;
  std::memcpy(&number, from, sizeof number);
  return big_endian(number);
}

// Writes `number` as the wire has it and returns where it ends.
template <std::unsigned_integral Number>
char* store_number(char* to, Number number) {
  number = big_endian(number);
  std::memcpy(to, &number, sizeof number);
  return to + sizeof number;
}

// In the machine's byte order.
struct BinaryHeader {
  uint8_t magic = kBinaryMagic;
  uint8_t opcode = 0;
  uint16_t key_size = 0;
  uint8_t extras_size = 0;
  uint8_t data_type = 0;
  uint16_t status = 0;
  uint32_t body_size = 0;
  uint32_t opaque = 0;
  uint64_t cas = 0;
};

inline constexpr size_t kBinaryHeaderSize = 24;
static_assert(sizeof(BinaryHeader) == kBinaryHeaderSize, "the struct lies as the wire does");

inline BinaryHeader with_swapped_bytes(BinaryHeader header) {
  header.key_size = big_endian(header.key_size);
  header.status = big_endian(header.status);
  header.body_size = big_endian(header.body_size);
  header.opaque = big_endian(header.opaque);
  header.cas = big_endian(header.cas);
  return header;
}

// There are kBinaryHeaderSize bytes at `from`, and at `to`.
inline BinaryHeader load_header(const char* from) {
  BinaryHeader header;
  std::memcpy(&header, from, kBinaryHeaderSize);
  return with_swapped_bytes(header);
}

inline char* store_header(char* to, const BinaryHeader& header) {
  const BinaryHeader wire = with_swapped_bytes(header);
  std::memcpy(to, &wire, kBinaryHeaderSize);
  return to + kBinaryHeaderSize;
}

// A packet in words, for logs: its header's fields, and its key where that is among `bytes`. Needs no memory.
class PacketText {
 public:
  explicit PacketText(std::string_view bytes);
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 400> text_;
  size_t size_ = 0;
};

}  // namespace martlet::protocol
