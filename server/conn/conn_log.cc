#include "server/conn/conn_log.h"

namespace martlet::conn {

std::string_view name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::error:
      return "error";
    case CloseReason::idle_timeout:
      return "idle_timeout";
    case CloseReason::request_timeout:
      return "request_timeout";
    case CloseReason::send_timeout:
      return "send_timeout";
    case CloseReason::reclaimed:
      return "reclaimed";
    case CloseReason::shutdown:
      return "shutdown";
    case CloseReason::none:
    case CloseReason::normal:
      break;
  }
  return "normal";
}

}  // namespace martlet::conn
