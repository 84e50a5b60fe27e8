// Layout: memcached's protocol_binary document, "Packet Structure".
#include "tests/differential/binary_frame.h"

namespace martlet::differential {
namespace {

constexpr uint8_t kReplyMagic = 0x81;

std::string big(uint64_t value, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = size; i > 0; --i) {
    bytes[i - 1] = static_cast<char>(value & 0xFFU);
    value >>= 8U;
  }
  return bytes;
}

}  // namespace

std::string big16(uint16_t value) { return big(value, 2); }
std::string big32(uint32_t value) { return big(value, 4); }
std::string big64(uint64_t value) { return big(value, 8); }

uint64_t read_big(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (const char byte : bytes.substr(at, size)) value = value << 8U | static_cast<uint8_t>(byte);
  return value;
}

std::string encode(const Frame& frame) {
  const size_t body = frame.extras.size() + frame.key.size() + frame.value.size();
  std::string bytes;
  bytes.reserve(kHeaderSize + body);
  bytes += static_cast<char>(frame.magic);
  bytes += static_cast<char>(frame.opcode);
  bytes += big16(static_cast<uint16_t>(frame.key.size()));
  bytes += static_cast<char>(frame.extras.size());
  bytes += big(0, 3);  // data type, reserved
  bytes += big32(static_cast<uint32_t>(body));
  bytes += big32(0);  // opaque: the player's
  bytes += big64(frame.cas);
  return bytes.append(frame.extras).append(frame.key).append(frame.value);
}

void put_opaque(uint32_t opaque, std::string* frame) {
  if (frame->size() >= kHeaderSize) frame->replace(kOpaqueAt, 4, big32(opaque));
}

void put_cas(uint64_t cas, std::string* frame) {
  if (frame->size() >= kHeaderSize) frame->replace(kCasAt, 8, big64(cas));
}

std::vector<FrameView> split_frames(std::string_view stream) {
  std::vector<FrameView> frames;
  while (stream.size() >= kHeaderSize && static_cast<uint8_t>(stream.front()) == kReplyMagic) {
    const size_t size = kHeaderSize + static_cast<size_t>(read_big(stream, 8, 4));
    if (stream.size() < size) break;
    frames.push_back({stream.substr(0, size)});
    stream.remove_prefix(size);
  }
  return frames;
}

ReplyParts binary_parts(std::string_view bytes) {
  using Kind = ReplyPart::Kind;
  ReplyParts parts;
  for (const FrameView& frame : split_frames(bytes)) {
    if (frame.cas() == 0) {
      parts.push_back({Kind::literal, std::string(frame.bytes)});
    } else {
      parts.push_back({Kind::literal, std::string(frame.bytes.substr(0, kCasAt))});
      parts.push_back({Kind::cas, std::to_string(frame.cas())});
      parts.push_back({Kind::literal, std::string(frame.bytes.substr(kHeaderSize))});
    }
    bytes.remove_prefix(frame.bytes.size());
  }
  if (!bytes.empty()) parts.push_back({Kind::literal, std::string(bytes)});
  return parts;
}

}  // namespace martlet::differential
