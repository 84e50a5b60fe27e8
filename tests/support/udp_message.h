// Frames of UDP datagrams as a client writes and reads them: independent of the server's own code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/binary_packet.h"

namespace martlet::support {

inline constexpr size_t kFrameSize = 8;
inline constexpr size_t kMaxDatagramSize = 1400;

inline std::string framed(uint16_t id, std::string_view payload, uint16_t seq = 0, uint16_t total = 1) {
  return big(id, 2) + big(seq, 2) + big(total, 2) + big(0, 2) + std::string(payload);
}

struct Frame {
  uint64_t id = 0;
  uint64_t seq = 0;
  uint64_t total = 0;
  uint64_t reserved = 0;
  std::string payload{};
};

inline Frame frame_of(std::string_view datagram) {
  const auto number = [datagram](size_t at) {
    return datagram.size() < at + 2 ? uint64_t{0xffff}
                                    : static_cast<uint64_t>(static_cast<unsigned char>(datagram[at])) << 8U |
                                          static_cast<unsigned char>(datagram[at + 1]);
  };
  Frame frame{number(0), number(2), number(4), number(6)};
  if (datagram.size() > kFrameSize) frame.payload = datagram.substr(kFrameSize);
  return frame;
}

// A message of several datagrams, put together as they come, in any order.
class Reassembly {
 public:
  // False when the datagram cannot belong to this message.
  bool add(const Frame& frame) {
    if (total_ == 0) {
      id_ = frame.id;
      total_ = frame.total;
    }
    if (frame.id != id_ || frame.total != total_ || frame.seq >= total_ || frame.reserved != 0) return false;
    return pieces_.emplace(frame.seq, frame.payload).second;
  }
  bool complete() const { return total_ != 0 && pieces_.size() == total_; }
  uint64_t total() const { return total_; }
  std::string text() const {
    std::string out;
    for (const auto& [seq, payload] : pieces_) out += payload;
    return out;
  }

 private:
  uint64_t id_ = 0;
  uint64_t total_ = 0;
  std::map<uint64_t, std::string> pieces_;
};

}  // namespace martlet::support
