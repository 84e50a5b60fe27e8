// Binary replies: a Response as packets. Every status and every text a binary client can get to read stands in
// binary_reply.cc or is brought along by its handler.
#pragma once

#include "server/protocol/codec.h"

namespace martlet::protocol {

// False when the sink had no memory. Quiet requests are silent when all went well, quiet gets when there was nothing to
// get; errors are always told.
bool write_binary(const Request& request, Response&& response, ReplySink& sink);

}  // namespace martlet::protocol
