#include "server/log/log_line.h"

#include <fmt/format.h>

#include <cstdint>

#include "server/base/uri.h"

namespace martlet::log {
namespace {

constexpr int64_t kMicro = 1'000'000;

char* put_client(char* out, const Event& event, std::string_view address) {
  return fmt::format_to(out, "rip={} rport={} transport={}", address, event.port, event.command);
}

char* put_fields(char* out, const Event& event, std::string_view key) {
  switch (event.kind) {
    case Kind::item_get:
      out = put_uri(fmt::format_to(out, "item_get key="), key);
      return fmt::format_to(out, " status={} clsid={} cfd={} size={}", event.status, event.size_class, event.client_fd,
                            event.size);
    case Kind::item_store:
      out = put_uri(fmt::format_to(out, "item_store key="), key);
      return fmt::format_to(out, " status={} cmd={} ttl={} clsid={} cfd={} size={}", event.status, event.command,
                            event.ttl, event.size_class, event.client_fd, event.size);
    case Kind::deleted:
      out = put_uri(fmt::format_to(out, "deleted key="), key);
      return fmt::format_to(out, " cmd={} clsid={} size={}", event.command, event.size_class, event.size);
    case Kind::eviction:
      out = put_uri(fmt::format_to(out, "eviction key="), key);
      return fmt::format_to(out, " fetch={} ttl={} la={} clsid={} size={}", event.fetched ? "yes" : "no", event.ttl,
                            event.idle_s, event.size_class, event.size);
    case Kind::conn_new:
      return fmt::format_to(put_client(fmt::format_to(out, "conn_new "), event, key), " cfd={}", event.client_fd);
    case Kind::conn_close:
      out = put_client(fmt::format_to(out, "conn_close "), event, key);
      return fmt::format_to(out, " reason={} cfd={}", event.status, event.client_fd);
  }
  return out;
}

}  // namespace

std::string_view format_line(const Event& event, std::string_view key, LineBuffer& buffer) {
  char* out = fmt::format_to(buffer.data(), "ts={}.{:06} gid={} type=", event.time_us / kMicro, event.time_us % kMicro,
                             event.gid);
  out = put_fields(out, event, key);
  *out++ = '\n';
  return {buffer.data(), static_cast<size_t>(out - buffer.data())};
}

}  // namespace martlet::log
