// AnyCodec: the codec of whichever dialect a connection speaks, in place and without a heap. Text until speak() says
// otherwise, which it may once, before the first parse. Its functions are those of Codec.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

#include "server/protocol/binary_codec.h"
#include "server/protocol/codec.h"
#include "server/protocol/negotiate.h"
#include "server/protocol/text_codec.h"

namespace martlet::protocol {

class AnyCodec {
 public:
  void speak(Dialect dialect) {
    if (dialect == Dialect::binary) codec_.emplace<BinaryCodec>();
  }
  bool is_binary() const { return codec_.index() == 1; }

  Parsed parse(std::string_view in, bool at_capacity, Request* out) {
    return std::visit([&](auto& codec) { return codec.parse(in, at_capacity, out); }, codec_);
  }
  bool mid_request() const {
    return std::visit([](const auto& codec) { return codec.mid_request(); }, codec_);
  }
  size_t trailer_size() const {
    return std::visit([](const auto& codec) { return codec.trailer_size(); }, codec_);
  }
  Trailer finish_value(std::string_view trailer) {
    return std::visit([&](auto& codec) { return codec.finish_value(trailer); }, codec_);
  }
  bool write_reply(const Request& request, Response&& response, ReplySink& sink) {
    return std::visit([&](auto& codec) { return codec.write_reply(request, std::move(response), sink); }, codec_);
  }
  std::string_view name() const {
    return std::visit([](const auto& codec) { return codec.name(); }, codec_);
  }

 private:
  std::variant<TextCodec, BinaryCodec> codec_;
};

}  // namespace martlet::protocol
