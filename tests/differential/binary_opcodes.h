// Opcodes, as memcached's protocol_binary document numbers them.
#pragma once

#include <cstdint>

namespace martlet::differential::op {

inline constexpr uint8_t kGet = 0x00;
inline constexpr uint8_t kSet = 0x01;
inline constexpr uint8_t kAdd = 0x02;
inline constexpr uint8_t kReplace = 0x03;
inline constexpr uint8_t kDelete = 0x04;
inline constexpr uint8_t kIncrement = 0x05;
inline constexpr uint8_t kDecrement = 0x06;
inline constexpr uint8_t kQuit = 0x07;
inline constexpr uint8_t kFlush = 0x08;
inline constexpr uint8_t kGetQ = 0x09;
inline constexpr uint8_t kNoop = 0x0a;
inline constexpr uint8_t kVersion = 0x0b;
inline constexpr uint8_t kGetK = 0x0c;
inline constexpr uint8_t kGetKQ = 0x0d;
inline constexpr uint8_t kAppend = 0x0e;
inline constexpr uint8_t kPrepend = 0x0f;
inline constexpr uint8_t kStat = 0x10;
inline constexpr uint8_t kSetQ = 0x11;
inline constexpr uint8_t kAddQ = 0x12;
inline constexpr uint8_t kReplaceQ = 0x13;
inline constexpr uint8_t kDeleteQ = 0x14;
inline constexpr uint8_t kIncrementQ = 0x15;
inline constexpr uint8_t kDecrementQ = 0x16;
inline constexpr uint8_t kQuitQ = 0x17;
inline constexpr uint8_t kFlushQ = 0x18;
inline constexpr uint8_t kAppendQ = 0x19;
inline constexpr uint8_t kPrependQ = 0x1a;
inline constexpr uint8_t kTouch = 0x1c;
inline constexpr uint8_t kGat = 0x1d;
inline constexpr uint8_t kGatQ = 0x1e;
inline constexpr uint8_t kGatK = 0x23;
inline constexpr uint8_t kGatKQ = 0x24;

// Those that answer with a value and take an expiry.
inline constexpr bool touches(uint8_t opcode) {
  return opcode == kGat || opcode == kGatQ || opcode == kGatK || opcode == kGatKQ;
}

inline constexpr bool is_fetch(uint8_t opcode) {
  return touches(opcode) || opcode == kGet || opcode == kGetQ || opcode == kGetK || opcode == kGetKQ;
}

inline constexpr bool counts(uint8_t opcode) {
  return opcode == kIncrement || opcode == kDecrement || opcode == kIncrementQ || opcode == kDecrementQ;
}

inline constexpr bool is_known(uint8_t opcode) { return opcode <= kGatQ && opcode != 0x1b; }

}  // namespace martlet::differential::op
