// Player: says a round to one server and takes down what it answers.
//
// Behind each turn, and around each isolated command, stands a marker: a question whose answer nothing else can give.
// So the end of a turn's replies is known, and isolated replies are told from their neighbours'. Binary replies tell
// themselves apart by their opaque; there a marker ends the turn only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/differential/command.h"
#include "tests/differential/reply.h"
#include "tests/differential/text_reply.h"
#include "tests/support/client.h"

namespace martlet::differential {

// Neighbouring steps whose replies are one, and the reply.
struct Segment {
  size_t first = 0;
  size_t count = 0;
  bool is_repair = false;  // the repair of step `first`
  Reply reply{};
};

class Player {
 public:
  Player(support::Endpoint endpoint, Dialect dialect) : endpoint_(std::move(endpoint)), dialect_(dialect) {}

  // How long an answer may take before the server counts as silent.
  void set_deadline(std::chrono::milliseconds deadline) { deadline_ = deadline; }

  // Plays the steps against a cache that it empties before. The same steps give segments of the same steps with every
  // server. When there is no connection to be had, `*error` says so and what has been played comes back.
  std::vector<Segment> play(const std::vector<Step>& steps, std::string* error);

 private:
  struct Connection {
    std::unique_ptr<support::Client> client;
    size_t early_bytes = 0;  // of the next turn's first command, sent already
  };
  // A segment under way, and the answer to the marker behind it.
  struct Awaited {
    Segment segment;
    std::string marker;
  };

  std::unique_ptr<support::Client> connect(std::string* error) const;
  bool empty_cache(std::string* error);
  void play_turn(const std::vector<Step>& steps, size_t begin, size_t end, Connection* connection);

  std::string spelled(const Command& command) const;
  std::string text_turn(const std::vector<Step>& steps, size_t begin, size_t end);
  std::string binary_turn(const std::vector<Step>& steps, size_t begin, size_t end);
  void add_marker(std::string* bytes);

  void receive_text(const std::vector<Step>& steps, Connection* connection);
  void receive_binary(const std::vector<Step>& steps, Connection* connection);
  std::string receive_frames(support::Client* client, Ending* ending);
  void learn_binary_cas(const std::string& key, std::string_view frames);

  support::Endpoint endpoint_;
  Dialect dialect_;
  std::chrono::milliseconds deadline_{10000};
  std::unique_ptr<support::Client> control_;
  std::vector<Connection> connections_;
  KnownCas known_cas_;
  uint32_t markers_ = 0;
  std::vector<Awaited> awaited_;  // of the turn under way
  std::vector<Segment> played_;
};

}  // namespace martlet::differential
