// The searches look at 16 bytes at a time where the machine can. A rest of less than 16 bytes is looked at together
// with the bytes before it, so that nothing outside the view is read and no loop over single bytes is needed.
#include "server/protocol/tokenizer.h"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace martlet::protocol {
namespace {

#ifdef __SSE2__

constexpr size_t kBlock = sizeof(__m128i);

// Bit i: the byte i of the block at `bytes` is one of `wanted`.
template <char... wanted>
unsigned hits(const char* bytes) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  __m128i found = _mm_setzero_si128();
  ((found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8(wanted)))), ...);
  return static_cast<unsigned>(_mm_movemask_epi8(found));
}

#endif

template <char... wanted>
size_t find_any(std::string_view in, size_t at) {
#ifdef __SSE2__
  if (in.size() >= kBlock) {
    for (; at + kBlock <= in.size(); at += kBlock) {
      const unsigned found = hits<wanted...>(in.data() + at);
      if (found != 0) return at + static_cast<size_t>(std::countr_zero(found));
    }
    const size_t overlapping = in.size() - kBlock;
    const unsigned found = hits<wanted...>(in.data() + overlapping) >> (at - overlapping);
    return found != 0 ? at + static_cast<size_t>(std::countr_zero(found)) : in.size();
  }
#endif
  while (at < in.size() && ((in[at] != wanted) && ...)) ++at;
  return at;
}

}  // namespace

Line first_line(std::string_view in) {
  const void* found = in.empty() ? nullptr : std::memchr(in.data(), '\n', in.size());
  if (found == nullptr) return {};
  const size_t newline = static_cast<size_t>(static_cast<const char*>(found) - in.data());
  const bool carriage_return = newline > 0 && in[newline - 1] == '\r';
  return {{in.data(), newline - (carriage_return ? 1 : 0)}, newline + 1};
}

std::string_view last_word(std::string_view line) {
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  const size_t space = line.rfind(' ');
  return space == std::string_view::npos ? line : line.substr(space + 1);
}

size_t find_space_far(std::string_view in, size_t from) { return find_any<' '>(in, from); }

size_t find_space_or_newline(std::string_view in, size_t from) { return find_any<' ', '\n'>(in, from); }

}  // namespace martlet::protocol
