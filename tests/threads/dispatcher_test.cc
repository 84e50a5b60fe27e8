// Dispatcher: slots against -c, and sockets to the worker with the fewest connections.
#include "threads/dispatcher.h"

#include <gtest/gtest.h>

#include "tests/threads/recording_handler.h"

namespace martlet::threads {
namespace {

using Kind = WorkerMessage::Kind;

NewSocket accepted(UniqueFd fd, ConnSlot slot, uint32_t listener) {
  NewSocket socket;
  socket.fd = std::move(fd);
  socket.slot = std::move(slot);
  socket.listener = listener;
  socket.peer.ss_family = AF_INET6;
  socket.peer_size = 28;
  return socket;
}

TEST(Dispatcher, GivesNoMoreSlotsThanTheLimit) {
  ConnLimit limit(1);
  const std::unique_ptr<WorkerPool> pool = WorkerPool::create(1);
  ASSERT_NE(pool, nullptr);
  Dispatcher dispatcher(limit, *pool);
  const ConnSlot slot = dispatcher.take_slot();
  EXPECT_TRUE(slot.valid());
  EXPECT_FALSE(dispatcher.take_slot().valid());
  EXPECT_EQ(dispatcher.limit().taken(), 1u);
}

TEST(Dispatcher, SpreadsSocketsWholeOverTheWorkers) {
  ConnLimit limit(8);
  const std::unique_ptr<WorkerPool> pool = WorkerPool::create(2);
  ASSERT_NE(pool, nullptr);
  RecordingHandler first(pool->worker(0));
  RecordingHandler second(pool->worker(1));
  ASSERT_TRUE(pool->start({&first, &second}));
  Dispatcher dispatcher(limit, *pool);
  std::vector<UniqueFd> peers;
  for (uint32_t i = 0; i < 4; ++i) {
    SocketEnds ends = SocketEnds::make();
    peers.push_back(std::move(ends.peer));
    EXPECT_TRUE(dispatcher.dispatch(accepted(std::move(ends.served), dispatcher.take_slot(), i)));
  }
  EXPECT_EQ(std::as_const(pool->worker(0)).load(), 2u);  // counted from dispatch on, not from arrival
  EXPECT_EQ(std::as_const(pool->worker(1)).load(), 2u);
  EXPECT_TRUE(pool->broadcast([] { return message_of(Kind::stop); }));
  pool->join();
  ASSERT_EQ(first.sockets.size(), 2u);
  ASSERT_EQ(second.sockets.size(), 2u);
  EXPECT_EQ(second.sockets[1]->listener, 3u);
  EXPECT_EQ(second.sockets[1]->peer.ss_family, AF_INET6);
  EXPECT_EQ(second.sockets[1]->peer_size, 28u);
  EXPECT_TRUE(second.sockets[1]->fd.valid());
  EXPECT_EQ(limit.taken(), 4u);
  first.sockets.clear();
  second.sockets.clear();
  EXPECT_EQ(limit.taken(), 0u);
  EXPECT_EQ(std::as_const(pool->worker(0)).load(), 0u);
}

TEST(Dispatcher, SocketsInFlightGoWithTheWorkersThatNeverTookThem) {
  ConnLimit limit(1);
  std::unique_ptr<WorkerPool> pool = WorkerPool::create(1);
  ASSERT_NE(pool, nullptr);
  SocketEnds ends = SocketEnds::make();
  {
    Dispatcher dispatcher(limit, *pool);
    EXPECT_TRUE(dispatcher.dispatch(accepted(std::move(ends.served), dispatcher.take_slot(), 0)));
    EXPECT_FALSE(ends.closed());
  }
  pool.reset();
  EXPECT_TRUE(ends.closed());
  EXPECT_EQ(limit.taken(), 0u);
}

}  // namespace
}  // namespace martlet::threads
