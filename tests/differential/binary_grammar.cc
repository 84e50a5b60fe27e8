// The binary protocol: every opcode, quiet and loud, and the ways to get a header wrong.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/differential/binary_differences.h"
#include "tests/differential/binary_frame.h"
#include "tests/differential/binary_opcodes.h"
#include "tests/differential/grammar.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr size_t kLargest = 100000;  // of a value that stays; see the classic grammar
constexpr size_t kLargestAppended = 1500;

const std::vector<std::string>& keys() {
  static const std::vector<std::string> kKeys{
      "a", "b", "key:1", "counter", std::string(250, 'k'), std::string("a b\0\r\n\xff", 7)};
  return kKeys;
}

Command command_of(const Frame& frame) {
  Command command;
  command.bytes = encode(frame);
  command.key = frame.key;
  return command;
}

// Compares an id now and then: the newest one seen, or one that nobody has.
void compare(Random& random, uint64_t one_in, Frame frame, Command* command) {
  if (!random.one_in(one_in)) return;
  if (random.one_in(3)) {
    frame.cas = kUnknownCas;
    command->bytes = encode(frame);
  } else {
    command->cas = CasUse{kCasAt, frame.key};
  }
}

Frame frame_of(Random& random, uint8_t opcode) {
  Frame frame;
  frame.opcode = opcode;
  frame.key = random.pick(keys());
  return frame;
}

Command fetch(Random& random) {
  static constexpr std::array<uint8_t, 8> kOpcodes{op::kGet, op::kGetK, op::kGetQ, op::kGetKQ,
                                                   op::kGat, op::kGatQ, op::kGatK, op::kGatKQ};
  Frame frame = frame_of(random, kOpcodes[random.below(random.one_in(3) ? 8 : 4)]);
  if (op::touches(frame.opcode)) frame.extras = big32(binary_expiry(random));
  if (random.one_in(8)) frame.key = "nobody";
  return command_of(frame);
}

std::string repair(std::string_view key, Random& random) {
  Frame frame;
  frame.opcode = op::kSet;
  frame.extras = std::string(8, '\0');
  frame.key = key;
  frame.value = std::to_string(random.below(1000));
  return encode(frame);
}

Command store(Random& random) {
  static constexpr std::array<uint8_t, 8> kOpcodes{op::kSet,     op::kSet,  op::kSet,  op::kAdd,
                                                   op::kReplace, op::kSetQ, op::kAddQ, op::kReplaceQ};
  Frame frame = frame_of(random, random.pick(kOpcodes));
  frame.extras = big32(client_flags(random)) + big32(binary_expiry(random));
  frame.value = value(random);
  Command command = command_of(frame);
  compare(random, 5, frame, &command);
  if (frame.value.size() > kLargest) {
    // Looked at and replaced: the servers' limits differ. The look is a command of its own, so the repair is all.
    command.repair = repair(frame.key, random);
  }
  return command;
}

Command concatenate(Random& random) {
  static constexpr std::array<uint8_t, 4> kOpcodes{op::kAppend, op::kPrepend, op::kAppendQ, op::kPrependQ};
  Frame frame = frame_of(random, random.pick(kOpcodes));
  frame.value = value(random);
  if (frame.value.size() > kLargestAppended) frame.value.resize(kLargestAppended);
  if (frame.opcode == op::kPrepend || frame.opcode == op::kPrependQ) frame.value = letters(random, frame.value.size());
  Command command = command_of(frame);
  compare(random, 6, frame, &command);
  return command;
}

Command remove(Random& random) {
  const Frame frame = frame_of(random, random.one_in(3) ? op::kDeleteQ : op::kDelete);
  Command command = command_of(frame);
  compare(random, 4, frame, &command);
  return command;
}

Command arithmetic(Random& random) {
  static constexpr std::array<uint8_t, 4> kOpcodes{op::kIncrement, op::kDecrement, op::kIncrementQ, op::kDecrementQ};
  Frame frame = frame_of(random, random.pick(kOpcodes));
  if (random.one_in(2)) frame.key = "counter";
  const uint32_t expiry = random.one_in(3) ? 0xFFFFFFFFU : binary_expiry(random);
  frame.extras = big64(delta(random)) + big64(delta(random)) + big32(expiry);
  Command command = command_of(frame);
  compare(random, 10, frame, &command);
  return command;
}

Command touch(Random& random) {
  Frame frame = frame_of(random, op::kTouch);
  frame.extras = big32(binary_expiry(random));
  return command_of(frame);
}

Command administer(Random& random) {
  Frame frame;
  switch (random.below(4)) {
    case 0:
      frame.opcode = op::kNoop;
      break;
    case 1:
      frame.opcode = op::kVersion;
      break;
    case 2:
      frame.opcode = random.one_in(2) ? op::kFlush : op::kFlushQ;
      if (random.one_in(2)) frame.extras = big32(0);
      break;
    default:
      frame.opcode = op::kStat;
      frame.key = "nosuch";
      break;
  }
  Command command = command_of(frame);
  command.key.clear();
  return command;
}

// An opcode that nobody has. With key and extras of 24 bytes, the reference, which drops the body's size behind them
// once more, drops exactly the noop that follows.
Command unknown(Random& random) {
  static constexpr std::array<uint8_t, 7> kOpcodes{0x1b, 0x26, 0x30, 0x3c, 0x40, 0x7f, 0xff};
  Frame frame;
  frame.opcode = random.pick(kOpcodes);
  if (random.one_in(2)) frame.value = letters(random, random.below(60));
  if (random.one_in(3)) {
    frame.extras = std::string(4, 'e');
    frame.key = letters(random, kHeaderSize - 4);
  }
  Command command = command_of(frame);
  command.key.clear();
  if (!frame.key.empty()) {
    Frame noop;
    noop.opcode = op::kNoop;
    command.bytes += encode(noop);
  }
  return command;
}

Command too_large(Random& random) {
  Frame frame = frame_of(random, random.one_in(2) ? op::kSet : op::kAdd);
  frame.extras = std::string(8, '\0');
  frame.value = letters(random, kItemLimit + 1 + random.below(2000));
  return command_of(frame);
}

// The header does not fit its opcode or itself, or it is none: the connection closes.
Command broken(Random& random) {
  Frame frame = frame_of(random, op::kGet);
  Command command;
  switch (random.below(8)) {
    case 0:
      frame.key = letters(random, 251);
      break;
    case 1:
      frame.key.clear();
      break;
    case 2:
      frame.extras = big32(0);
      break;
    case 3:
      frame.opcode = op::kSet;
      frame.extras = big32(0);
      break;
    case 4:
      frame.opcode = random.one_in(2) ? op::kNoop : op::kVersion;
      break;
    case 5:
      frame.opcode = random.one_in(2) ? op::kIncrement : op::kTouch;
      break;
    case 6:
      frame.opcode = random.one_in(2) ? op::kQuit : op::kQuitQ;
      frame.key.clear();
      break;
    default:
      frame.magic = static_cast<uint8_t>(random.below(0x80));
      break;
  }
  std::string bytes = encode(frame);
  // A key that is longer than the body.
  if (random.one_in(8)) bytes = bytes.substr(0, kHeaderSize).replace(8, 4, big32(0)).replace(2, 2, big16(9));
  // A good frame first: the first byte of a connection chooses its protocol.
  Frame noop;
  noop.opcode = op::kNoop;
  command.bytes = encode(noop) + bytes;
  command.ends = true;
  return command;
}

Command next(Random& random) {
  static constexpr std::array<Command (*)(Random&), 10> kKinds{fetch, store,      concatenate, remove,    arithmetic,
                                                               touch, administer, unknown,     too_large, broken};
  return kKinds[random.weighted({300, 280, 70, 50, 150, 30, 15, 10, 1, 8})](random);
}

// A touch is a fetch that shows no value.
bool fetches(const Command& command, std::string_view key) {
  const auto opcode = static_cast<uint8_t>(command.bytes[1]);
  return (op::is_fetch(opcode) || opcode == op::kTouch) && command.key == key;
}

}  // namespace

const Grammar& binary_grammar() {
  static const Grammar kGrammar{"binary", "BinaryStreamsAgree",  Dialect::binary, next, repair,
                                fetches,  {binary_differences()}};
  return kGrammar;
}

}  // namespace martlet::differential
