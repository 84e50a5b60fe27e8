// Turns: composing, sending in pieces, and handing the replies to their segments.
#include "tests/differential/player.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tests/differential/binary_frame.h"
#include "tests/differential/random.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr uint8_t kNoop = 0x0a;
constexpr uint32_t kMarkerOpaque = 0xFE000000U;  // and its number below
constexpr uint32_t kRepairOpaque = 0x40000000U;  // and the step's number below
constexpr size_t kWaitingPieces = 16;

// Most writes are cut without waiting, so that the server may see the pieces together; some pieces are sent only when
// the one before has been read.
void send_cut(support::Client* client, std::string_view bytes, uint64_t cuts) {
  Random random(cuts);
  if (cuts == 0 || bytes.size() < 2) {
    client->send(bytes);
  } else if (random.one_in(8)) {
    client->send_in_pieces(bytes, bytes.size() / random.between(2, kWaitingPieces) + 1);
  } else {
    while (!bytes.empty()) {
      const size_t size = random.between(1, random.one_in(2) ? bytes.size() : std::min<size_t>(bytes.size(), 30));
      if (!client->send(bytes.substr(0, size))) return;
      bytes.remove_prefix(size);
      if (random.one_in(6)) break;
    }
    client->send(bytes);
  }
}

// Behind the last step of the turn that begins at `begin`.
size_t end_of_turn(const std::vector<Step>& steps, size_t begin) {
  size_t end = begin + 1;
  while (end < steps.size() && steps[end].connection == steps[begin].connection && !steps[end].begins_turn &&
         !steps[end - 1].command.ends) {
    ++end;
  }
  return end;
}

Ending ending_of(const support::Client& client) {
  return client.last_error() == "deadline" ? Ending::silent : Ending::closed;
}

}  // namespace

std::unique_ptr<support::Client> Player::connect(std::string* error) const {
  support::ClientOptions options;
  options.deadline = deadline_;
  auto client = support::Client::connect(endpoint_, options);
  if (client == nullptr) *error = std::string("no connection: ") + std::strerror(errno);
  return client;
}

bool Player::empty_cache(std::string* error) {
  if (control_ == nullptr) control_ = connect(error);
  if (control_ == nullptr) return false;
  // Deleted one by one as well, so that the reference gives their memory back at once.
  std::string bytes = "flush_all\r\n";
  for (const std::string& key : text_keys()) bytes += "delete " + key + "\r\n";
  for (const std::string& key : base64_keys()) bytes += "md " + key + " b\r\n";
  const size_t lines = 1 + text_keys().size() + base64_keys().size();
  bool answered = control_->send(bytes);
  for (size_t i = 0; answered && i < lines; ++i) answered = control_->receive_line().has_value();
  if (!answered) *error = "the cache cannot be emptied: " + control_->last_error();
  return answered;
}

std::vector<Segment> Player::play(const std::vector<Step>& steps, std::string* error) {
  played_.clear();
  known_cas_.clear();
  markers_ = 0;
  size_t connections = 0;
  for (const Step& step : steps) connections = std::max(connections, step.connection + 1);
  connections_.clear();
  connections_.resize(connections);
  if (!empty_cache(error)) return {};
  for (size_t begin = 0; begin < steps.size();) {
    const size_t end = end_of_turn(steps, begin);
    Connection& connection = connections_[steps[begin].connection];
    if (connection.client == nullptr) connection = {connect(error), 0};
    if (connection.client == nullptr) return std::move(played_);
    play_turn(steps, begin, end, &connection);
    begin = end;
  }
  // Reset rather than closed: a long run would use up the ports that are left waiting otherwise.
  for (Connection& connection : connections_) {
    if (connection.client != nullptr) connection.client->reset();
  }
  return std::move(played_);
}

void Player::play_turn(const std::vector<Step>& steps, size_t begin, size_t end, Connection* connection) {
  awaited_.clear();
  std::string bytes = dialect_ == Dialect::text ? text_turn(steps, begin, end) : binary_turn(steps, begin, end);
  bytes.erase(0, std::exchange(connection->early_bytes, 0));
  const bool ends = steps[end - 1].command.ends;
  const auto next = std::find_if(steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end(),
                                 [&](const Step& step) { return step.connection == steps[begin].connection; });
  if (!ends && next != steps.end() && next->early) {
    std::string half = spelled(next->command);
    if (dialect_ == Dialect::binary) put_opaque(static_cast<uint32_t>(next - steps.begin()), &half);
    connection->early_bytes = half.size() / 2;
    bytes.append(half, 0, connection->early_bytes);
  }
  send_cut(connection->client.get(), bytes, steps[begin].cuts);
  if (dialect_ == Dialect::text) {
    receive_text(steps, connection);
  } else {
    receive_binary(steps, connection);
  }
  for (Awaited& awaited : awaited_) played_.push_back(std::move(awaited.segment));
  if (connection->client != nullptr && ends) {
    connection->client->reset();
    *connection = {};
  }
}

// The command with the CAS id that this server has given.
std::string Player::spelled(const Command& command) const {
  std::string bytes = command.bytes;
  if (!command.cas.has_value()) return bytes;
  const auto known = known_cas_.find(command.cas->key);
  const uint64_t id = known == known_cas_.end() ? kUnknownCas : known->second;
  if (dialect_ == Dialect::binary) {
    put_cas(id, &bytes);
  } else {
    bytes.insert(command.cas->at, std::to_string(id));
  }
  return bytes;
}

void Player::add_marker(std::string* bytes) {
  const std::string number = std::to_string(10000000U + ++markers_);
  bytes->append("set !m 0 0 8 noreply\r\n").append(number).append("\r\nget !m\r\n");
  awaited_.back().marker = "VALUE !m 0 8\r\n" + number + "\r\nEND\r\n";
}

std::string Player::text_turn(const std::vector<Step>& steps, size_t begin, size_t end) {
  std::string bytes;
  for (size_t i = begin; i < end; ++i) {
    const Command& command = steps[i].command;
    const bool joins = !awaited_.empty() && awaited_.back().marker.empty();
    if (joins && command.isolated) add_marker(&bytes);
    if (joins && !command.isolated) {
      ++awaited_.back().segment.count;
    } else {
      awaited_.push_back({{i, 1}, {}});
    }
    bytes += spelled(command);
    if (command.isolated) add_marker(&bytes);
    if (command.repair.has_value()) {
      awaited_.push_back({{i, 1, true}, {}});
      bytes += *command.repair;
      add_marker(&bytes);
    }
  }
  if (awaited_.back().marker.empty()) add_marker(&bytes);
  return bytes;
}

std::string Player::binary_turn(const std::vector<Step>& steps, size_t begin, size_t end) {
  std::string bytes;
  for (size_t i = begin; i < end; ++i) {
    awaited_.push_back({{i, 1}, {}});
    std::string frame = spelled(steps[i].command);
    put_opaque(static_cast<uint32_t>(i), &frame);
    bytes += frame;
    if (!steps[i].command.repair.has_value()) continue;
    awaited_.push_back({{i, 1, true}, {}});
    frame = *steps[i].command.repair;
    put_opaque(static_cast<uint32_t>(i) | kRepairOpaque, &frame);
    bytes += frame;
  }
  Frame marker;
  marker.opcode = kNoop;
  std::string frame = encode(marker);
  put_opaque(kMarkerOpaque | ++markers_, &frame);
  return bytes + frame;
}

void Player::receive_text(const std::vector<Step>& steps, Connection* connection) {
  Ending ending = Ending::open;
  for (Awaited& awaited : awaited_) {
    Reply& reply = awaited.segment.reply;
    if (ending == Ending::open) {
      auto bytes = connection->client->receive_through(awaited.marker);
      if (bytes.has_value()) {
        bytes->resize(bytes->size() - awaited.marker.size());
        reply.bytes = std::move(*bytes);
      } else {
        ending = ending_of(*connection->client);
        reply.bytes = connection->client->inbox();
      }
      // Where answers may differ, only one server may have shown an id.
      if (!steps[awaited.segment.first].command.isolated) learn_text_cas(reply.bytes, &known_cas_);
    }
    reply.ending = ending;
  }
  if (ending != Ending::open) *connection = {};
}

// All frames up to the marker's, which is not among them.
std::string Player::receive_frames(support::Client* client, Ending* ending) {
  const uint32_t marker = kMarkerOpaque | markers_;
  for (;;) {
    std::string bytes;
    for (const FrameView& frame : split_frames(client->inbox())) {
      if (frame.opaque() == marker) {
        client->consume(bytes.size() + frame.bytes.size());
        return bytes;
      }
      bytes += frame.bytes;
    }
    if (client->receive_more() != support::Client::More::bytes) {
      *ending = ending_of(*client);
      return std::string(client->inbox());
    }
  }
}

void Player::receive_binary(const std::vector<Step>& steps, Connection* connection) {
  Ending ending = Ending::open;
  const std::string bytes = receive_frames(connection->client.get(), &ending);
  std::string_view rest = bytes;
  size_t at = 0;  // the segment that speaks; frames out of their order count as its own
  for (const FrameView& frame : split_frames(bytes)) {
    for (size_t i = at; i < awaited_.size(); ++i) {
      const Segment& segment = awaited_[i].segment;
      const uint32_t opaque = static_cast<uint32_t>(segment.first) | (segment.is_repair ? kRepairOpaque : 0U);
      if (opaque == frame.opaque()) at = i;
    }
    awaited_[at].segment.reply.bytes += frame.bytes;
    learn_binary_cas(steps[awaited_[at].segment.first].command.key, frame.bytes);
    rest.remove_prefix(frame.bytes.size());
  }
  awaited_.back().segment.reply.bytes += rest;
  awaited_.back().segment.reply.ending = ending;
  if (ending != Ending::open) *connection = {};
}

void Player::learn_binary_cas(const std::string& key, std::string_view frames) {
  for (const FrameView& frame : split_frames(frames)) {
    if (!key.empty() && frame.cas() != 0) known_cas_[key] = frame.cas();
  }
}

}  // namespace martlet::differential
