// IntrusiveList: a doubly linked list whose links live in its elements, so that joining and leaving cannot fail. Each
// element remembers since when it is in, and the list is kept in that order: the front is the oldest.
#pragma once

#include <cstdint>

namespace martlet::conn {

template <typename T>
class IntrusiveList {
 public:
  struct Hook {
    T* prev = nullptr;
    T* next = nullptr;
    uint64_t since = 0;
    IntrusiveList* in = nullptr;
  };

  // `hook`: the member of T that this list links by.
  explicit IntrusiveList(Hook T::*hook) : hook_(hook) {}
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool empty() const { return head_ == nullptr; }
  T* front() const { return head_; }
  T* back() const { return tail_; }

  // Leaves whatever list its hook is in and joins this one as the newest.
  void push_back(T& element, uint64_t since) {
    Hook& hook = element.*hook_;
    if (hook.in != nullptr) hook.in->remove(element);
    hook = {tail_, nullptr, since, this};
    (tail_ != nullptr ? (tail_->*hook_).next : head_) = &element;
    tail_ = &element;
  }

  void remove(T& element) {
    Hook& hook = element.*hook_;
    (hook.prev != nullptr ? (hook.prev->*hook_).next : head_) = hook.next;
    (hook.next != nullptr ? (hook.next->*hook_).prev : tail_) = hook.prev;
    hook = {};
  }

 private:
  Hook T::*hook_;
  T* head_ = nullptr;
  T* tail_ = nullptr;
};

}  // namespace martlet::conn
