// Binary requests: a packet's header, extras and key as a Request; its value, if it has one, follows.
//
// The lengths a header announces are checked before anything else is looked at, opcode by opcode. What cannot be right
// is answered and ends the connection, for where the next packet begins is then anyone's guess. A packet that is well
// formed but not served has its body dropped, and the stream goes on behind it.
#pragma once

#include <string_view>

#include "server/protocol/codec.h"

namespace martlet::protocol {

// Takes the packet at the front of `in`: all of it but the value of a store, or the bytes that Request::swallow says.
Parsed parse_binary(std::string_view in, Request* out);

}  // namespace martlet::protocol
