// PendingStore: a store request that waits for its value. Its key and opaque are views into the read buffer, which
// moves while the value arrives, so this keeps copies; it lives in a block lent by the BufferPool.
#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "server/cache/cache.h"
#include "server/conn/connection.h"
#include "server/protocol/request.h"

namespace martlet::conn {

struct Connection::PendingStore {
  explicit PendingStore(const protocol::RequestFields& from) : request(from) {
    request.key = keep(key, from.key);
    request.opaque = keep(opaque, from.opaque);
  }

  // The request once more, in the worker's scratch. Its views hold as long as this.
  const protocol::Request& restore(protocol::Request& scratch) const {
    scratch.clear();
    static_cast<protocol::RequestFields&>(scratch) = request;
    return scratch;
  }

  protocol::RequestFields request;
  std::unique_ptr<cache::Upload> upload;  // null: the value is collected in the read buffer
  std::array<char, protocol::kMaxKeySize> key;
  std::array<char, protocol::kMaxOpaqueSize> opaque;

 private:
  template <size_t kSize>
  static std::string_view keep(std::array<char, kSize>& to, std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(to.data(), bytes.data(), bytes.size());
    return {to.data(), bytes.size()};
  }
};

}  // namespace martlet::conn
