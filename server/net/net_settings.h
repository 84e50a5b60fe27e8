// NetSettings: what the listeners are made from. Plain data, constant after start-up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace martlet::net {

// Which dialect the clients of one listener speak: settled by their first byte, or fixed.
enum class ListenProtocol : uint8_t { automatic, ascii, binary };

// One address to listen on. Names are not resolved yet: a host may stand for several addresses.
struct Endpoint {
  std::string host;                                     // name or address without brackets; empty: any, v4 and v6
  int port = 11211;                                     // 1 to 65535, or -1: the kernel picks
  ListenProtocol protocol = ListenProtocol::automatic;  // of `proto[...]:`, else of -B
  std::string tag;                                      // of `tag[...]:`, 1 to 8 bytes; empty: none

  bool operator==(const Endpoint&) const = default;
};

struct NetSettings {
  // Every TCP listener wanted; empty means no TCP (-p 0, or -s without an explicit -p or -l).
  std::vector<Endpoint> endpoints;

  // Every UDP socket wanted, on the addresses of `endpoints`; empty means no UDP (no -U).
  std::vector<Endpoint> udp_endpoints;

  // `endpoints` are the built-in 127.0.0.1 and ::1, not asked for by -l: one of the two may be missing on this host
  // (no IPv6) and the server starts all the same.
  bool default_addresses = true;

  bool explicit_listen = false;  // a -l was given
  bool explicit_port = false;    // a -p was given
  int tcp_port = 11211;  // -p: 1 to 65535, 0: no TCP, -1: the kernel picks. Endpoints carry it where they name none

  int udp_port = 0;  // -U: 1 to 65535, 0: no UDP, -1: the kernel picks

  std::string unix_path;      // -s; empty: no unix socket
  unsigned unix_mask = 0700;  // -a: the mode of the socket file, 0 to 0777

  int backlog = 1024;           // -b: for listen()
  bool maxconns_fast = true;    // at the limit: tell and close (true), or stop accepting
  uint32_t sock_cookie_id = 0;  // SO_MARK of the listeners; 0: none
};

}  // namespace martlet::net
