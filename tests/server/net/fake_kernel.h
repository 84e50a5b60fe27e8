// FakeKernel: accept4, accept and epoll_ctl as this test program calls them, failing where a test says so and otherwise
// doing their work. One thread.
#pragma once

#include <deque>

namespace martlet::support {

struct FakeKernel {
  std::deque<int> accept_errors;    // what the next accepts fail with, in order; 0: that one is done
  int accept_error_for_good = 0;    // every further accept fails with it
  bool has_accept4 = true;          // false: accept4 is unknown (ENOSYS)
  std::deque<int> register_errors;  // what the next registrations of a descriptor fail with, in order
  int accept4_calls = 0;
  int accept_calls = 0;

  static FakeKernel& instance();
};

}  // namespace martlet::support
