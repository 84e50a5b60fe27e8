// ListenerRoom: listeners in an event loop that the test turns itself. What they accept, and what they are told
// instead, is written down.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "server/net/listener.h"
#include "tests/server/net/fake_kernel.h"
#include "tests/server/net/peer.h"
#include "tests/support/log_capture.h"

namespace martlet::net {

class ListenerRoom : public testing::Test, public AcceptHandler {
 protected:
  ListenerRoom() { kernel = support::FakeKernel{}; }
  ~ListenerRoom() override { kernel = support::FakeKernel{}; }

  bool may_accept() override { return accepted.size() < allowed; }
  void on_accepted(const Listener& listener, threads::UniqueFd socket, const sockaddr_storage& peer,
                   socklen_t) override {
    accepted.push_back(std::move(socket));
    from.push_back(listener.index());
    families.push_back(peer.ss_family);
  }
  void on_accept_error(int error) override { errors.push_back(error); }

  Listener& listen(const NetSettings& settings) {
    const auto index = static_cast<uint32_t>(listeners.size());
    listeners.push_back(std::make_unique<Listener>(*loop, bind_one(settings, log.diag), index, 64, *this));
    EXPECT_TRUE(listeners.back()->start());
    return *listeners.back();
  }
  void turn(int turns = 4) {
    for (int i = 0; i < turns; ++i) event_base_loop(loop->base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
  }

  support::FakeKernel& kernel = support::FakeKernel::instance();
  std::unique_ptr<threads::EventLoop> loop = threads::EventLoop::create();
  support::LogCapture log{1};
  std::vector<std::unique_ptr<Listener>> listeners;
  size_t allowed = SIZE_MAX;
  std::vector<threads::UniqueFd> accepted;
  std::vector<uint32_t> from;
  std::vector<sa_family_t> families;
  std::vector<int> errors;
};

}  // namespace martlet::net
