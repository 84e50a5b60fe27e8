// PendingStore: a store request that waits for its value. The request's key is a view into the read buffer, which moves
// while the value arrives, so this keeps a copy; it lives in a block lent by the BufferPool.
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
  explicit PendingStore(const protocol::Request& from) : request(from) {
    std::memcpy(key.data(), from.key.data(), from.key.size());
    request.key = {key.data(), from.key.size()};
    request.arg_count = 0;
  }

  protocol::Request request;
  std::unique_ptr<cache::Upload> upload;  // null: the value is collected in the read buffer
  std::array<char, protocol::kMaxKeySize> key;
};

}  // namespace martlet::conn
