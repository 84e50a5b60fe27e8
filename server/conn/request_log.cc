#include "server/conn/request_log.h"

#include <utility>

#include "server/conn/reply_log.h"
#include "server/protocol/binary_header.h"

namespace martlet::conn {
namespace {

// Without its end, and without the space before a further key of a get line.
std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

}  // namespace

void log_request(const Diag& diag, int fd, bool binary, std::string_view bytes) {
  if (binary) {
    diag.log(2, "<{} {}", fd, protocol::PacketText(bytes).view());
    return;
  }
  const std::string_view text = trimmed(bytes);
  if (!text.empty()) diag.log(2, "<{} {}", fd, text);
}

bool write_reply(const Diag& diag, int fd, protocol::AnyCodec& codec, const protocol::Request& request,
                 protocol::Response&& response, protocol::ReplySink& sink) {
  if (!diag.wants(2)) return codec.write_reply(request, std::move(response), sink);
  ReplyLog log(sink);
  const bool queued = codec.write_reply(request, std::move(response), log);
  if (log.head().empty()) return queued;
  if (codec.is_binary()) {
    diag.log(2, ">{} {}", fd, protocol::PacketText(log.head()).view());
  } else {
    diag.log(2, ">{} {}", fd, log.first_line());
  }
  return queued;
}

}  // namespace martlet::conn
