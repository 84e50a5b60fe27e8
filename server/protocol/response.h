// Response: what the executor answers, before any dialect has put it into words.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/pinned_bytes.h"
#include "server/protocol/reply_sink.h"
#include "server/protocol/request.h"

namespace martlet::protocol {

enum class Outcome : uint8_t {
  none,     // nothing to say (shutdown closes the caller without a reply)
  failure,  // the request's own `failure`
  hit,      // get: flags, cas, value
  miss,     // get: quiet in classic
  end,      // noop
  stored,
  not_stored,
  exists,
  not_found,
  deleted,
  touched,
  number,  // arith: `number`
  ok,
  reset,         // stats reset
  version,       // `text`
  stats,         // `rows`, then the dialect's end mark
  error,         // ERROR
  client_error,  // CLIENT_ERROR `text`
  server_error,  // SERVER_ERROR `text`
  line,          // `text` as a line of its own (MEMLIMIT_TOO_SMALL ..., SERVER_ERROR: shutdown not enabled)
  too_large,
  out_of_memory_storing,  // SERVER_ERROR out of memory storing object
  out_of_memory,          // SERVER_ERROR out of memory
  out_of_memory_get,      // SERVER_ERROR out of memory writing get response
  out_of_memory_read,     // SERVER_ERROR Out of memory during read
  bad_chunk,              // CLIENT_ERROR bad data chunk
  bad_exptime,            // CLIENT_ERROR invalid exptime argument
  non_numeric,            // CLIENT_ERROR cannot increment or decrement non-numeric value
  inspected,              // me
  hidden_hit,             // mg C: the client has this version already; the value is not sent
};

using StatRows = std::vector<std::pair<std::string, std::string>>;

struct Response {
  Outcome outcome = Outcome::none;
  bool close_after = false;  // end the connection once everything queued is sent
  uint8_t watcher = 0;       // above 0: the connection goes over to the log drain, as this one of its watchers
  uint32_t flags = 0;
  uint64_t cas = 0;
  uint64_t number = 0;

  // What meta asks about an item: hit, stored, number, inspected.
  int64_t ttl = -1;         // seconds left, -1: never expires
  uint32_t idle = 0;        // seconds since the last access before this command
  bool fetched = false;     // hit before this command
  bool won = false;         // W
  bool stale = false;       // X
  bool token_out = false;   // Z
  uint32_t value_size = 0;  // bytes, also where the value is not sent
  uint32_t item_size = 0;   // inspected: all of it
  unsigned size_class = 0;  // inspected
  PinnedBytes value;
  std::string_view text{};         // static storage, or owned_text's
  std::string owned_text{};        // behind `text` where it is not static
  std::unique_ptr<StatRows> rows;  // stats only

  // More to say behind this answer. The connection sends it piece by piece before it goes on to the next request.
  std::unique_ptr<ReplySource> source;

  static Response of(Outcome outcome) {
    Response response;
    response.outcome = outcome;
    return response;
  }
  static Response of(Outcome outcome, std::string_view static_text) {
    Response response = of(outcome);
    response.text = static_text;
    return response;
  }
};

}  // namespace martlet::protocol
