// The servers that wire tests talk to, started when first asked for and kept while the test program runs: one for each
// command line, number of workers and read size.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/server_under_test.h"

namespace martlet::wire {

// One way to run a conversation.
struct RunSetup {
  support::Transport transport = support::Transport::tcp4;
  int workers = 4;
  size_t split = 0;  // bytes per read, 0: as they come
};

std::string describe(const RunSetup& setup);

// Every combination in which a conversation must give the same bytes: three transports, one and four workers, reads of
// 1, 2, 3, 7 and 64 bytes and as they come. Against a server in another process, whose reads cannot be forced, the
// clients split their writes instead, and fewer combinations are run.
std::vector<RunSetup> all_setups();

class ServerPool {
 public:
  // A running server, or null and the reason in `*error`. It holds what earlier conversations stored.
  support::ServerUnderTest* get(const std::vector<std::string>& flags, const RunSetup& setup, std::string* error);

  void stop_all() { running_.clear(); }

 private:
  struct Entry {
    std::string key;
    std::unique_ptr<support::ServerUnderTest> server;
  };
  std::vector<Entry> running_;  // oldest first
};

// The pool of this test program; emptied when the last test is over.
ServerPool& server_pool();

// A server without any item, from the pool. Fails the test and returns null when there is none.
support::ServerUnderTest* fresh_server(const std::vector<std::string>& flags = {}, const RunSetup& setup = {});

// A connection to it. Fails the test and returns null when there is none.
std::unique_ptr<support::Client> connect(const support::ServerUnderTest& server,
                                         support::Transport transport = support::Transport::tcp4,
                                         const support::ClientOptions& options = {});

}  // namespace martlet::wire
