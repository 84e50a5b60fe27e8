#include "server/protocol/binary_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/protocol/request.h"

namespace martlet::protocol {

PacketText::PacketText(std::string_view bytes) {
  const auto print = [this]<typename... Args>(fmt::format_string<Args...> format, Args&&... args) {
    const auto out = fmt::format_to_n(text_.data() + size_, text_.size() - size_, format, std::forward<Args>(args)...);
    size_ = std::min(text_.size(), size_ + out.size);
  };
  if (bytes.size() < kBinaryHeaderSize) {
    print("binary, {} bytes of a header", bytes.size());
    return;
  }
  const BinaryHeader header = load_header(bytes.data());
  print("binary opcode {:#04x}", header.opcode);
  if (header.magic == kBinaryReplyMagic) print(" status {:#06x}", header.status);
  print(" key {} extras {} body {} opaque {:#010x} cas {}", header.key_size, header.extras_size, header.body_size,
        header.opaque, header.cas);
  const size_t begin = kBinaryHeaderSize + header.extras_size;
  if (header.key_size == 0 || header.key_size > kMaxKeySize || bytes.size() < begin + header.key_size) return;
  print(" {}", bytes.substr(begin, header.key_size));
}

}  // namespace martlet::protocol
