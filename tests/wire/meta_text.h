// Small builders for the text of meta conversations.
#pragma once

#include <string>
#include <string_view>

namespace martlet::wire {

inline constexpr char kHd[] = "HD\r\n";
inline constexpr char kEn[] = "EN\r\n";
inline constexpr char kNs[] = "NS\r\n";
inline constexpr char kEx[] = "EX\r\n";
inline constexpr char kNf[] = "NF\r\n";
inline constexpr char kMn[] = "MN\r\n";

inline constexpr char kInvalidFlag[] = "CLIENT_ERROR invalid flag\r\n";
inline constexpr char kDuplicateFlag[] = "CLIENT_ERROR duplicate flag\r\n";
inline constexpr char kBadToken[] = "CLIENT_ERROR bad token in command line format\r\n";
inline constexpr char kBadArithFlag[] = "CLIENT_ERROR invalid or duplicate flag\r\n";

// Why a table is not run against the reference.
inline constexpr char kLaterFlags[] = "memcached 1.6.18 does not know all of these flags yet";

// `ms key size flags` and the value.
inline std::string meta_store(std::string_view key, std::string_view value, std::string_view flags = {}) {
  std::string text("ms ");
  text.append(key).append(" ").append(std::to_string(value.size()));
  if (!flags.empty()) text.append(" ").append(flags);
  return text.append("\r\n").append(value).append("\r\n");
}

// VA, with what follows the size, and the value.
inline std::string meta_value(std::string_view value, std::string_view flags = {}) {
  std::string text("VA ");
  text.append(std::to_string(value.size()));
  if (!flags.empty()) text.append(" ").append(flags);
  return text.append("\r\n").append(value).append("\r\n");
}

}  // namespace martlet::wire
