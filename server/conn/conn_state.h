// The states of a connection, their names, and which may follow which.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace martlet::conn {

enum class ConnState : uint8_t {
  handshake,  // the transport is being set up; plain sockets are done at once
  new_cmd,    // between two requests: is the budget spent, is something buffered, do replies wait?
  waiting,    // parked without a buffer until the client sends; the state the idle sweep closes
  read,       // fill the read buffer
  parse_cmd,  // take the next request; without a value it is executed here
  nread,      // the rest of a value is arriving
  swallow,    // a refused value is dropped
  mwrite,     // one gathered write of all queued replies
  closing,    // let go of everything
  closed,     // back in the pool
  watch,      // the socket moves to the log drain
  kCount,
};

namespace detail {

inline constexpr std::array<std::string_view, static_cast<size_t>(ConnState::kCount)> kStateNames{
    "conn_handshake", "conn_new_cmd", "conn_waiting", "conn_read",   "conn_parse_cmd", "conn_nread",
    "conn_swallow",   "conn_mwrite",  "conn_closing", "conn_closed", "conn_watch"};

}  // namespace detail

// As `stats conns` prints them.
constexpr std::string_view name_of(ConnState state) { return detail::kStateNames[static_cast<size_t>(state)]; }

namespace detail {
constexpr uint16_t bit(ConnState state) { return static_cast<uint16_t>(1U << static_cast<unsigned>(state)); }
template <typename... States>
constexpr uint16_t any_of(States... states) {
  return static_cast<uint16_t>((bit(states) | ...));
}
}  // namespace detail

// The fixed table of transitions. A state may always follow itself (it waits); closing may follow every state.
constexpr bool may_follow(ConnState from, ConnState to) {
  using enum ConnState;
  using detail::any_of;
  constexpr std::array<uint16_t, static_cast<size_t>(kCount)> kNext{
      /* handshake */ any_of(new_cmd),
      /* new_cmd   */ any_of(parse_cmd, mwrite, read),
      /* waiting   */ any_of(read),
      /* read      */ any_of(parse_cmd, waiting),
      /* parse_cmd */ any_of(new_cmd, nread, swallow, mwrite, read, watch),
      /* nread     */ any_of(new_cmd, swallow, mwrite),
      /* swallow   */ any_of(new_cmd, mwrite),
      /* mwrite    */ any_of(new_cmd, nread, swallow),
      /* closing   */ any_of(closed),
      /* closed    */ any_of(handshake),
      /* watch     */ any_of(closed),
  };
  const bool listed = (kNext[static_cast<size_t>(from)] & detail::bit(to)) != 0;
  if (from == closing || from == closed) return listed;
  return listed || from == to || to == closing;
}

}  // namespace martlet::conn
