// Texts: protocol.txt of memcached, and its server's habits where that document is silent.
//
// Fixed lines are appended as they stand. VALUE lines are formatted in the sink's own memory; a small value goes in
// behind its line in the same step, a large one is handed over as it is.
#include "server/protocol/classic_reply.h"

#include <utility>

#include "server/protocol/reply_text.h"

namespace martlet::protocol {
namespace {

constexpr std::string_view kEnd = "END\r\n";
constexpr std::string_view kError = "ERROR\r\n";
// "VALUE", four spaces, three numbers, two line endings.
constexpr size_t kValueLineSize = 5 + 4 + 3 * kMaxU64Digits + 2 * kCrlf.size();

std::string_view failure_line(Failure failure) {
  switch (failure) {
    case Failure::none:
    case Failure::unknown_command:
      return kError;
    case Failure::bad_line:
      return "CLIENT_ERROR bad command line format\r\n";
    case Failure::bad_chunk:
      return "CLIENT_ERROR bad data chunk\r\n";
    case Failure::bad_exptime:
      return "CLIENT_ERROR invalid exptime argument\r\n";
    case Failure::bad_delta:
      return "CLIENT_ERROR invalid numeric delta argument\r\n";
    case Failure::flags_too_long:
      return "CLIENT_ERROR options flags are too long\r\n";
    case Failure::invalid_flag:
      return "CLIENT_ERROR invalid flag\r\n";
    case Failure::duplicate_flag:
      return "CLIENT_ERROR duplicate flag\r\n";
    case Failure::arith_flags:
      return "CLIENT_ERROR invalid or duplicate flag\r\n";
    case Failure::bad_token:
      return "CLIENT_ERROR bad token in command line format\r\n";
    case Failure::opaque_too_long:
      return "CLIENT_ERROR opaque token too long\r\n";
    case Failure::bad_base64_key:
      return "CLIENT_ERROR error decoding key\r\n";
    case Failure::bad_initial_value:
      return "CLIENT_ERROR invalid numeric initial value\r\n";
    case Failure::bad_delta_value:
      return "CLIENT_ERROR invalid numeric delta value\r\n";
    case Failure::bad_store_mode:
      return "CLIENT_ERROR invalid mode for ms M token\r\n";
    case Failure::bad_arith_mode:
      return "CLIENT_ERROR invalid mode for ma M token\r\n";
    case Failure::unknown_opcode:
    case Failure::unknown_stats:
    case Failure::invalid_arguments:
      break;
  }
  return kError;
}

// The line of an outcome that is always the same; empty for the others.
std::string_view fixed_line(Outcome outcome) {
  switch (outcome) {
    case Outcome::end:
      return kEnd;
    case Outcome::stored:
      return "STORED\r\n";
    case Outcome::not_stored:
      return "NOT_STORED\r\n";
    case Outcome::exists:
      return "EXISTS\r\n";
    case Outcome::not_found:
      return "NOT_FOUND\r\n";
    case Outcome::deleted:
      return "DELETED\r\n";
    case Outcome::touched:
      return "TOUCHED\r\n";
    case Outcome::ok:
      return "OK\r\n";
    case Outcome::reset:
      return "RESET\r\n";
    case Outcome::error:
      return kError;
    case Outcome::too_large:
      return "SERVER_ERROR object too large for cache\r\n";
    case Outcome::out_of_memory_storing:
      return "SERVER_ERROR out of memory storing object\r\n";
    case Outcome::out_of_memory:
      return "SERVER_ERROR out of memory\r\n";
    case Outcome::out_of_memory_get:
      return "SERVER_ERROR out of memory writing get response\r\n";
    case Outcome::out_of_memory_read:
      return "SERVER_ERROR Out of memory during read\r\n";
    case Outcome::bad_chunk:
      return failure_line(Failure::bad_chunk);
    case Outcome::bad_exptime:
      return failure_line(Failure::bad_exptime);
    case Outcome::non_numeric:
      return "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
    default:
      return {};
  }
}

// VALUE <key> <flags> <bytes> [<cas>], the value, CR LF
bool write_hit(const Request& request, Response&& response, ReplySink& sink) {
  const size_t value_size = response.value.size();
  const size_t line_size = kValueLineSize + request.key.size();
  const bool inlined = value_size == 0 || (!response.value.is_pinned() && value_size <= kMaxPrepare - line_size);
  char* const begin = sink.prepare(inlined ? line_size + value_size : line_size);
  if (begin == nullptr) return false;
  char* out = put(put(begin, "VALUE "), request.key);
  out = put_number(out, response.flags);
  out = put_number(out, value_size);
  if (request.wire == WireForm::classic_gets) out = put_number(out, response.cas);
  out = put(out, kCrlf);
  if (inlined) {
    if (value_size != 0) out = put(out, response.value.piece_at(0));
    out = put(out, kCrlf);
  }
  sink.commit(static_cast<size_t>(out - begin));
  return inlined || (sink.append_value(std::move(response.value)) && sink.append(kCrlf));
}

bool write_number(uint64_t number, ReplySink& sink) {
  char* const begin = sink.prepare(kMaxU64Digits + kCrlf.size());
  if (begin == nullptr) return false;
  const char* const end = put(print_u64(begin, number), kCrlf);
  sink.commit(static_cast<size_t>(end - begin));
  return true;
}

// `prefix`, text, CR LF
bool write_line(std::string_view prefix, const Response& response, ReplySink& sink) {
  const std::string_view text = response.owned_text.empty() ? response.text : std::string_view(response.owned_text);
  return (prefix.empty() || sink.append(prefix)) && (text.empty() || sink.append(text)) && sink.append(kCrlf);
}

// STAT <name> <value> for each row, then END
bool write_stats(const Response& response, ReplySink& sink) {
  if (response.rows != nullptr) {
    for (const auto& [name, value] : *response.rows) {
      if (!sink.append("STAT ") || !sink.append(name)) return false;
      if (!value.empty() && (!sink.append(" ") || !sink.append(value))) return false;
      if (!sink.append(kCrlf)) return false;
    }
  }
  return sink.append(kEnd);
}

}  // namespace

bool write_classic(const Request& request, Response&& response, ReplySink& sink) {
  if (request.noreply) return true;
  switch (response.outcome) {
    case Outcome::none:
    case Outcome::miss:
      return true;
    case Outcome::hit:
      return write_hit(request, std::move(response), sink);
    case Outcome::failure:
      return sink.append(failure_line(request.failure));
    case Outcome::number:
      return write_number(response.number, sink);
    case Outcome::stats:
      return write_stats(response, sink);
    case Outcome::version:
      return write_line("VERSION ", response, sink);
    case Outcome::client_error:
      return write_line("CLIENT_ERROR ", response, sink);
    case Outcome::server_error:
      return write_line("SERVER_ERROR ", response, sink);
    case Outcome::line:
      return write_line({}, response, sink);
    default:
      return sink.append(fixed_line(response.outcome));
  }
}

}  // namespace martlet::protocol
