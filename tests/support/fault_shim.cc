// The fault shim, a library to be preloaded: stands between a program and the C library, and lets calls fail as the
// fault table says. Everything else goes to the kernel, or to glibc's allocator, as it is.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "tests/support/fault_table.h"

// glibc's own allocator under the names it exports for allocators that stand in front of it.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

using martlet::support::FaultCall;
using martlet::support::FaultRule;
using martlet::support::FaultTable;

// Null until the library is initialised, and where no table is wanted.
FaultTable* table = nullptr;

__attribute__((constructor)) void map_table() {
  const char* path = std::getenv(martlet::support::kFaultFileVariable);
  if (path == nullptr) return;
  const int fd = ::open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) ::_exit(125);
  const long memory = ::syscall(SYS_mmap, nullptr, sizeof(FaultTable), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
  ::close(fd);
  if (memory == -1) ::_exit(125);
  table = reinterpret_cast<FaultTable*>(memory);
}

// The rule, if this call is one that is to fail.
FaultRule* fault(FaultCall call) {
  if (table == nullptr) return nullptr;
  FaultRule& rule = table->rule(call);
  if (!rule.armed.load(std::memory_order_acquire)) return nullptr;
  const uint64_t number = rule.calls.fetch_add(1);
  const uint64_t skip = rule.skip.load();
  const uint64_t every = std::max<uint64_t>(rule.every.load(), 1);
  if (number < skip || (number - skip) % every != 0) return nullptr;
  const uint64_t hit = rule.hits.fetch_add(1);
  const uint64_t count = rule.count.load();
  if (count != 0 && hit >= count) {
    rule.hits.fetch_sub(1);
    return nullptr;
  }
  return &rule;
}

// True, and errno set, when the call is to fail.
bool refused(FaultCall call) {
  const FaultRule* rule = fault(call);
  if (rule == nullptr) return false;
  errno = rule->error.load();
  return true;
}

// True when the call is to fail; else `*size` may have become smaller.
bool refused_or_cut(FaultCall call, size_t* size) {
  const FaultRule* rule = fault(call);
  if (rule == nullptr) return false;
  const uint64_t bytes = rule->bytes.load();
  if (bytes != 0) {
    *size = std::min<size_t>(*size, bytes);
    return false;
  }
  errno = rule->error.load();
  return true;
}

constexpr size_t kPieces = 64;
constexpr rlim_t kBoundlessDescriptors = 1'000'000'000;

}  // namespace

extern "C" {

int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  if (refused(FaultCall::accept4)) return -1;
  return static_cast<int>(::syscall(SYS_accept4, fd, address, size, flags));
}

int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  if (operation == EPOLL_CTL_ADD && refused(FaultCall::epoll_ctl)) return -1;
  return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, fd, event));
}

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  if (refused_or_cut(FaultCall::recv, &size)) return -1;
  return ::syscall(SYS_recvfrom, fd, buffer, size, flags, nullptr, nullptr);
}

ssize_t send(int fd, const void* buffer, size_t size, int flags) {
  if (refused_or_cut(FaultCall::send, &size)) return -1;
  return ::syscall(SYS_sendto, fd, buffer, size, flags, nullptr, 0);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  size_t size = SIZE_MAX;
  if (refused_or_cut(FaultCall::sendmsg, &size)) return -1;
  std::array<iovec, kPieces> pieces;
  msghdr cut = *message;
  cut.msg_iov = pieces.data();
  cut.msg_iovlen = 0;
  for (size_t i = 0; i < message->msg_iovlen && i < kPieces && size > 0; ++i) {
    pieces[i] = message->msg_iov[i];
    pieces[i].iov_len = std::min(pieces[i].iov_len, size);
    size -= pieces[i].iov_len;
    ++cut.msg_iovlen;
  }
  return ::syscall(SYS_sendmsg, fd, &cut, flags);
}

void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  if (refused(FaultCall::mmap)) return MAP_FAILED;
  const long memory = ::syscall(SYS_mmap, address, size, protection, flags, fd, offset);
  return memory == -1 ? MAP_FAILED : reinterpret_cast<void*>(memory);
}

// An armed rule lets every limit of descriptors pass for granted, and the hard one be that of a container without
// bounds.
int getrlimit(__rlimit_resource_t resource, rlimit* limit) noexcept {
  const int result = static_cast<int>(::syscall(SYS_prlimit64, 0, resource, nullptr, limit));
  if (resource == RLIMIT_NOFILE && fault(FaultCall::rlimit) != nullptr) limit->rlim_max = kBoundlessDescriptors;
  return result;
}

int setrlimit(__rlimit_resource_t resource, const rlimit* limit) noexcept {
  if (resource == RLIMIT_NOFILE && fault(FaultCall::rlimit) != nullptr) return 0;
  return static_cast<int>(::syscall(SYS_prlimit64, 0, resource, limit, nullptr));
}

void* malloc(size_t size) noexcept { return refused(FaultCall::allocate) ? nullptr : __libc_malloc(size); }

void* calloc(size_t count, size_t size) noexcept {
  return refused(FaultCall::allocate) ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* old, size_t size) noexcept {
  return size != 0 && refused(FaultCall::allocate) ? nullptr : __libc_realloc(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  return refused(FaultCall::allocate) ? nullptr : __libc_memalign(alignment, size);
}

}  // extern "C"
