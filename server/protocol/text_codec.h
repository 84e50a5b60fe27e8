// The text dialect: classic commands on one line-based stream.
//
//   in ──► line? ──► words ──► classic_parser ──► Request        Response ──► classic_reply ──► ReplySink
//            │ no newline: need_more; past kMaxLine and no get/gets: close
//            └ skip mode: drop up to and with the next newline
//
// A get line is unrolled key by key. Up to a full buffer it is first checked as a whole, so that a bad key answers one
// error and no values; a longer one is unrolled while it arrives. The state between calls is the mode and the form of
// the get line.
#pragma once

#include "server/protocol/codec.h"

namespace martlet::protocol {

inline constexpr size_t kMaxLine = 2048;  // bytes without a newline after which a line that is no get/gets closes

class TextCodec final : public Codec {
 public:
  Parsed parse(std::string_view in, bool at_capacity, Request* out) override;
  size_t trailer_size() const override { return 2; }
  Trailer finish_value(std::string_view trailer) override;
  bool write_reply(const Request& request, Response&& response, ReplySink& sink) override;
  std::string_view name() const override { return "ascii"; }

 private:
  enum class Mode : uint8_t { line, keys, skip_line };

  uint32_t skipped_ = 0;  // skip_line: bytes dropped of the line so far
  Mode mode_ = Mode::line;
  WireForm get_form_ = WireForm::classic_get;  // keys: the form of the line under way
  bool with_touch_ = false;                    // keys: gat, gats
  int64_t exptime_ = 0;                        // keys: of gat, gats
};

}  // namespace martlet::protocol
