// Texts: memcached's, in whose error packets they take the value's place.
//
// A packet that fits into what the sink can prepare at once is formatted there in one step, its value included; of a
// larger one the header, extras and key are, and the value is handed over as it is.
#include "server/protocol/binary_reply.h"

#include <cstring>
#include <utility>

#include "server/protocol/binary_header.h"

namespace martlet::protocol {
namespace {

constexpr size_t kMaxPrepare = 512;  // what ReplySink::prepare promises
constexpr size_t kFlagsSize = 4;

// How a request ended: a status, and in words where that is not ok.
struct Verdict {
  Status status = Status::ok;
  std::string_view text{};
};

constexpr Verdict kNotFound{Status::not_found, "Not found"};
constexpr Verdict kExists{Status::exists, "Data exists for key."};
constexpr Verdict kTooLarge{Status::too_large, "Too large."};
constexpr Verdict kInvalid{Status::invalid_arguments, "Invalid arguments"};
constexpr Verdict kNotStored{Status::not_stored, "Not stored."};
constexpr Verdict kNonNumeric{Status::non_numeric, "Non-numeric server-side value for incr or decr"};
constexpr Verdict kRefused{Status::refused, "Auth failure."};
constexpr Verdict kUnknown{Status::unknown_opcode, "Unknown command"};
constexpr Verdict kOutOfMemory{Status::out_of_memory, "Out of memory"};
constexpr Verdict kOutOfMemoryStoring{Status::out_of_memory, "Out of memory allocating item"};
constexpr Verdict kOutOfMemoryReading{Status::out_of_memory, "Out of memory during read"};
constexpr Verdict kOutOfMemoryCounting{Status::out_of_memory, "Out of memory incrementing value"};

Verdict verdict_of(Failure failure) {
  switch (failure) {
    case Failure::unknown_command:
    case Failure::unknown_opcode:
      return kUnknown;
    case Failure::unknown_stats:
      return kNotFound;
    default:
      break;
  }
  return kInvalid;
}

// A store that was not done, by what it asked for.
Verdict not_stored(StoreMode mode) {
  if (mode == StoreMode::add) return kExists;
  return mode == StoreMode::replace ? kNotFound : kNotStored;
}

// What the text protocol refuses with a CLIENT_ERROR: options of the command line forbid it, or it cannot be done.
Verdict client_error(const Request& request, std::string_view text) {
  if (text.ends_with("not allowed")) return kRefused;
  return request.verb == Verb::stats ? kNotFound : kInvalid;
}

Verdict verdict_of(const Request& request, const Response& response) {
  switch (response.outcome) {
    case Outcome::failure:
      return verdict_of(request.failure);
    case Outcome::miss:
    case Outcome::not_found:
    case Outcome::error:  // an unknown listing
      return kNotFound;
    case Outcome::exists:
      return kExists;
    case Outcome::not_stored:
      return not_stored(request.mode);
    case Outcome::too_large:
      return kTooLarge;
    case Outcome::non_numeric:
      return kNonNumeric;
    case Outcome::client_error:
      return client_error(request, response.text);
    case Outcome::bad_chunk:
    case Outcome::bad_exptime:
      return kInvalid;
    case Outcome::out_of_memory_storing:
      return kOutOfMemoryStoring;
    case Outcome::out_of_memory_read:
      return kOutOfMemoryReading;
    case Outcome::out_of_memory:
      return request.verb == Verb::arith ? kOutOfMemoryCounting : kOutOfMemory;
    case Outcome::out_of_memory_get:
    case Outcome::server_error:
      return kOutOfMemory;
    default:
      break;
  }
  return {};
}

// Does a get with this opcode answer with the key?
bool returns_key(uint8_t opcode) {
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::getk:
    case Opcode::getkq:
    case Opcode::gatk:
    case Opcode::gatkq:
      return true;
    default:
      return false;
  }
}

bool is_hidden(const Request& request, Status status) {
  if (!request.quiet) return false;
  return status == (request.verb == Verb::get ? Status::not_found : Status::ok);
}

char* put(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

BinaryHeader reply_header(const Request& request, Status status) {
  BinaryHeader header;
  header.magic = kBinaryReplyMagic;
  header.opcode = request.opcode;
  header.status = static_cast<uint16_t>(status);
  header.opaque = request.binary_opaque;
  return header;
}

// A packet without extras.
bool write_packet(BinaryHeader header, std::string_view key, std::string_view value, ReplySink& sink) {
  header.key_size = static_cast<uint16_t>(key.size());
  header.body_size = static_cast<uint32_t>(key.size() + value.size());
  const size_t size = kBinaryHeaderSize + header.body_size;
  const bool inlined = size <= kMaxPrepare;
  char* const begin = sink.prepare(inlined ? size : kBinaryHeaderSize);
  if (begin == nullptr) return false;
  char* out = store_header(begin, header);
  if (inlined) out = put(put(out, key), value);
  sink.commit(static_cast<size_t>(out - begin));
  return inlined || ((key.empty() || sink.append(key)) && (value.empty() || sink.append(value)));
}

// Header, flags, the key where it was asked for, the value unless only the expiry was to change.
bool write_hit(const Request& request, Response&& response, ReplySink& sink) {
  const std::string_view key = returns_key(request.opcode) ? request.key : std::string_view{};
  const size_t value_size = request.want_value ? response.value.size() : 0;
  BinaryHeader header = reply_header(request, Status::ok);
  header.key_size = static_cast<uint16_t>(key.size());
  header.extras_size = kFlagsSize;
  header.body_size = static_cast<uint32_t>(kFlagsSize + key.size() + value_size);
  header.cas = response.cas;

  const size_t head_size = kBinaryHeaderSize + kFlagsSize + key.size();
  const bool inlined = value_size == 0 || (!response.value.is_pinned() && value_size <= kMaxPrepare - head_size);
  char* const begin = sink.prepare(inlined ? head_size + value_size : head_size);
  if (begin == nullptr) return false;
  char* out = put(store_number(store_header(begin, header), response.flags), key);
  if (inlined && value_size != 0) out = put(out, response.value.piece_at(0));
  sink.commit(static_cast<size_t>(out - begin));
  return inlined || sink.append_value(std::move(response.value));
}

bool write_number(BinaryHeader header, uint64_t number, ReplySink& sink) {
  header.body_size = sizeof number;
  char* const begin = sink.prepare(kBinaryHeaderSize + sizeof number);
  if (begin == nullptr) return false;
  char* const end = store_number(store_header(begin, header), number);
  sink.commit(static_cast<size_t>(end - begin));
  return true;
}

// A packet for each row, then an empty one.
bool write_stats(const BinaryHeader& header, const Response& response, ReplySink& sink) {
  if (response.rows != nullptr) {
    for (const auto& [name, value] : *response.rows) {
      if (!write_packet(header, name, value, sink)) return false;
    }
  }
  return write_packet(header, {}, {}, sink);
}

// What the text protocol lists in lines of its own is one packet, its lines the value, then an empty packet.
bool write_lines(const BinaryHeader& header, const Response& response, ReplySink& sink) {
  constexpr std::string_view kName = "detailed";
  constexpr std::string_view kLineEnd = "\r\n";
  const std::string_view text = response.owned_text.empty() ? response.text : std::string_view(response.owned_text);
  BinaryHeader listing = header;
  listing.key_size = kName.size();
  listing.body_size = static_cast<uint32_t>(kName.size() + text.size() + kLineEnd.size());
  char* const begin = sink.prepare(kBinaryHeaderSize + kName.size());
  if (begin == nullptr) return false;
  char* const end = put(store_header(begin, listing), kName);
  sink.commit(static_cast<size_t>(end - begin));
  return (text.empty() || sink.append(text)) && sink.append(kLineEnd) && write_packet(header, {}, {}, sink);
}

}  // namespace

bool write_binary(const Request& request, Response&& response, ReplySink& sink) {
  const Verdict verdict = verdict_of(request, response);
  if (is_hidden(request, verdict.status)) return true;
  BinaryHeader header = reply_header(request, verdict.status);
  if (verdict.status == Status::not_found && returns_key(request.opcode)) {
    return write_packet(header, request.key, {}, sink);
  }
  if (verdict.status != Status::ok) {
    const bool explained = response.outcome == Outcome::server_error;
    return write_packet(header, {}, explained ? response.text : verdict.text, sink);
  }
  header.cas = response.cas;
  switch (response.outcome) {
    case Outcome::hit:
      return write_hit(request, std::move(response), sink);
    case Outcome::number:
      return write_number(header, response.number, sink);
    case Outcome::stats:
      return write_stats(header, response, sink);
    case Outcome::line:
      return write_lines(header, response, sink);
    case Outcome::version:
      return write_packet(header, {}, response.text, sink);
    default:
      return write_packet(header, {}, {}, sink);
  }
}

}  // namespace martlet::protocol
