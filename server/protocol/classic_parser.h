// Classic commands: one complete line in, one Request out. Pure functions.
//
// Lines of the get family carry many keys and are unrolled by TextCodec; only their heads are read here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/protocol/codec.h"
#include "server/protocol/request.h"

namespace martlet::protocol {

// The longest value a storage line may announce and still be swallowed or stored. Negative and longer ones cannot be
// skipped over in good faith: they are answered and the connection closes.
inline constexpr uint64_t kMaxValueSize = 2147483645;

inline constexpr size_t kMinLineSize = 4;           // bytes, ending included; shorter lines are no command
inline constexpr uint64_t kClassicTrailerSize = 2;  // CR LF after a value

// The bytes that a storage line announces: a number up to kMaxValueSize, something that is none, or a number for which
// there is no value that could be skipped over.
enum class Length : uint8_t { good, not_a_number, out_of_range };
Length parse_length(std::string_view word, uint32_t* out);

// Does `line` begin with a command of the get family, and with which? The word ends at a space or at the end of `line`.
struct GetHead {
  size_t size = 0;  // bytes of the word; 0: it is another command
  WireForm form = WireForm::classic_get;
  bool with_touch = false;  // an exptime comes before the keys
};
inline GetHead get_head(std::string_view line) {
  if (line.size() < 3 || line[0] != 'g' || line[2] != 't' || (line[1] != 'e' && line[1] != 'a')) return {};
  const bool with_cas = line.size() > 3 && line[3] == 's';
  const size_t size = with_cas ? 4 : 3;
  if (line.size() > size && line[size] != ' ') return {};
  return {size, with_cas ? WireForm::classic_gets : WireForm::classic_get, line[1] == 'a'};
}

// Any other complete line, its ending taken off. `close` is a browser or a proxy that speaks HTTP; else `*out` is
// filled, with verb `invalid` when the line is refused.
//
// noreply is the line's last word. It silences errors too, except where the line could not be taken apart: too few
// words, a length that is none, an unknown command.
ParseStatus parse_classic(std::string_view line, Request* out);

// Makes `*out` a refusal.
void refuse(Failure failure, Request* out);

// The exptime of touch, gat, gats and flush_all.
bool parse_exptime(std::string_view word, int64_t* out);

}  // namespace martlet::protocol
