// Classic replies: a Response put into words. Every text a client can get to read in the classic dialect stands in
// classic_reply.cc, but for those the executor brings along.
#pragma once

#include "server/protocol/codec.h"
#include "server/protocol/request.h"
#include "server/protocol/response.h"

namespace martlet::protocol {

// False when the sink had no memory: what was written may then be cut short, and the connection must close.
bool write_classic(const Request& request, Response&& response, ReplySink& sink);

}  // namespace martlet::protocol
