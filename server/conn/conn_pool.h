// ConnPool: a worker's connection structures: one contiguous reservation, committed as it is first used, with the free
// list threaded through it, newest first. Acquire and release are O(1), and allocate nothing.
//
//   | entry 0 | entry 1 | entry 2 | ... entry made_-1 |  reserved, never touched ...  |
//       free_ ──► 1 ──► 0            (indices of entries not in use)
//
// An entry outlives its occupants: its row may be read by other threads at any time, its generation grows with every
// release, so that whoever remembers an occupant can tell that it is gone. Owner thread only, but for the figures and
// the rows.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "server/conn/conn_row.h"
#include "server/conn/connection.h"
#include "server/conn/intrusive_list.h"
#include "server/net/plain_transport.h"
#include "threads/event_loop.h"

namespace martlet::conn {

class ConnTable;

// A place for one connection and what belongs to it on this worker.
struct ConnEntry {
  ConnRow row;
  uint32_t generation = 0;
  uint32_t next_free = 0;

  // The occupant; made and unmade together, so that nothing of one client stays for the next.
  std::optional<net::PlainTransport> transport;
  std::optional<Connection> connection;
  threads::FdEvent event;
  ConnTable* table = nullptr;

  IntrusiveList<ConnEntry>::Hook idle;  // waits for a command
  IntrusiveList<ConnEntry>::Hook busy;  // is in the midst of a request, blocked in a reply, or has yielded
};

class ConnPool {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Room for `capacity` entries. Null when the address space cannot be had.
  static std::unique_ptr<ConnPool> create(uint32_t capacity);
  ~ConnPool();
  ConnPool(const ConnPool&) = delete;
  ConnPool& operator=(const ConnPool&) = delete;

  // An entry without occupant; null when all are in use.
  ConnEntry* acquire();
  // The occupant must be gone.
  void release(ConnEntry& entry);

  // Any thread.
  uint32_t capacity() const { return capacity_; }
  uint32_t made() const { return made_.load(std::memory_order_acquire); }  // ever used: the peak
  uint32_t in_use() const { return in_use_.load(std::memory_order_relaxed); }
  uint64_t reused() const { return reused_.load(std::memory_order_relaxed); }

  // Entry `index` < made(). Any thread may look at its row, the owner at all of it.
  ConnEntry& at(uint32_t index) const { return entries_[index]; }

 private:
  ConnPool(ConnEntry* entries, uint32_t capacity) : entries_(entries), capacity_(capacity) {}

  ConnEntry* const entries_;
  const uint32_t capacity_;
  uint32_t free_ = kNone;
  std::atomic<uint32_t> made_{0};
  std::atomic<uint32_t> in_use_{0};
  std::atomic<uint64_t> reused_{0};
};

}  // namespace martlet::conn
