// Packets of binary conversations: what a client sends, and what it must hear.
//
// Ids are given as eight bytes or as a pattern that stands for them ("<#cas>" is remembered, "<#>" is any).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "tests/support/binary_packet.h"

namespace martlet::wire {

using support::big32;
using support::big64;
using support::Packet;

enum Op : uint8_t {
  kGet = 0x00,
  kSet = 0x01,
  kAdd = 0x02,
  kReplace = 0x03,
  kDelete = 0x04,
  kIncr = 0x05,
  kDecr = 0x06,
  kQuit = 0x07,
  kFlush = 0x08,
  kGetQ = 0x09,
  kNoop = 0x0a,
  kVersion = 0x0b,
  kGetK = 0x0c,
  kGetKQ = 0x0d,
  kAppend = 0x0e,
  kPrepend = 0x0f,
  kStat = 0x10,
  kSetQ = 0x11,
  kAddQ = 0x12,
  kReplaceQ = 0x13,
  kDeleteQ = 0x14,
  kIncrQ = 0x15,
  kDecrQ = 0x16,
  kQuitQ = 0x17,
  kFlushQ = 0x18,
  kAppendQ = 0x19,
  kPrependQ = 0x1a,
  kTouch = 0x1c,
  kGat = 0x1d,
  kGatQ = 0x1e,
  kGatK = 0x23,
  kGatKQ = 0x24,
};

inline const std::string kNoCas(8, '\0');
inline const std::string kAnyCas = "<#>";
inline constexpr uint32_t kFailOnMiss = 0xffffffff;

// ---- requests

inline Packet ask(uint8_t op, std::string key = {}, std::string extras = {}, std::string value = {},
                  std::string cas = kNoCas) {
  Packet packet;
  packet.opcode = op;
  packet.key = std::move(key);
  packet.extras = std::move(extras);
  packet.value = std::move(value);
  packet.cas = std::move(cas);
  return packet;
}

inline std::string bare(uint8_t op) { return ask(op).bytes(); }
inline std::string of_key(uint8_t op, std::string key, std::string cas = kNoCas) {
  return ask(op, std::move(key), {}, {}, std::move(cas)).bytes();
}

// set, add, replace
inline std::string put(uint8_t op, std::string key, std::string value, std::string cas = kNoCas, uint32_t flags = 0,
                       uint32_t exptime = 0) {
  return ask(op, std::move(key), big32(flags) + big32(exptime), std::move(value), std::move(cas)).bytes();
}

// append, prepend
inline std::string join(uint8_t op, std::string key, std::string value, std::string cas = kNoCas) {
  return ask(op, std::move(key), {}, std::move(value), std::move(cas)).bytes();
}

inline std::string count(uint8_t op, std::string key, uint64_t delta, uint64_t initial = 0,
                         uint32_t exptime = kFailOnMiss, std::string cas = kNoCas) {
  return ask(op, std::move(key), big64(delta) + big64(initial) + big32(exptime), {}, std::move(cas)).bytes();
}

// touch, gat, gatk
inline std::string expire(uint8_t op, std::string key, uint32_t exptime) {
  return ask(op, std::move(key), big32(exptime)).bytes();
}

// ---- replies

inline Packet reply(uint8_t op, uint16_t status = 0) {
  Packet packet;
  packet.magic = 0x81;
  packet.opcode = op;
  packet.status = status;
  return packet;
}

// All went well, and there is nothing to say.
inline std::string done(uint8_t op) { return reply(op).bytes(); }

// A store's success tells the new id.
inline std::string put_done(uint8_t op, std::string cas = kAnyCas) {
  Packet packet = reply(op);
  packet.cas = std::move(cas);
  return packet.bytes();
}

inline std::string hit_of(uint8_t op, std::string value, uint32_t flags = 0, std::string key = {},
                          std::string cas = kAnyCas) {
  Packet packet = reply(op);
  packet.extras = big32(flags);
  packet.key = std::move(key);
  packet.value = std::move(value);
  packet.cas = std::move(cas);
  return packet.bytes();
}

inline std::string number_is(uint8_t op, uint64_t number, std::string cas = kAnyCas) {
  Packet packet = reply(op);
  packet.value = big64(number);
  packet.cas = std::move(cas);
  return packet.bytes();
}

inline std::string failed(uint8_t op, uint16_t status, std::string text) {
  Packet packet = reply(op, status);
  packet.value = std::move(text);
  return packet.bytes();
}

inline std::string not_found(uint8_t op) { return failed(op, 0x01, "Not found"); }
inline std::string key_exists(uint8_t op) { return failed(op, 0x02, "Data exists for key."); }
inline std::string too_large(uint8_t op) { return failed(op, 0x03, "Too large."); }
inline std::string invalid(uint8_t op) { return failed(op, 0x04, "Invalid arguments"); }
inline std::string not_joined(uint8_t op) { return failed(op, 0x05, "Not stored."); }
inline std::string non_numeric(uint8_t op) {
  return failed(op, 0x06, "Non-numeric server-side value for incr or decr");
}
inline std::string not_allowed(uint8_t op) { return failed(op, 0x20, "Auth failure."); }
inline std::string unknown(uint8_t op) { return failed(op, 0x81, "Unknown command"); }

// A miss that tells the key.
inline std::string not_found_key(uint8_t op, std::string key) {
  Packet packet = reply(op, 0x01);
  packet.key = std::move(key);
  return packet.bytes();
}

}  // namespace martlet::wire
