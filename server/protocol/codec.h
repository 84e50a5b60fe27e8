// The seam between bytes and requests. A Codec is pure: it knows no socket, cache, clock or counter; bytes go in, a
// Request comes out; a Response goes in, bytes go out through a ReplySink.
//
// One object per connection, no heap of its own. What it must remember between calls (where in a multi-get line it
// stands, that the rest of a line is to be dropped) is a few bytes; a new client gets a new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/protocol/reply_sink.h"
#include "server/protocol/request.h"
#include "server/protocol/response.h"

namespace martlet::protocol {

enum class ParseStatus : uint8_t {
  need_more,  // nothing usable yet; `consumed` bytes may be dropped all the same
  request,    // `*out` is filled
  close,      // the stream cannot be saved: close without a word
};

struct Parsed {
  ParseStatus status = ParseStatus::need_more;
  size_t consumed = 0;  // bytes of `in` that are done with; views in `*out` may point into them
};

// How the end of a value was.
enum class Trailer : uint8_t { good, bad };

class Codec {
 public:
  virtual ~Codec() = default;

  // Takes the next request off the front of `in`. `at_capacity`: the buffer cannot take more bytes than `in` has, so
  // waiting for the end of a line is no use. Called again and again until need_more or close; `in` then begins where
  // the last call's consumed bytes ended.
  virtual Parsed parse(std::string_view in, bool at_capacity, Request* out) = 0;

  // Has a request begun whose first bytes are used up already (a get line that is unrolled while it arrives)?
  virtual bool mid_request() const = 0;

  // Bytes that follow a value (text: CR LF), and the check of them once they are there. After `bad` the codec drops
  // whatever its dialect says belongs to the broken value before it parses again.
  virtual size_t trailer_size() const = 0;
  virtual Trailer finish_value(std::string_view trailer) = 0;

  // Puts the response into words. `request` is the one that was executed (key still valid). False when the sink had no
  // memory: the connection must close.
  virtual bool write_reply(const Request& request, Response&& response, ReplySink& sink) = 0;

  // "ascii", "binary": for logs and `stats conns`.
  virtual std::string_view name() const = 0;
};

}  // namespace martlet::protocol
