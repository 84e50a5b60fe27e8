// Texts: protocol.txt of memcached, "Meta Commands". A line is formatted in the sink's own memory in one go, a small
// value with it.
#include "server/protocol/meta_reply.h"

#include <array>
#include <utility>

#include "server/protocol/base64.h"
#include "server/protocol/classic_reply.h"
#include "server/protocol/reply_text.h"

namespace martlet::protocol {
namespace {

// A reply line without the key and the opaque: the code and a size, seven numbers with a space, a letter and a sign
// each, ` b`, the three marks of a lease, two line endings. `ME` needs less for its words and numbers.
constexpr size_t kLineSize = 3 + 11 + 2 * 23 + 5 * 13 + 2 + 6 + 2 * kCrlf.size();
static_assert(kLineSize + 2 * 2 + kMaxKeySize + kMaxOpaqueSize <= kMaxPrepare);

size_t line_bound(const Request& request) {
  const size_t key_size = request.base64 ? base64_size(request.key.size()) : request.key.size();
  return kLineSize + 2 * 2 + key_size + request.opaque.size();
}

// As it was spelled: base64 is decoded strictly, so encoding gives back the same.
char* put_key(char* out, const Request& request) {
  return request.base64 ? base64_encode(request.key, out) : put(out, request.key);
}

char* put_letter(char* out, char letter) {
  out[0] = ' ';
  out[1] = letter;
  return out + 2;
}

// Seconds left; -1 where there is no end.
char* put_ttl(char* out, int64_t ttl) { return ttl < 0 ? put(out, "-1") : print_u64(out, static_cast<uint64_t>(ttl)); }

// One flag that is returned, with its value.
char* put_flag(char* out, char letter, const Request& request, const Response& response) {
  out = put_letter(out, letter);
  switch (letter) {
    case 'k':
      out = put_key(out, request);
      return request.base64 ? put(out, " b") : out;
    case 'O':
      return put(out, request.opaque);
    case 'c':
      return print_u64(out, response.cas);
    case 'f':
      return print_u64(out, response.flags);
    case 's':
      return print_u64(out, response.value_size);
    case 't':
      return put_ttl(out, response.ttl);
    case 'h':
      return put(out, response.fetched ? "1" : "0");
    default:  // l
      return print_u64(out, response.idle);
  }
}

// With an item to tell about, every flag; else those that are the request's own.
char* put_flags(char* out, const Request& request, const Response& response, bool has_item) {
  for (size_t i = 0; i < request.return_count; ++i) {
    const char letter = request.return_flags[i];
    if (has_item || letter == 'k' || letter == 'O') out = put_flag(out, letter, request, response);
  }
  return out;
}

char* put_lease(char* out, const Response& response) {
  if (response.token_out) out = put_letter(out, 'Z');
  if (response.stale) out = put_letter(out, 'X');
  return response.won ? put_letter(out, 'W') : out;
}

// A line without a value.
bool write_code(std::string_view code, const Request& request, const Response& response, bool has_item,
                ReplySink& sink) {
  char* const begin = sink.prepare(line_bound(request));
  if (begin == nullptr) return false;
  char* out = put_flags(put(begin, code), request, response, has_item);
  if (has_item) out = put_lease(out, response);
  out = put(out, kCrlf);
  sink.commit(static_cast<size_t>(out - begin));
  return true;
}

// VA <bytes> <flag>*, the value, CR LF
bool write_value(const Request& request, Response&& response, ReplySink& sink) {
  const size_t value_size = response.value.size();
  const size_t bound = line_bound(request);
  const bool inlined = value_size == 0 || (!response.value.is_pinned() && value_size <= kMaxPrepare - bound);
  char* const begin = sink.prepare(inlined ? bound + value_size : bound);
  if (begin == nullptr) return false;
  char* out = put_number(put(begin, "VA"), value_size);
  out = put(put_lease(put_flags(out, request, response, true), response), kCrlf);
  if (inlined) {
    if (value_size != 0) out = put(out, response.value.piece_at(0));
    out = put(out, kCrlf);
  }
  sink.commit(static_cast<size_t>(out - begin));
  return inlined || (sink.append_value(std::move(response.value)) && sink.append(kCrlf));
}

// VA <bytes> <flag>*, the number, CR LF
bool write_number(const Request& request, Response&& response, ReplySink& sink) {
  std::array<char, kMaxU64Digits> digits;
  const char* const end = print_u64(digits.data(), response.number);
  response.value = PinnedBytes::transient({digits.data(), static_cast<size_t>(end - digits.data())});
  return write_value(request, std::move(response), sink);
}

// ME <key> exp=<seconds left> la=<seconds> cas=<id> fetch=yes|no cls=<class> size=<bytes>
bool write_inspected(const Request& request, const Response& response, ReplySink& sink) {
  char* const begin = sink.prepare(line_bound(request));
  if (begin == nullptr) return false;
  char* out = put_key(put(begin, "ME "), request);
  out = put_ttl(put(out, " exp="), response.ttl);
  out = print_u64(put(out, " la="), response.idle);
  out = print_u64(put(out, " cas="), response.cas);
  out = put(out, response.fetched ? " fetch=yes" : " fetch=no");
  out = print_u64(put(out, " cls="), response.size_class);
  out = put(print_u64(put(out, " size="), response.item_size), kCrlf);
  sink.commit(static_cast<size_t>(out - begin));
  return true;
}

}  // namespace

bool write_meta(const Request& request, Response&& response, ReplySink& sink) {
  const bool stores = request.verb == Verb::store;  // the size that was sent and an id of 0 are told of a refused one
  switch (response.outcome) {
    case Outcome::hit:
      if (request.want_value) return write_value(request, std::move(response), sink);
      return write_code("HD", request, response, true, sink);
    case Outcome::hidden_hit:
      return write_code("HD", request, response, true, sink);
    case Outcome::miss:
      if (request.verb == Verb::inspect) return sink.append("EN\r\n");
      return request.quiet || write_code("EN", request, response, false, sink);
    case Outcome::stored:
    case Outcome::deleted:
      return request.quiet || write_code("HD", request, response, stores, sink);
    case Outcome::number:
      if (request.quiet) return true;
      if (request.want_value) return write_number(request, std::move(response), sink);
      return write_code("HD", request, response, true, sink);
    case Outcome::not_stored:
      return write_code("NS", request, response, stores, sink);
    case Outcome::exists:
      return write_code("EX", request, response, stores, sink);
    case Outcome::not_found:
      return write_code("NF", request, response, stores, sink);
    case Outcome::end:
      return sink.append("MN\r\n");
    case Outcome::inspected:
      return write_inspected(request, response, sink);
    default:
      return write_classic(request, std::move(response), sink);
  }
}

}  // namespace martlet::protocol
