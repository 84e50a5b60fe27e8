// Command lines.
#include "tests/differential/server_pair.h"

namespace martlet::differential {

std::string built_server() { return MARTLET_BINARY_PATH; }

// One thread and nothing in the background: else it is a matter of luck whether a reply that has been read, or a thread
// that moves items about, still holds an item; and incr and decr write in place what nobody holds.
std::vector<std::string> reference_flags() {
  return {"-m", "256", "-I", "512k", "-t", "1", "-o", "no_lru_maintainer,no_lru_crawler,no_slab_reassign"};
}

bool ServerPair::start(const std::string& our_binary, const std::string& reference, std::string* error) {
  support::TestServerOptions own;
  own.flags = {"-m", "256", "-I", "512k", "-t", "2"};
  support::TestServerOptions quiet;
  quiet.flags = reference_flags();
  const bool is_own = our_binary != reference;
  ours = support::ExternalServer::start(our_binary,
                                        is_own ? support::ServerKind::own_binary : support::ServerKind::reference,
                                        is_own ? own : quiet, error);
  if (ours != nullptr) theirs = support::ExternalServer::start(reference, support::ServerKind::reference, quiet, error);
  return ours != nullptr && theirs != nullptr;
}

}  // namespace martlet::differential
