// The text dialect: classic and meta commands on one line-based stream.
//
//   in ──► line? ──► words ──► classic_parser ──► Request        Response ──► classic_reply ──► ReplySink
//            │           └───► meta_parser ────────┘                 └──────► meta_reply ────────┘
//            │ no newline: need_more; past kMaxLine and not of the get family: close
//            └ skipping: drop up to and with the next newline
//
// A get line is unrolled key by key; what is left of it stays in the caller's buffer, its ending included. When its
// newline is in sight it is first checked as a whole, so that a bad key answers one error and no values. A line longer
// than the buffer is unrolled while it arrives; a bad key then answers one error in place of the END, and the rest of
// the line is dropped. gat and gats lines may be as long as those of get.
//
// The state between calls is a few bytes: the mode, and the form of the get line under way. Copying the codec copies
// where it stands.
#pragma once

#include "server/protocol/classic_parser.h"
#include "server/protocol/codec.h"
#include "server/protocol/tokenizer.h"

namespace martlet::protocol {

inline constexpr size_t kMaxLine = 2048;          // bytes without a newline after which any line but a get closes
inline constexpr size_t kMaxLeadingSpaces = 100;  // before the get of a line that may be longer

class TextCodec final : public Codec {
 public:
  Parsed parse(std::string_view in, bool at_capacity, Request* out) override;
  bool mid_request() const override { return mode_ != Mode::line; }
  size_t trailer_size() const override { return kClassicTrailerSize; }

  // After `bad` the rest of the line that the trailer's last byte stands in is dropped: bytes of a value are never
  // executed. When more than kMaxLine bytes would have to go, parse() closes.
  Trailer finish_value(std::string_view trailer) override;

  bool write_reply(const Request& request, Response&& response, ReplySink& sink) override;
  std::string_view name() const override { return "ascii"; }

 private:
  // line: at the beginning of a line. keys: inside a get line. skip_line, skip_value: what comes up to the next newline
  // is the rest of a refused get line (of any length) or of a broken value (up to kMaxLine bytes).
  enum class Mode : uint8_t { line, keys, skip_line, skip_value };

  Parsed parse_line(std::string_view in, bool at_capacity, Request* out);
  Parsed begin_get(const Line& line, std::string_view in, const GetHead& head, Request* out);
  Parsed begin_endless_line(std::string_view in, bool at_capacity, Request* out);
  void enter_keys(const GetHead& head);
  Parsed next_key(std::string_view in, bool at_capacity, Request* out);
  Parsed take_key(std::string_view in, size_t begin, size_t end, Request* out);
  Parsed end_keys(size_t consumed, Request* out);
  Parsed refuse_rest(Failure failure, size_t consumed, Request* out);
  Parsed skip(std::string_view in);
  Parsed parse_after_skip(std::string_view in, Request* out);

  uint32_t skipped_ = 0;  // skip_value: bytes dropped so far
  Mode mode_ = Mode::line;
  WireForm get_form_ = WireForm::classic_get;  // keys: the form of the line under way
  bool with_touch_ = false;                    // keys: gat, gats
  bool any_key_ = false;                       // keys: at least one was handed out
  int64_t exptime_ = 0;                        // keys: of gat, gats
};

}  // namespace martlet::protocol
