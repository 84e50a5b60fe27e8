// ConnLimit and ConnSlot: the process-wide count of client connections against -c.
//
// The dispatcher takes a slot at accept; it travels in the message to the worker, lives in the connection and is let go
// when the connection ends. So the limit is exact at every moment, sockets in flight included, and a worker's load is
// the number of slots assigned to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace martlet::threads {

class ConnSlot;

class ConnLimit {
 public:
  explicit ConnLimit(uint32_t limit) : limit_(limit) {}
  ConnLimit(const ConnLimit&) = delete;
  ConnLimit& operator=(const ConnLimit&) = delete;

  // An invalid slot when all are taken. Any thread.
  ConnSlot try_take();

  uint32_t limit() const { return limit_; }
  uint32_t taken() const { return taken_.load(std::memory_order_acquire); }

  // How many slots were ever given back: whoever waits for room compares it with what it saw before. Any thread.
  uint64_t released() const { return released_.load(std::memory_order_acquire); }

 private:
  friend class ConnSlot;

  const uint32_t limit_;
  std::atomic<uint32_t> taken_{0};
  std::atomic<uint64_t> released_{0};
};

// One taken place, given back when destroyed. Move-only; one thread at a time. The ConnLimit outlives it.
class ConnSlot {
 public:
  ConnSlot() = default;
  ConnSlot(ConnSlot&& other) noexcept
      : limit_(std::exchange(other.limit_, nullptr)), load_(std::exchange(other.load_, nullptr)) {}
  ConnSlot& operator=(ConnSlot&& other) noexcept;
  ConnSlot(const ConnSlot&) = delete;
  ConnSlot& operator=(const ConnSlot&) = delete;
  ~ConnSlot() { release(); }

  bool valid() const { return limit_ != nullptr; }

  // Counts this slot in a worker's load from here on (and no longer in another's). The counter outlives the slot. An
  // invalid slot is not counted.
  void assign_to(std::atomic<uint32_t>& load);

  // Gives the place back early; the slot is then invalid.
  void release();

 private:
  friend class ConnLimit;
  explicit ConnSlot(ConnLimit* limit) : limit_(limit) {}

  ConnLimit* limit_ = nullptr;
  std::atomic<uint32_t>* load_ = nullptr;
};

}  // namespace martlet::threads
