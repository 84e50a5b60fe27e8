// Frames of the binary protocol: building requests, reading replies. A header of 24 bytes, then extras, key and value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/reply.h"

namespace martlet::differential {

inline constexpr size_t kHeaderSize = 24;
inline constexpr size_t kOpaqueAt = 12;
inline constexpr size_t kCasAt = 16;

// What a request says of itself; the sizes are those of the parts unless a test wants them to be wrong.
struct Frame {
  uint8_t magic = 0x80;
  uint8_t opcode = 0;
  std::string extras;
  std::string key;
  std::string value;
  uint64_t cas = 0;
};

// Big-endian integers in a string.
std::string big16(uint16_t value);
std::string big32(uint32_t value);
std::string big64(uint64_t value);
uint64_t read_big(std::string_view bytes, size_t at, size_t size);

std::string encode(const Frame& frame);

void put_opaque(uint32_t opaque, std::string* frame);
void put_cas(uint64_t cas, std::string* frame);

// A reply, as a view into the stream that it was read from.
struct FrameView {
  std::string_view bytes;

  uint8_t opcode() const { return static_cast<uint8_t>(bytes[1]); }
  uint32_t opaque() const { return static_cast<uint32_t>(read_big(bytes, kOpaqueAt, 4)); }
  uint16_t status() const { return static_cast<uint16_t>(read_big(bytes, 6, 2)); }
  uint64_t cas() const { return read_big(bytes, kCasAt, 8); }
};

// The complete frames at the begin of `stream`. Stops, without an error, at what is no reply or is not all there.
std::vector<FrameView> split_frames(std::string_view stream);

// The parts of a stream of frames: the CAS ids are told apart, all else is literal, and so is what is no frame.
ReplyParts binary_parts(std::string_view bytes);

}  // namespace martlet::differential
