// Small builders for the text of conversations.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace martlet::wire {

// Why a table about refused values is not run against the reference.
inline constexpr char kExecutes[] = "memcached 1.6.18 executes the value of a refused line";

inline constexpr char kBadLine[] = "CLIENT_ERROR bad command line format\r\n";
inline constexpr char kBadChunk[] = "CLIENT_ERROR bad data chunk\r\n";
inline constexpr char kBadExptime[] = "CLIENT_ERROR invalid exptime argument\r\n";
inline constexpr char kBadDelta[] = "CLIENT_ERROR invalid numeric delta argument\r\n";
inline constexpr char kNotNumeric[] = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
inline constexpr char kTooLarge[] = "SERVER_ERROR object too large for cache\r\n";
inline constexpr char kError[] = "ERROR\r\n";
inline constexpr char kStored[] = "STORED\r\n";
inline constexpr char kEnd[] = "END\r\n";

// `verb key 0 0 size` and the value.
inline std::string store(std::string_view verb, std::string_view key, std::string_view value) {
  std::string text(verb);
  text.append(" ").append(key).append(" 0 0 ").append(std::to_string(value.size())).append("\r\n");
  return text.append(value).append("\r\n");
}

// What a get answers for one hit without flags, END not included.
inline std::string hit(std::string_view key, std::string_view value) {
  std::string text("VALUE ");
  text.append(key).append(" 0 ").append(std::to_string(value.size())).append("\r\n");
  return text.append(value).append("\r\n");
}

// The whole answer to a get of one key that is there.
inline std::string found(std::string_view key, std::string_view value) { return hit(key, value) + kEnd; }

inline std::string key_of(size_t size, char letter = 'k') { return std::string(size, letter); }

// `size` bytes that look like commands, a line each, none of which may ever be executed.
inline std::string poison(size_t size) {
  static constexpr std::string_view kLines = "flush_all\r\ndelete guard\r\nset guard 0 0 3\r\nbad\r\n";
  std::string text;
  while (text.size() < size) text.append(kLines.substr(0, size - text.size()));
  return text;
}

}  // namespace martlet::wire
