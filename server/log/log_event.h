// Event: something that a watcher may want to know, as it travels from the thread on which it happens to the drain.
// Words: what a client asks for with `watch`, a bit each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace martlet::log {

enum class Kind : uint8_t { item_get, item_store, deleted, eviction, conn_new, conn_close };

using Words = uint16_t;

inline constexpr Words kFetchers = 1U << 0;
inline constexpr Words kMutations = 1U << 1;
inline constexpr Words kEvictions = 1U << 2;
inline constexpr Words kConnEvents = 1U << 3;
inline constexpr Words kDeletions = 1U << 4;
inline constexpr Words kSilent = 1U << 5;  // sysevents, rawcmds, proxy...: taken, but nothing here belongs to them

// Whoever asks for the word is told of the kind.
constexpr Words word_of(Kind kind) {
  switch (kind) {
    case Kind::item_get:
      return kFetchers;
    case Kind::item_store:
      return kMutations;
    case Kind::deleted:
      return kDeletions;
    case Kind::eviction:
      return kEvictions;
    case Kind::conn_new:
    case Kind::conn_close:
      return kConnEvents;
  }
  return 0;
}

// The words after `watch`; none means fetchers. Empty when one of them is unknown.
std::optional<Words> parse_words(std::span<const std::string_view> names);

inline constexpr size_t kMaxKey = 250;  // bytes

// Copied as bytes; the views are of static storage. Which fields count depends on the kind. The key (conn_*: the
// client's address in words) travels behind it.
struct Event {
  uint64_t gid = 0;            // set when it is written: unique, roughly in order over all threads
  int64_t time_us = 0;         // set when it is written: Unix time
  int64_t ttl = 0;             // s; item_store: 0 for never, eviction: -1 for never
  std::string_view status{};   // item_get, item_store: how it went; conn_close: the reason
  std::string_view command{};  // item_store, deleted: its name; conn_*: the transport
  uint32_t size = 0;           // bytes of value
  uint32_t size_class = 0;     // clsid; 0 where there is no item
  uint32_t idle_s = 0;         // eviction: since the last access
  int32_t client_fd = -1;
  uint16_t port = 0;      // conn_*
  uint16_t key_size = 0;  // set when it is written
  Kind kind = Kind::item_get;
  bool fetched = false;  // eviction: was it ever read?
};
static_assert(std::is_trivially_copyable_v<Event>);

}  // namespace martlet::log
