// The binary dialect: packets whose headers announce their sizes. It remembers nothing between calls.
//
//   in ──► binary_parser ──► Request        Response ──► binary_reply ──► ReplySink
#pragma once

#include "server/protocol/codec.h"

namespace martlet::protocol {

class BinaryCodec final : public Codec {
 public:
  Parsed parse(std::string_view in, bool at_capacity, Request* out) override;
  bool mid_request() const override { return false; }
  size_t trailer_size() const override { return 0; }
  Trailer finish_value(std::string_view trailer) override;
  bool write_reply(const Request& request, Response&& response, ReplySink& sink) override;
  std::string_view name() const override { return "binary"; }
};

}  // namespace martlet::protocol
