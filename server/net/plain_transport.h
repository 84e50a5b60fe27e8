// PlainTransport: a stream socket as it is.
#pragma once

#include "server/net/transport.h"
#include "threads/unique_fd.h"

namespace martlet::net {

class PlainTransport final : public Transport {
 public:
  PlainTransport() = default;
  // `socket`: connected and non-blocking.
  explicit PlainTransport(threads::UniqueFd socket) : socket_(std::move(socket)) {}

  Handshake handshake() override { return Handshake::done; }
  IoResult read(std::span<char> into) override;
  IoResult write(std::span<const iovec> pieces) override;
  void finish() override;
  int fd() const override { return socket_.get(); }

 private:
  void drop_input();

  threads::UniqueFd socket_;
};

}  // namespace martlet::net
