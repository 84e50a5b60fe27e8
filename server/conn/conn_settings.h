// ConnSettings: limits of connections. Plain data, constant after start-up.
#pragma once

#include <cstdint>

#include "server/protocol/negotiate.h"

namespace martlet::conn {

struct ConnSettings {
  uint32_t max_connections = 1024;    // -c: clients served at once, >= 1
  uint32_t reqs_per_event = 20;       // -R: requests of one connection per wake-up, >= 1
  bool reqs_per_event_given = false;  // -R was on the command line
  uint32_t idle_timeout_s = 0;        // close what waits for a command this long; 0: never
  uint32_t request_timeout_s = 0;     // close what stalls within a request this long; 0: never
  uint32_t send_timeout_s = 0;        // close what does not read its replies this long; 0: never
  bool idle_reclaim = false;          // at max_connections the longest-idle connection gives way
  protocol::Dialect protocol = protocol::Dialect::automatic;  // -B
  uint64_t read_buf_mem_limit = 0;  // bytes of read and reply buffers, all workers together; 0: no limit
};

}  // namespace martlet::conn
