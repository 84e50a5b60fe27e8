#include "server/worker_room.h"

#include <algorithm>
#include <utility>

namespace martlet {

namespace {

// A worker's share of the limit for all buffers. One slab of each class is what it takes to serve anyone at all.
size_t buffer_share(const settings::Settings& settings) {
  if (settings.conn.read_buf_mem_limit == 0) return 0;
  constexpr size_t kLeast = conn::BufferPool::kBlockSizes.size() * conn::BufferPool::kSlabSize;
  return std::max<size_t>(settings.conn.read_buf_mem_limit / settings.threads, kLeast);
}

}  // namespace

std::unique_ptr<WorkerRoom> WorkerRoom::create(const Shared& shared, threads::Worker& worker,
                                               std::function<void()> on_done) {
  // The count against -c is the whole process's, so one worker may for a while hold nearly all of them.
  auto pool = conn::ConnPool::create(shared.settings.conn.max_connections);
  if (pool == nullptr) return nullptr;
  return std::unique_ptr<WorkerRoom>(new WorkerRoom(shared, worker, std::move(pool), std::move(on_done)));
}

WorkerRoom::WorkerRoom(const Shared& shared, threads::Worker& worker, std::unique_ptr<conn::ConnPool> pool,
                       std::function<void()> on_done)
    : worker_(worker),
      on_done_(std::move(on_done)),
      cache_context_(shared.cache.make_context()),
      executor_({shared.cache, *cache_context_, stats_, shared.rel_clock, shared.control, shared.settings.command,
                 shared.tuning, shared.prefixes, shared.log}),
      buffers_(buffer_share(shared.settings)),
      context_{executor_,  *cache_context_, stats_,          buffers_, shared.clock, shared.diag, shared.settings.conn,
               shared.log, shared.watch,    shared.max_read, {}},
      table_(context_, worker.loop(), std::move(pool)),
      udp_(context_, worker.loop()) {}

// What came before the end began was served; a datagram that comes later is not answered.
void WorkerRoom::on_message(threads::WorkerMessage&& message) {
  using Kind = threads::WorkerMessage::Kind;
  if (message.kind == Kind::drain || message.kind == Kind::stop) udp_.stop();
  table_.on_message(std::move(message));
}

void WorkerRoom::on_exit() {
  table_.on_exit();
  on_done_();
}

}  // namespace martlet
