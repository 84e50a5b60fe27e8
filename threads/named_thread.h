// start_named_thread: how every thread beside the main one begins.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace martlet::threads {

// Starts `body` on a thread called `name` (cut to the kernel's 15 characters) with every signal blocked, so that
// signals reach the main thread only; the signals of a fault in the thread itself stay open, so that it is reported.
// False, with `thread` untouched, when the system has no thread or memory to give. `thread` must not be joinable.
[[nodiscard]] bool start_named_thread(std::thread& thread, const std::string& name, std::function<void()> body);

}  // namespace martlet::threads
