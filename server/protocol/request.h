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
  noop,  // end of a multi-get, `mn`
  flush_all,
  version,
  verbosity,
  stats,
  cache_memlimit,
  shutdown,
  quit,
  kCount,
};

enum class StoreMode : uint8_t { set, add, replace, append, prepend, cas };

// How the request was spelled; only the reply writer looks at it.
enum class WireForm : uint8_t {
  classic,       // replies are the plain words
  classic_get,   // VALUE key flags bytes
  classic_gets,  // VALUE key flags bytes cas
  classic_end,   // the END of a multi-get
};

// Every way in which a line can be refused before it reaches a handler. The text of each is the reply writer's.
enum class Failure : uint8_t {
  none,
  unknown_command,     // ERROR
  bad_line,            // CLIENT_ERROR bad command line format
  bad_chunk,           // CLIENT_ERROR bad data chunk
  bad_exptime,         // CLIENT_ERROR invalid exptime argument
  bad_delta,           // CLIENT_ERROR invalid numeric delta argument
  too_large,           // SERVER_ERROR object too large for cache
  out_of_memory_read,  // SERVER_ERROR out of memory reading request (the connection closes)
};

inline constexpr size_t kMaxKeySize = 250;
inline constexpr size_t kMaxArgs = 8;  // words kept of an admin command; more than any of them takes

struct Request {
  Verb verb = Verb::invalid;
  StoreMode mode = StoreMode::set;
  WireForm wire = WireForm::classic;
  Failure failure = Failure::none;

  bool noreply = false;      // no line in answer, errors included (classic noreply)
  bool has_value = false;    // a store: value_size bytes and the dialect's trailer follow
  bool negative = false;     // arith: decrement
  bool with_touch = false;   // get: also set the expiry (gat, gats)
  bool close_after = false;  // the connection ends once the reply is sent

  uint32_t flags = 0;       // client flags
  uint32_t value_size = 0;  // bytes of value that follow, trailer not counted
  int64_t exptime = 0;      // as the client sent it (RelClock::from_exptime makes a time of it)
  uint64_t cas = 0;         // expected CAS id of mode cas
  uint64_t delta = 0;       // arith

  // Bytes after this line that belong to a refused value, trailer included: dropped, never executed.
  uint64_t swallow = 0;

  // A view into the bytes given to Codec::parse: valid until they move. 1 to kMaxKeySize bytes where the
  // verb has a key, else empty. In the text dialects any byte but space and LF may occur, NUL and control bytes too.
  std::string_view key;

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
    noreply = has_value = negative = with_touch = close_after = false;
    flags = value_size = 0;
    exptime = 0;
    cas = delta = swallow = 0;
    key = {};
    arg_count = 0;
  }
};

}  // namespace martlet::protocol
