// Meta replies: a Response put into a code and the flags that the request asked for, in its order. Errors are the lines
// of the classic dialect.
#pragma once

#include "server/protocol/codec.h"
#include "server/protocol/request.h"
#include "server/protocol/response.h"

namespace martlet::protocol {

// False when the sink had no memory: what was written may then be cut short, and the connection must close.
//
// A quiet request is not told its usual outcome (EN of mg, HD of ms and md, any success of ma); every other one it is,
// and so is every error.
bool write_meta(const Request& request, Response&& response, ReplySink& sink);

}  // namespace martlet::protocol
