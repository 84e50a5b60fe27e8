// The flags of the meta commands: a letter, and what follows it up to the next space. One set serves all commands, so a
// letter that means something to any of them is accepted by every one, and ignored where it means nothing.
//
// Source: protocol.txt of memcached, "Meta Commands".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace martlet::protocol {

// A bit per command, to say which of them return a flag's value.
enum MetaCommand : uint8_t {
  kMetaGet = 1,
  kMetaStore = 2,
  kMetaRemove = 4,
  kMetaArith = 8,
  kMetaInspect = 16,
};

// What a flag does to the request, and with it what follows the letter.
enum class MetaEffect : uint8_t {
  refused,       // no flag at all
  none,          // asks for a value in return, or is a hint to proxies
  base64,        // b
  quiet,         // q
  want_value,    // v
  peek,          // u
  invalidate,    // I
  clear_value,   // x
  opaque,        // O and up to 32 bytes
  mode,          // M and a letter
  exptime,       // T and seconds
  vivify,        // N and seconds
  recache,       // R and seconds
  compare_cas,   // C and an id
  new_cas,       // E and an id
  client_flags,  // F and 32 bits
  initial,       // J and a number
  delta,         // D and a number
};

struct MetaFlag {
  MetaEffect effect = MetaEffect::refused;
  uint8_t returned_by = 0;  // commands whose answer carries its value
};

inline constexpr unsigned char kFirstMetaFlag = 'A';
inline constexpr unsigned char kLastMetaFlag = 'z';
inline constexpr size_t kMetaFlagCount = kLastMetaFlag - kFirstMetaFlag + 1;

struct MetaFlagRow {
  char letter;
  MetaFlag flag;
};

inline constexpr uint8_t kMetaKeyed = kMetaGet | kMetaStore | kMetaRemove | kMetaArith;

inline constexpr std::array<MetaFlagRow, 25> kMetaFlagRows{{
    {'b', {MetaEffect::base64, 0}},
    {'k', {MetaEffect::none, kMetaKeyed}},
    {'O', {MetaEffect::opaque, kMetaKeyed}},
    {'q', {MetaEffect::quiet, 0}},
    {'c', {MetaEffect::none, kMetaGet | kMetaStore | kMetaArith}},
    {'C', {MetaEffect::compare_cas, 0}},
    {'E', {MetaEffect::new_cas, 0}},
    {'f', {MetaEffect::none, kMetaGet}},
    {'s', {MetaEffect::none, kMetaGet | kMetaStore}},
    {'t', {MetaEffect::none, kMetaGet | kMetaArith}},
    {'h', {MetaEffect::none, kMetaGet}},
    {'l', {MetaEffect::none, kMetaGet}},
    {'v', {MetaEffect::want_value, 0}},
    {'u', {MetaEffect::peek, 0}},
    {'N', {MetaEffect::vivify, 0}},
    {'R', {MetaEffect::recache, 0}},
    {'T', {MetaEffect::exptime, 0}},
    {'F', {MetaEffect::client_flags, 0}},
    {'I', {MetaEffect::invalidate, 0}},
    {'M', {MetaEffect::mode, 0}},
    {'x', {MetaEffect::clear_value, 0}},
    {'J', {MetaEffect::initial, 0}},
    {'D', {MetaEffect::delta, 0}},
    {'P', {MetaEffect::none, 0}},
    {'L', {MetaEffect::none, 0}},
}};

// By letter, from kFirstMetaFlag to kLastMetaFlag.
constexpr std::array<MetaFlag, kMetaFlagCount> make_meta_flags() {
  std::array<MetaFlag, kMetaFlagCount> flags{};
  for (const MetaFlagRow& row : kMetaFlagRows) flags[static_cast<size_t>(row.letter - kFirstMetaFlag)] = row.flag;
  return flags;
}
inline constexpr std::array<MetaFlag, kMetaFlagCount> kMetaFlags = make_meta_flags();

}  // namespace martlet::protocol
