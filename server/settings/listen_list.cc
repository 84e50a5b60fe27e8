#include "server/settings/listen_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "server/settings/option_value.h"

namespace martlet::settings {
namespace {

constexpr int kUsageError = 64;
constexpr int kOsError = 71;
constexpr size_t kMaxHost = 255;  // bytes: of a DNS name
constexpr size_t kMaxTag = 8;     // bytes

Error refused(std::string_view entry, std::string_view what, int exit_code = kOsError) {
  return Error{exit_code, fmt::format("-l: {}: {}", quoted(entry), what)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool take_prefix(std::string_view* rest, std::string_view prefix) {
  if (!rest->starts_with(prefix)) return false;
  rest->remove_prefix(prefix.size());
  return true;
}

// Takes "NAME<close>" off the front; nothing when `close` does not come.
std::optional<std::string_view> take_until(std::string_view* rest, std::string_view close) {
  const size_t end = rest->find(close);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view name = rest->substr(0, end);
  rest->remove_prefix(end + close.size());
  return name;
}

// One entry, read from left to right; each step takes its part off the front of rest_.
class EntryReader {
 public:
  EntryReader(std::string_view entry, const ListenDefaults& defaults, std::vector<std::string>* notes)
      : entry_(entry), rest_(entry), notes_(notes) {
    endpoint_.port = defaults.port;
    endpoint_.protocol = defaults.protocol;
  }

  Result<net::Endpoint> read() {
    if (Refusal no = read_tls()) return *no;
    if (Refusal no = read_protocol()) return *no;
    if (Refusal no = read_tag()) return *no;
    if (Refusal no = read_host_and_port()) return *no;
    return std::move(endpoint_);
  }

 private:
  Refusal read_tls() {
    if (take_prefix(&rest_, "notls:")) return {};
    if (rest_.starts_with("btls:") || rest_.starts_with("mtls:")) return refused(entry_, "TLS needs -Z");
    return {};
  }

  Refusal read_protocol() {
    if (!take_prefix(&rest_, "proto[")) return {};
    const auto name = take_until(&rest_, "]:");
    if (!name) return refused(entry_, "proto[ without ]:");
    if (*name == "ascii") {
      endpoint_.protocol = net::ListenProtocol::ascii;
    } else if (*name == "negotiating") {
      endpoint_.protocol = net::ListenProtocol::automatic;
    } else if (*name == "binary") {
      return refused(entry_, "a listener of its own for the binary protocol is not supported, see -B", kUsageError);
    } else if (*name == "proxy") {
      return refused(entry_, "the proxy is not built into this server", kUsageError);
    } else {
      notes_->push_back(fmt::format("-l: protocol {} is unknown and ignored", quoted(*name)));
    }
    return {};
  }

  Refusal read_tag() {
    std::string_view close = "]:";
    if (!take_prefix(&rest_, "tag[")) {
      if (!take_prefix(&rest_, "tag_")) return {};
      close = "_:";
    }
    const auto name = take_until(&rest_, close);
    if (!name) return refused(entry_, "a tag without its end");
    if (name->empty() || name->size() > kMaxTag) return refused(entry_, "a tag is 1 to 8 characters long");
    endpoint_.tag = *name;
    return {};
  }

  Refusal read_host_and_port() {
    std::string_view host;
    std::optional<std::string_view> port;
    if (take_prefix(&rest_, "[")) {
      const auto address = take_until(&rest_, "]");
      if (!address) return refused(entry_, "[ without ]");
      host = *address;
      if (take_prefix(&rest_, ":")) {
        port = rest_;
      } else if (!rest_.empty()) {
        return refused(entry_, "only a port may follow the ]");
      }
    } else {
      host = rest_;
      const size_t colon = rest_.find(':');
      // More than one colon: an IPv6 address without brackets, and so without a port.
      if (colon != std::string_view::npos && colon == rest_.rfind(':')) {
        host = rest_.substr(0, colon);
        port = rest_.substr(colon + 1);
      }
    }
    if (port) {
      if (Refusal no = read_port(*port)) return no;
    }
    return read_host(host);
  }

  Refusal read_port(std::string_view text) {
    const auto port = parse_integer(text);
    if (!port || *port < -1 || *port > 65535) return refused(entry_, quoted(text) + " is not a port");
    endpoint_.port = *port == 0 ? -1 : static_cast<int>(*port);
    return {};
  }

  Refusal read_host(std::string_view host) {
    if (host.empty()) return refused(entry_, "no address");
    const bool printable = std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c != 0x7f; });
    if (host.size() > kMaxHost || !printable) return refused(entry_, "not an address");
    endpoint_.host = host == "*" ? "" : host;
    return {};
  }

  const std::string_view entry_;
  std::string_view rest_;
  std::vector<std::string>* const notes_;
  net::Endpoint endpoint_;
};

}  // namespace

Status append_endpoints(std::string_view list, const ListenDefaults& defaults, std::vector<net::Endpoint>* endpoints,
                        std::vector<std::string>* notes) {
  bool any = false;
  while (!list.empty()) {
    const size_t end = list.find_first_of(",;");
    const std::string_view entry = trimmed(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    if (entry.empty()) continue;
    any = true;
    Result<net::Endpoint> endpoint = EntryReader(entry, defaults, notes).read();
    if (!endpoint) return endpoint.error();
    const bool known = std::find(endpoints->begin(), endpoints->end(), endpoint.value()) != endpoints->end();
    if (!known || endpoint.value().port < 0) endpoints->push_back(endpoint.take());
  }
  if (!any) return Error{kOsError, "-l: no address"};
  return Ok{};
}

}  // namespace martlet::settings
