// Words of a text line.
//
// Words are separated by spaces and by nothing else: runs of spaces and trailing ones mean nothing, while a tab, a NUL
// or any other byte is part of a word. A line ends with LF; a CR right before it belongs to the ending.
//
// Everything here is a pure function over views and reads no byte outside them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace martlet::protocol {

// A line that is all there.
struct Line {
  std::string_view text;  // without its ending
  size_t size = 0;        // with its ending; 0: no newline in sight
};

// The first line of `in`.
Line first_line(std::string_view in);

// Index of the first space at or after `from` (<= in.size()), or in.size().
size_t find_space_far(std::string_view in, size_t from);
inline size_t find_space(std::string_view in, size_t from) {
  constexpr size_t kNear = 4;  // most words but keys end within so many bytes
  const size_t near = in.size() - from < kNear ? in.size() : from + kNear;
  for (; from < near; ++from) {
    if (in[from] == ' ') return from;
  }
  return from == in.size() ? from : find_space_far(in, from);
}

// Index of the first space or LF at or after `from` (<= in.size()), or in.size().
size_t find_space_or_newline(std::string_view in, size_t from);

// Index of the first byte at or after `from` that is no space, or in.size().
inline size_t skip_spaces(std::string_view in, size_t from) {
  while (from < in.size() && in[from] == ' ') ++from;
  return from;
}

// Walks over the words of a line, once, from front to back.
class WordCursor {
 public:
  explicit WordCursor(std::string_view line) : line_(line) {}

  // The next word; empty at the end of the line.
  std::string_view next() {
    const size_t begin = skip_spaces(line_, at_);
    at_ = find_space(line_, begin);
    return {line_.data() + begin, at_ - begin};
  }

 private:
  std::string_view line_;
  size_t at_ = 0;
};

// The last word of a line; empty when it has none.
std::string_view last_word(std::string_view line);

// A word of up to 7 bytes and its length as one number, to switch over; 0 for the empty word and for longer ones.
constexpr uint64_t word_code(std::string_view word) {
  if (word.size() > 7) return 0;
  std::array<char, 8> bytes{};
  for (size_t i = 0; i < word.size(); ++i) bytes[i] = word[i];
  bytes[7] = static_cast<char>(word.size());
  return std::bit_cast<uint64_t>(bytes);
}

}  // namespace martlet::protocol
