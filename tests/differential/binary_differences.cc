// Rows about frames.
#include "tests/differential/binary_differences.h"

#include <array>
#include <string_view>

#include "tests/differential/binary_frame.h"
#include "tests/differential/binary_opcodes.h"
#include "tests/differential/differences.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr uint16_t kTooLargeStatus = 0x03;
constexpr uint16_t kExistsStatus = 0x02;
constexpr uint16_t kNotNumericStatus = 0x06;
constexpr uint16_t kUnknownStatus = 0x81;

uint8_t opcode_of(const Command& command) { return static_cast<uint8_t>(command.bytes[1]); }

size_t body_size(const Command& command) { return static_cast<size_t>(read_big(command.bytes, 8, 4)); }

bool has_status(const Reply& reply, uint16_t status) {
  const auto frames = split_frames(reply.bytes);
  return reply.ending == Ending::open && !frames.empty() && frames.front().status() == status;
}

bool asks_for_version(const Command& command) { return opcode_of(command) == op::kVersion && body_size(command) == 0; }

bool version_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && ours.bytes.size() > kHeaderSize && theirs.bytes.size() > kHeaderSize &&
         ours.bytes.substr(kHeaderSize).starts_with("1.6.45-martlet-") &&
         theirs.bytes.substr(kHeaderSize).starts_with("1.6.") && split_frames(ours.bytes).size() == 1;
}

// Followed by a noop, of which only this server hears.
bool is_unknown_with_key(const Command& command) {
  return !op::is_known(opcode_of(command)) && !op::is_fetch(opcode_of(command)) && read_big(command.bytes, 2, 2) != 0;
}

bool unknown_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  const auto our_frames = split_frames(ours.bytes);
  const auto their_frames = split_frames(theirs.bytes);
  return has_status(ours, kUnknownStatus) && has_status(theirs, kUnknownStatus) && our_frames.size() == 2 &&
         our_frames[1].opcode() == op::kNoop && their_frames.size() == 1 &&
         our_frames[0].bytes == their_frames[0].bytes;
}

bool is_near_the_limit(const Command& command) {
  const size_t size = body_size(command);
  return size > kItemLimit - kItemOverhead && size <= kItemLimit + 8 + 250;
}

bool near_the_limit_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && !has_status(ours, kTooLargeStatus) && has_status(theirs, kTooLargeStatus);
}

bool counts_with_id(const Command& command) {
  return op::counts(opcode_of(command)) && (command.cas.has_value() || read_big(command.bytes, kCasAt, 8) != 0);
}

bool counts_with_id_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return has_status(ours, kExistsStatus) && has_status(theirs, kNotNumericStatus);
}

bool closes(const Command& command) { return command.ends; }

bool counts_what_is_held(const Command& command) { return command.after_fetch && op::counts(opcode_of(command)); }

constexpr std::array kTable = {
    IntendedDifference{"version", "each says its own", Aftermath::none, asks_for_version, version_as_intended},
    IntendedDifference{"an unknown opcode with key and extras",
                       "memcached drops the size of the whole body behind them, and so the next command; here exactly "
                       "the body",
                       Aftermath::none, is_unknown_with_key, unknown_as_intended},
    IntendedDifference{"a value about as large as -I", "-I bounds the value here, the whole item in memcached",
                       Aftermath::other_item, is_near_the_limit, near_the_limit_as_intended},
    IntendedDifference{"increment, decrement of an empty value with an id that does not match",
                       "memcached looks at an empty value before it looks at the id", Aftermath::none, counts_with_id,
                       counts_with_id_as_intended},
    IntendedDifference{"a frame that closes behind others",
                       "memcached drops replies that are queued, here they are sent first", Aftermath::loses_replies,
                       closes, never},
    IntendedDifference{"increment, decrement behind a fetch of the key",
                       "memcached pads a shorter number with spaces unless a reply still holds the item",
                       Aftermath::other_item, counts_what_is_held, never},
};

}  // namespace

DifferenceTable binary_differences() { return kTable; }

}  // namespace martlet::differential
