#include "server/protocol/binary_codec.h"

#include <utility>

#include "server/protocol/binary_parser.h"
#include "server/protocol/binary_reply.h"

namespace martlet::protocol {

// A header, extras and key always fit into a buffer that can hold a key at all, so its capacity does not matter.
Parsed BinaryCodec::parse(std::string_view in, bool, Request* out) { return parse_binary(in, out); }

Trailer BinaryCodec::finish_value(std::string_view) { return Trailer::good; }

bool BinaryCodec::write_reply(const Request& request, Response&& response, ReplySink& sink) {
  return write_binary(request, std::move(response), sink);
}

}  // namespace martlet::protocol
