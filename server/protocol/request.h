// Request: what a client asked for, in one form for every dialect.
//
// The meta protocol's vocabulary is the widest, so it is this type; classic and binary commands are lowered onto it.
// A multi-get is unrolled: `get a b c` becomes get a, get b, get c (misses quiet) and a noop whose reply is END.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace martlet::protocol {

enum class Verb : uint8_t {
  invalid,  // could not be understood: `failure` says how; nothing is executed
  get,      // also gets, gat, gats
  store,    // set add replace append prepend cas: `mode`, then value_size bytes and a trailer follow
  arith,    // incr decr
  remove,   // delete
  touch,
  noop,     // end of a multi-get, `mn`, NOOP
  inspect,  // me
  flush_all,
  version,
  verbosity,
  stats,
  cache_memlimit,
  lru_crawler,
  lru,
  slabs,
  extstore,
  shutdown,
  quit,
  watch,
  kCount,
};

enum class StoreMode : uint8_t { set, add, replace, append, prepend, cas };

// How the request was spelled; only the reply writer looks at it.
enum class WireForm : uint8_t {
  classic,       // replies are the plain words
  classic_get,   // VALUE key flags bytes
  classic_gets,  // VALUE key flags bytes cas
  classic_end,   // the END of a multi-get
  meta,          // codes and the flags of `return_flags`
  binary,        // packets
};

// Every way in which a line can be refused before it reaches a handler. The text of each is the reply writer's.
enum class Failure : uint8_t {
  none,
  unknown_command,  // ERROR
  bad_line,         // CLIENT_ERROR bad command line format
  bad_chunk,        // CLIENT_ERROR bad data chunk
  bad_exptime,      // CLIENT_ERROR invalid exptime argument
  bad_delta,        // CLIENT_ERROR invalid numeric delta argument

  // Meta; the texts are all CLIENT_ERROR.
  flags_too_long,     // options flags are too long
  invalid_flag,       // invalid flag
  duplicate_flag,     // duplicate flag
  arith_flags,        // invalid or duplicate flag (ma)
  bad_token,          // bad token in command line format
  opaque_too_long,    // opaque token too long
  bad_base64_key,     // error decoding key
  bad_initial_value,  // invalid numeric initial value
  bad_delta_value,    // invalid numeric delta value
  bad_store_mode,     // invalid mode for ms M token
  bad_arith_mode,     // invalid mode for ma M token

  // Binary; the status of the packet that answers.
  unknown_opcode,     // 0x81
  invalid_arguments,  // 0x04
  unknown_stats,      // 0x01
};

inline constexpr size_t kMaxKeySize = 250;
inline constexpr size_t kMaxArgs = 12;  // words kept of an admin command; more than any of them needs
inline constexpr size_t kMaxReturnFlags = 20;
inline constexpr size_t kMaxOpaqueSize = 32;

// All of it that a store must remember while its value arrives.
struct RequestFields {
  Verb verb = Verb::invalid;
  StoreMode mode = StoreMode::set;
  WireForm wire = WireForm::classic;
  Failure failure = Failure::none;

  bool noreply = false;      // no line in answer, errors included (classic noreply)
  bool has_value = false;    // a store: value_size bytes and the dialect's trailer follow
  bool negative = false;     // arith: decrement
  bool with_touch = false;   // get, remove, arith: `exptime` is to be set as well (gat, gats, meta T)
  bool close_after = false;  // the connection ends once the reply is sent
  bool pipelined = false;    // set by the connection: replies to earlier requests are still queued

  bool quiet = false;        // meta q, binary quiet opcodes: the dialect's usual outcome is not told
  bool base64 = false;       // meta b: the key was spelled in base64; `key` is decoded
  bool want_value = true;    // get: meta asks for it with v
  bool peek = false;         // get: no access mark (meta u)
  bool invalidate = false;   // meta I
  bool clear_value = false;  // remove: meta x
  bool compare_cas = false;  // `cas` is to be looked at: meta C, binary
  bool has_new_cas = false;  // meta E: `new_cas`
  bool vivify = false;       // meta N, and binary arith: a miss makes an item that lives for `vivify_exptime`
  bool recache = false;      // meta R: `recache_ttl`

  uint32_t flags = 0;       // client flags
  uint32_t value_size = 0;  // bytes of value that follow, trailer not counted
  int64_t exptime = 0;      // as the client sent it (RelClock::from_exptime makes a time of it)
  uint64_t cas = 0;         // expected CAS id: mode cas, or with compare_cas
  uint64_t delta = 0;       // arith
  uint64_t new_cas = 0;
  uint64_t initial = 0;        // arith with vivify
  int64_t vivify_exptime = 0;  // as the client sent it
  int64_t recache_ttl = 0;     // seconds

  // Binary: what the answer repeats.
  uint8_t opcode = 0;
  uint32_t binary_opaque = 0;

  // Bytes after this line that belong to a refused value, trailer included: dropped, never executed.
  uint64_t swallow = 0;

  // A view into the bytes given to Codec::parse: valid until they move. 1 to kMaxKeySize bytes where the
  // verb has a key, else empty. In the text dialects any byte but space and LF may occur, NUL and control bytes too.
  std::string_view key;

  // Meta. The opaque (without its letter, a view like `key`), and the flags whose values the answer returns, in the
  // request's order, k and O among them.
  std::string_view opaque;
  std::array<char, kMaxReturnFlags> return_flags{};
  uint8_t return_count = 0;
};

struct Request : RequestFields {
  std::array<char, kMaxKeySize> decoded{};  // behind `key` when that was spelled in base64

  // The words after the command's name of the admin commands (stats, verbosity, flush_all, ...), a trailing noreply
  // taken off. Views like `key`; those from arg_count on mean nothing.
  std::array<std::string_view, kMaxArgs> args{};
  uint8_t arg_count = 0;

  // As good as new: parsing does this for every request, so `args` is left alone and only counted as empty.
  void clear() {
    verb = Verb::invalid;
    mode = StoreMode::set;
    wire = WireForm::classic;
    failure = Failure::none;
    noreply = has_value = negative = with_touch = close_after = pipelined = false;
    quiet = base64 = peek = invalidate = clear_value = compare_cas = has_new_cas = vivify = recache = false;
    want_value = true;
    flags = value_size = 0;
    exptime = vivify_exptime = recache_ttl = 0;
    cas = delta = new_cas = initial = swallow = 0;
    opcode = 0;
    binary_opaque = 0;
    key = opaque = {};
    return_count = 0;
    arg_count = 0;
  }
};

}  // namespace martlet::protocol
