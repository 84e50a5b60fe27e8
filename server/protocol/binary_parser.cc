#include "server/protocol/binary_parser.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "server/protocol/binary_header.h"

namespace martlet::protocol {
namespace {

// An increment with this expiry fails on a miss instead of making the number.
constexpr uint32_t kNoVivify = 0xffffffff;

enum class KeyRule : uint8_t { none, needed, any };

// What may follow the key. dropped: bytes that mean nothing, but belong to the packet.
enum class Rest : uint8_t { none, value, dropped };

// What an opcode asks for, and the shape its packet must have.
struct OpcodeRow {
  Opcode opcode;
  Verb verb;  // invalid: its shape is checked, then it is answered as unknown
  bool quiet;
  uint8_t extras;  // bytes
  KeyRule key;
  Rest rest;
  bool extras_optional = false;
};

constexpr bool kLoud = false;
constexpr bool kQuiet = true;

constexpr OpcodeRow kRows[] = {
    {Opcode::get, Verb::get, kLoud, 0, KeyRule::needed, Rest::none},
    {Opcode::getq, Verb::get, kQuiet, 0, KeyRule::needed, Rest::none},
    {Opcode::getk, Verb::get, kLoud, 0, KeyRule::needed, Rest::none},
    {Opcode::getkq, Verb::get, kQuiet, 0, KeyRule::needed, Rest::none},
    {Opcode::touch, Verb::get, kLoud, 4, KeyRule::needed, Rest::dropped},
    {Opcode::gat, Verb::get, kLoud, 4, KeyRule::needed, Rest::dropped},
    {Opcode::gatq, Verb::get, kQuiet, 4, KeyRule::needed, Rest::dropped},
    {Opcode::gatk, Verb::get, kLoud, 4, KeyRule::needed, Rest::dropped},
    {Opcode::gatkq, Verb::get, kQuiet, 4, KeyRule::needed, Rest::dropped},
    {Opcode::set, Verb::store, kLoud, 8, KeyRule::needed, Rest::value},
    {Opcode::setq, Verb::store, kQuiet, 8, KeyRule::needed, Rest::value},
    {Opcode::add, Verb::store, kLoud, 8, KeyRule::needed, Rest::value},
    {Opcode::addq, Verb::store, kQuiet, 8, KeyRule::needed, Rest::value},
    {Opcode::replace, Verb::store, kLoud, 8, KeyRule::needed, Rest::value},
    {Opcode::replaceq, Verb::store, kQuiet, 8, KeyRule::needed, Rest::value},
    {Opcode::append, Verb::store, kLoud, 0, KeyRule::needed, Rest::value},
    {Opcode::appendq, Verb::store, kQuiet, 0, KeyRule::needed, Rest::value},
    {Opcode::prepend, Verb::store, kLoud, 0, KeyRule::needed, Rest::value},
    {Opcode::prependq, Verb::store, kQuiet, 0, KeyRule::needed, Rest::value},
    {Opcode::increment, Verb::arith, kLoud, 20, KeyRule::needed, Rest::none},
    {Opcode::incrementq, Verb::arith, kQuiet, 20, KeyRule::needed, Rest::none},
    {Opcode::decrement, Verb::arith, kLoud, 20, KeyRule::needed, Rest::none},
    {Opcode::decrementq, Verb::arith, kQuiet, 20, KeyRule::needed, Rest::none},
    {Opcode::remove, Verb::remove, kLoud, 0, KeyRule::needed, Rest::none},
    {Opcode::removeq, Verb::remove, kQuiet, 0, KeyRule::needed, Rest::none},
    {Opcode::flush, Verb::flush_all, kLoud, 4, KeyRule::none, Rest::none, true},
    {Opcode::flushq, Verb::flush_all, kQuiet, 4, KeyRule::none, Rest::none, true},
    {Opcode::quit, Verb::quit, kLoud, 0, KeyRule::none, Rest::none},
    {Opcode::quitq, Verb::quit, kQuiet, 0, KeyRule::none, Rest::none},
    {Opcode::noop, Verb::noop, kLoud, 0, KeyRule::none, Rest::none},
    {Opcode::version, Verb::version, kLoud, 0, KeyRule::none, Rest::none},
    {Opcode::stat, Verb::stats, kLoud, 0, KeyRule::any, Rest::dropped},
    {Opcode::sasl_list, Verb::invalid, kLoud, 0, KeyRule::none, Rest::none},
    {Opcode::sasl_auth, Verb::invalid, kLoud, 0, KeyRule::needed, Rest::dropped},
    {Opcode::sasl_step, Verb::invalid, kLoud, 0, KeyRule::needed, Rest::dropped},
};

constexpr uint8_t kNoRow = 0xff;

// The row of each opcode there can be.
constexpr std::array<uint8_t, 256> kRowOf = [] {
  std::array<uint8_t, 256> rows{};
  rows.fill(kNoRow);
  for (size_t i = 0; i < std::size(kRows); ++i) rows[static_cast<uint8_t>(kRows[i].opcode)] = static_cast<uint8_t>(i);
  return rows;
}();

bool has_shape(const OpcodeRow& row, const BinaryHeader& header) {
  const bool extras = header.extras_size == row.extras || (row.extras_optional && header.extras_size == 0);
  const bool key = row.key == KeyRule::any || (header.key_size > 0) == (row.key == KeyRule::needed);
  const bool rest = row.rest != Rest::none || header.body_size == uint32_t{header.extras_size} + header.key_size;
  return extras && key && rest;
}

Parsed refused(Failure failure, Request* out) {
  out->verb = Verb::invalid;
  out->failure = failure;
  return {ParseStatus::request, kBinaryHeaderSize};
}

// The stream is lost.
Parsed refused_for_good(Failure failure, Request* out) {
  out->close_after = true;
  return refused(failure, out);
}

Parsed unknown(const BinaryHeader& header, Request* out) {
  out->swallow = header.body_size;
  return refused(Failure::unknown_opcode, out);
}

StoreMode store_mode(Opcode opcode) {
  switch (opcode) {
    case Opcode::add:
    case Opcode::addq:
      return StoreMode::add;
    case Opcode::replace:
    case Opcode::replaceq:
      return StoreMode::replace;
    case Opcode::append:
    case Opcode::appendq:
      return StoreMode::append;
    case Opcode::prepend:
    case Opcode::prependq:
      return StoreMode::prepend;
    default:
      return StoreMode::set;
  }
}

// Any id makes set, add and replace alike a store over the item that has it.
void read_store(const BinaryHeader& header, const char* extras, uint32_t value_size, Request* out) {
  out->mode = store_mode(static_cast<Opcode>(header.opcode));
  out->has_value = true;
  out->value_size = value_size;
  if (header.extras_size == 0) return;
  out->flags = load_number<uint32_t>(extras);
  out->exptime = load_number<uint32_t>(extras + 4);
  if (out->cas != 0) out->mode = StoreMode::cas;
}

void read_arith(const BinaryHeader& header, const char* extras, Request* out) {
  const auto opcode = static_cast<Opcode>(header.opcode);
  out->negative = opcode == Opcode::decrement || opcode == Opcode::decrementq;
  out->delta = load_number<uint64_t>(extras);
  out->initial = load_number<uint64_t>(extras + 8);
  const uint32_t exptime = load_number<uint32_t>(extras + 16);
  out->vivify = exptime != kNoVivify;
  if (out->vivify) out->vivify_exptime = exptime;
}

// `stats` of a name, in the words of the text protocol. Some of its listings have no binary form.
bool read_stats(std::string_view name, Request* out) {
  constexpr std::string_view kPlain[] = {"reset", "settings", "items", "slabs", "sizes"};
  constexpr std::string_view kDetail[] = {"detail on", "detail off", "detail dump"};
  constexpr size_t kDetailSize = 6;
  if (name.empty()) return true;
  for (const std::string_view plain : kPlain) {
    if (name != plain) continue;
    out->args[out->arg_count++] = name;
    return true;
  }
  for (const std::string_view detail : kDetail) {
    if (name != detail) continue;
    out->args[out->arg_count++] = name.substr(0, kDetailSize);
    out->args[out->arg_count++] = name.substr(kDetailSize + 1);
    return true;
  }
  return false;
}

void read_body(const OpcodeRow& row, const BinaryHeader& header, const char* body, Request* out) {
  const std::string_view key(body + header.extras_size, header.key_size);
  const uint32_t rest = header.body_size - header.extras_size - header.key_size;
  out->verb = row.verb;
  out->quiet = row.quiet;
  out->cas = header.cas;
  out->compare_cas = header.cas != 0;
  if (row.verb != Verb::stats) out->key = key;
  if (row.rest == Rest::dropped) out->swallow = rest;
  switch (row.verb) {
    case Verb::get:
      out->with_touch = row.extras != 0;
      out->want_value = row.opcode != Opcode::touch;
      if (out->with_touch) out->exptime = load_number<uint32_t>(body);
      break;
    case Verb::store:
      read_store(header, body, rest, out);
      break;
    case Verb::arith:
      read_arith(header, body, out);
      break;
    case Verb::flush_all:
      if (header.extras_size != 0) out->exptime = load_number<uint32_t>(body);
      break;
    case Verb::stats:
      if (!read_stats(key, out)) refused(Failure::unknown_stats, out);
      break;
    default:
      break;
  }
}

}  // namespace

Parsed parse_binary(std::string_view in, Request* out) {
  if (in.empty()) return {ParseStatus::need_more, 0};
  if (static_cast<unsigned char>(in.front()) != kBinaryMagic) return {ParseStatus::close, 0};
  if (in.size() < kBinaryHeaderSize) return {ParseStatus::need_more, 0};
  const BinaryHeader header = load_header(in.data());
  const size_t head_size = size_t{header.extras_size} + header.key_size;
  out->clear();
  out->wire = WireForm::binary;
  out->opcode = header.opcode;
  out->binary_opaque = header.opaque;
  if (head_size > header.body_size) return refused_for_good(Failure::unknown_opcode, out);
  if (header.key_size > kMaxKeySize || header.body_size > kMaxBodySize) {
    return refused_for_good(Failure::invalid_arguments, out);
  }
  const uint8_t index = kRowOf[header.opcode];
  if (index == kNoRow) return unknown(header, out);
  const OpcodeRow& row = kRows[index];
  if (!has_shape(row, header)) return refused_for_good(Failure::invalid_arguments, out);
  if (row.verb == Verb::invalid) return unknown(header, out);
  if (in.size() < kBinaryHeaderSize + head_size) return {ParseStatus::need_more, 0};
  read_body(row, header, in.data() + kBinaryHeaderSize, out);
  return {ParseStatus::request, kBinaryHeaderSize + head_size};
}

}  // namespace martlet::protocol
