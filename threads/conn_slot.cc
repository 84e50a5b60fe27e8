#include "threads/conn_slot.h"

namespace martlet::threads {

ConnSlot ConnLimit::try_take() {
  // Compare and exchange rather than add and look: the count never shows more than the limit, not even for a moment.
  uint32_t seen = taken_.load(std::memory_order_acquire);
  while (seen < limit_) {
    if (taken_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
      return ConnSlot(this);
    }
  }
  return ConnSlot();
}

ConnSlot& ConnSlot::operator=(ConnSlot&& other) noexcept {
  if (this != &other) {
    release();
    limit_ = std::exchange(other.limit_, nullptr);
    load_ = std::exchange(other.load_, nullptr);
  }
  return *this;
}

void ConnSlot::assign_to(std::atomic<uint32_t>& load) {
  if (!valid()) return;
  // The load is a figure to compare by: it orders nothing else.
  if (load_ != nullptr) load_->fetch_sub(1, std::memory_order_relaxed);
  load_ = &load;
  load_->fetch_add(1, std::memory_order_relaxed);
}

void ConnSlot::release() {
  std::atomic<uint32_t>* load = std::exchange(load_, nullptr);
  if (load != nullptr) load->fetch_sub(1, std::memory_order_relaxed);
  ConnLimit* limit = std::exchange(limit_, nullptr);
  if (limit == nullptr) return;
  // In this order: whoever sees released_ move (acquire) sees the room that was made.
  limit->taken_.fetch_sub(1, std::memory_order_acq_rel);
  limit->released_.fetch_add(1, std::memory_order_release);
}

}  // namespace martlet::threads
