// What -vv shows of requests and replies.
#pragma once

#include <string_view>

#include "server/base/diag.h"
#include "server/protocol/any_codec.h"

namespace martlet::conn {

// `bytes`: the request's, without its value. Only when the log is wanted.
void log_request(const Diag& diag, int fd, bool binary, std::string_view bytes);

// Puts the response into words, as AnyCodec::write_reply does, and shows how they begin when -vv asks for it.
bool write_reply(const Diag& diag, int fd, protocol::AnyCodec& codec, const protocol::Request& request,
                 protocol::Response&& response, protocol::ReplySink& sink);

}  // namespace martlet::conn
