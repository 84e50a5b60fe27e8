// The state machine against a model: whatever is sent, in whatever pieces, its replies are those that the same stream
// gets when it comes at once, and no transition happens that the table does not list.
#include <algorithm>
#include <array>
#include <random>
#include <sstream>

#include "tests/server/conn/conn_room.h"

namespace martlet::conn {
namespace {

constexpr uint32_t kItemSizeMax = 200'000;

RoomOptions options(bool budget, uint32_t requests) {
  RoomOptions out;
  out.conn.reqs_per_event_given = budget;
  out.conn.reqs_per_event = requests;
  out.cache.item_size_max = kItemSizeMax;
  return out;
}

// Client bytes: good and bad commands, small, large and refused values.
class Script {
 public:
  explicit Script(unsigned seed) : random_(seed) {}

  std::string command() {
    const std::string key(1, static_cast<char>('a' + pick(4)));
    const std::string end = pick(5) == 0 ? " noreply\r\n" : "\r\n";
    switch (pick(14)) {
      case 0:
        return value("set " + key, pick(200), end);
      case 1:
        return value("add " + key, pick(3000), end);
      case 2:
        return value("append " + key, pick(10), end);
      case 3:
        return pick(8) == 0 ? value("set " + key, 16'000 + pick(50'000), end) : "version\r\n";
      case 4:
        return pick(8) == 0 ? value("set " + key, kItemSizeMax + 1, end) : "get b\n";
      case 5:
        return "get a b c d\r\n";
      case 6:
        return "gets " + key + " nothing\r\n";
      case 7:
        return "delete " + key + end;
      case 8:
        return "incr " + key + " 5" + end;
      case 9:
        return "touch " + key + " 100" + end;
      case 10:
        return "nonsense " + key + "\r\n";
      case 11:
        return "set " + key + " 0 0 3\r\nlonger than three\r\n";
      case 12:
        return "get " + std::string(251, 'k') + " a\r\n";
      default:
        return value("set " + key, 1, end, "7");
    }
  }
  std::string commands(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += command();
    return out;
  }
  size_t pick(size_t below) { return random_() % below; }

 private:
  std::string value(const std::string& head, size_t size, const std::string& end, std::string_view bytes = {}) {
    std::string body(bytes);
    while (body.size() < size) body += static_cast<char>('A' + pick(26));
    return head + " 1 0 " + std::to_string(size) + end + body + "\r\n";
  }

  std::mt19937 random_;
};

// What the stream is answered when it comes at once and everything fits.
std::string answer_at_once(const std::string& stream) {
  ConnRoom room(options(false, 1));
  HandDriven client(room);
  client.say(stream);
  return client.transport.take_received();
}

ConnState state_named(std::string_view name) {
  for (size_t i = 0; i < static_cast<size_t>(ConnState::kCount); ++i) {
    if (name_of(static_cast<ConnState>(i)) == name) return static_cast<ConnState>(i);
  }
  ADD_FAILURE() << "no state is called " << name;
  return ConnState::closed;
}

// Every transition the log tells of is in the table, and each begins where the last one ended.
size_t expect_allowed_transitions(const std::string& log) {
  std::istringstream lines(log);
  size_t seen = 0;
  ConnState at = ConnState::handshake;
  for (std::string line; std::getline(lines, line);) {
    const size_t words = line.find(": going from ");
    if (words == std::string::npos) continue;
    std::istringstream rest(line.substr(words + 13));
    std::string from;
    std::string to;
    std::string word;
    rest >> from >> word >> to;
    EXPECT_EQ(state_named(from), at) << line;
    at = state_named(to);
    EXPECT_TRUE(may_follow(state_named(from), at)) << line;
    ++seen;
  }
  return seen;
}

TEST(DriveMachine, RepliesDoNotDependOnHowTheStreamIsCutOrSent) {
  Script script(20'251);
  const std::string stream = script.commands(120);
  const std::string expected = answer_at_once(stream);
  ASSERT_GT(expected.size(), 5'000U);
  constexpr std::array<size_t, 6> kSizes{1, 2, 3, 7, 64, support::FakeTransport::kAll};
  for (const size_t read_size : kSizes) {
    for (const size_t write_size : kSizes) {
      for (const uint32_t budget : {0U, 1U, 3U, 20U}) {
        RoomOptions wanted = options(budget != 0, budget);
        // The splits come from the server's own limit in one half of the runs, from the peer's in the other.
        const bool own = budget % 2 == 1;
        if (own) wanted.max_read = std::min(read_size, BufferPool::kLargest);
        ConnRoom room(wanted);
        HandDriven client(room);
        if (!own) client.transport.read_size = read_size;
        client.transport.write_size = write_size;
        ASSERT_EQ(client.say(stream), Wait::readable);
        ASSERT_TRUE(client.transport.received() == expected) << read_size << " " << write_size << " " << budget;
        EXPECT_EQ(room.buffers.figures().blocks, 0U);  // waiting without a buffer
      }
    }
  }
}

// One random life: pieces, stalls, wake-ups for nothing; at the end the peer has everything it asked for.
TEST(DriveMachine, RandomEventsKeepToTheTableAndToTheStream) {
  size_t transitions = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    Script script(seed);
    const std::string stream = script.commands(30);
    RoomOptions wanted = options(seed % 3 == 0, 1 + seed % 4);
    wanted.verbosity = 3;
    ConnRoom room(wanted);
    HandDriven client(room);
    client.transport.read_size = 1 + script.pick(3000);
    client.transport.write_size = 1 + script.pick(3000);
    for (size_t at = 0; at < stream.size();) {
      const size_t piece = std::min(stream.size() - at, script.pick(script.pick(2) == 0 ? 8 : 20'000));
      client.transport.write_room = script.pick(3) == 0 ? script.pick(5000) : support::FakeTransport::kAll;
      client.transport.send(std::string_view(stream).substr(at, piece));
      at += piece;
      room.clock.advance_ms(script.pick(50));
      ASSERT_NE(client.connection->drive(), Wait::closed);
    }
    client.transport.write_room = support::FakeTransport::kAll;
    ASSERT_EQ(client.run(), Wait::readable);
    ASSERT_TRUE(client.transport.received() == answer_at_once(stream)) << "seed " << seed;
    transitions += expect_allowed_transitions(room.log.text());
  }
  EXPECT_GT(transitions, 10'000U);
}

// Ends at random: by the peer, by an error, by the server. Never more than the stream's own replies, and, when the peer
// merely finished sending, all that its bytes had earned.
TEST(DriveMachine, RandomEndsLeaveNothingBehind) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Script script(seed);
    const std::string stream = script.commands(12);
    const std::string sent = stream.substr(0, script.pick(stream.size() + 1));
    const std::string earned = answer_at_once(sent);
    RoomOptions wanted = options(seed % 2 == 0, 2);
    wanted.verbosity = 3;
    ConnRoom room(wanted);
    HandDriven client(room);
    client.transport.read_size = 1 + script.pick(500);
    client.transport.write_room = seed % 4 == 0 ? script.pick(300) : support::FakeTransport::kAll;
    client.transport.send(sent);
    for (size_t i = script.pick(40); i > 0; --i) {
      if (client.connection->drive() == Wait::closed) break;
    }
    if (seed % 3 == 0) {
      client.transport.write_room = support::FakeTransport::kAll;
      ASSERT_EQ(client.hang_up(), Wait::closed);
      ASSERT_TRUE(client.transport.received() == earned) << "seed " << seed;
    } else if (seed % 3 == 1) {
      client.transport.break_off();
      client.transport.write_room = support::FakeTransport::kAll;
      client.connection->request_close(CloseReason::error);
      ASSERT_EQ(client.run(), Wait::closed);
    } else {
      client.connection->request_close(CloseReason::idle_timeout);
      ASSERT_EQ(client.connection->drive(), Wait::closed);
      EXPECT_EQ(client.connection->close_reason(), CloseReason::idle_timeout);
    }
    ASSERT_TRUE(earned.starts_with(client.transport.received())) << "seed " << seed;
    EXPECT_EQ(room.buffers.figures().blocks, 0U);  // given back at closing, before it is destroyed
    EXPECT_EQ(room.fake().pins(), 0U);
    expect_allowed_transitions(room.log.text());
    client.destroy();
    room.expect_all_given_back();
  }
}

TEST(DriveMachine, QuitIsTheLastThingThatIsServed) {
  ConnRoom room;
  HandDriven client(room);
  client.transport.write_size = 3;
  EXPECT_EQ(client.say("set a 0 0 1\r\nx\r\nget a\r\nquit\r\nget a\r\n"), Wait::closed);
  EXPECT_EQ(client.transport.received(), "STORED\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
  EXPECT_TRUE(client.transport.finished);
  EXPECT_EQ(client.connection->close_reason(), CloseReason::normal);
}

TEST(DriveMachine, AnEndIsCountedBeforeTheClientCanSeeIt) {
  ConnRoom room;
  HandDriven client(room);
  uint64_t counted = 0;
  client.transport.on_finish = [&] { counted = room.stats.request_timeouts.get(); };
  client.connection->request_close(CloseReason::request_timeout);
  EXPECT_EQ(client.connection->drive(), Wait::closed);
  EXPECT_TRUE(client.transport.finished);
  EXPECT_EQ(counted, 1U);
}

TEST(DriveMachine, TheHandshakeWaitsForWhatItAsksFor) {
  ConnRoom room;
  HandDriven client(room);
  client.transport.handshake_answer = net::Handshake::want_write;
  EXPECT_EQ(client.connection->drive(), Wait::writable);
  client.transport.handshake_answer = net::Handshake::want_read;
  EXPECT_EQ(client.connection->drive(), Wait::readable);
  EXPECT_EQ(client.connection->state(), ConnState::handshake);
  client.transport.handshake_answer = net::Handshake::done;
  EXPECT_EQ(client.say("version\r\n"), Wait::readable);
  EXPECT_TRUE(client.transport.received().starts_with("VERSION "));
}

TEST(DriveMachine, AHandshakeCanBeGivenUp) {
  ConnRoom room;
  HandDriven client(room);
  client.transport.handshake_answer = net::Handshake::want_read;
  EXPECT_EQ(client.connection->drive(), Wait::readable);
  client.connection->request_close(CloseReason::idle_timeout);
  EXPECT_EQ(client.connection->drive(), Wait::closed);
  EXPECT_EQ(client.connection->close_reason(), CloseReason::idle_timeout);
  client.destroy();
  room.expect_all_given_back();
}

TEST(DriveMachine, AFailedHandshakeCloses) {
  ConnRoom room;
  HandDriven client(room);
  client.transport.handshake_answer = net::Handshake::failed;
  EXPECT_EQ(client.connection->drive(), Wait::closed);
  EXPECT_EQ(client.connection->close_reason(), CloseReason::error);
}

}  // namespace
}  // namespace martlet::conn
