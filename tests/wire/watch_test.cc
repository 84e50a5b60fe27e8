// watch: its refusals, and the shape of each line. Run against memcached, the shapes are checked to be its own.
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::Client;
using support::ServerKind;
using support::Transport;

constexpr char kNotAllowed[] = "CLIENT_ERROR watch commands not allowed\r\n";

std::vector<Conversation> refusals() {
  return {
      {"WatchKnowsExactWordsOnly", {say("watch fetch\r\n", kError)}},
      {"OneUnknownWordAmongWatchWordsIsAnError", {say("watch fetchers bogus mutations\r\n", kError)}},
      {"ManyWatchWordsAreAnError", {say("watch a b c d e f g h i j k l m n o p\r\n", kError)}},
      {"WatchCanBeRefused",
       {say("watch\r\n", kNotAllowed), say("watch fetchers\r\n", kNotAllowed), say("watch bogus\r\n", kNotAllowed),
        say("get in-step\r\n", kEnd)},
       {"-W"}},
  };
}
MARTLET_WIRE_TEST(Watch, refusals());

std::string receive(Client& client) { return client.receive_line().value_or("(" + client.last_error() + ")"); }

// A client that has read OK.
std::unique_ptr<Client> watcher(const support::ServerUnderTest& server, const std::string& words,
                                Transport transport = Transport::tcp4) {
  auto client = connect(server, transport);
  if (client == nullptr) return nullptr;
  EXPECT_TRUE(client->send("watch " + words + "\r\n"));
  EXPECT_EQ(receive(*client), "OK\r\n") << words;
  return client;
}

// What is done, and the line that tells of it, after `ts=... gid=... type=`.
struct LineRow {
  std::string words;
  std::string send;
  std::string answer;
  std::string line;       // a regular expression
  bool reference = true;  // memcached 1.6.18 writes the same line
};

std::string large_store(size_t size) { return store("set", "big", std::string(size, 'x')); }

std::vector<LineRow> line_rows() {
  const std::string tail = R"( cfd=\d+ size=)";
  return {
      {"fetchers", "get a\r\n", kEnd, "item_get key=a status=not_found clsid=0" + tail + "0"},
      {"mutations", "set a 0 100 3\r\nabc\r\n", kStored,
       "item_store key=a status=stored cmd=set ttl=(100|99) clsid=1" + tail + "3"},
      {"fetchers", "get a\r\n", found("a", "abc"), "item_get key=a status=found clsid=1" + tail + "3"},
      {"fetchers", "gat 90 a\r\n", found("a", "abc"), "item_get key=a status=found clsid=1" + tail + "3"},
      {"mutations", store("add", "a", "x"), "NOT_STORED\r\n",
       "item_store key=a status=not_stored cmd=add ttl=0 clsid=[01]" + tail + "1"},
      {"mutations", store("replace", "nope", "x"), "NOT_STORED\r\n",
       "item_store key=nope status=not_stored cmd=replace ttl=0 clsid=[01]" + tail + "1"},
      {"mutations", store("append", "a", "de"), kStored,
       "item_store key=a status=stored cmd=append ttl=(90|89) clsid=1" + tail + "5"},
      {"mutations", store("prepend", "a", "zz"), kStored,
       "item_store key=a status=stored cmd=prepend ttl=(90|89|88) clsid=1" + tail + "7"},
      {"mutations", store("append", "nope", "zz"), "NOT_STORED\r\n",
       "item_store key=nope status=not_stored cmd=append ttl=0 clsid=[01]" + tail + "2"},
      {"mutations", "cas a 0 0 1 18446744073709551615\r\nx\r\n", "EXISTS\r\n",
       "item_store key=a status=exists cmd=cas ttl=0 clsid=1" + tail + "1"},
      {"mutations", "cas nope 0 0 1 9\r\nx\r\n", "NOT_FOUND\r\n",
       "item_store key=nope status=not_found cmd=cas ttl=0 clsid=[01]" + tail + "1"},
      {"mutations", store("set", "k\x01%\"\xff", "x"), kStored,
       "item_store key=k%01%25%22%FF status=stored cmd=set ttl=0 clsid=1" + tail + "1"},
      {"mutations", large_store(900'000), kStored,
       "item_store key=big status=stored cmd=set ttl=0 clsid=39" + tail + "900000"},
      {"fetchers", "gat 90 big\r\n", found("big", std::string(900'000, 'x')),
       "item_get key=big status=found clsid=39" + tail + "900000"},
      {"mutations", "set f 7 0 31\r\n" + std::string(31, 'f') + "\r\n", kStored,
       "item_store key=f status=stored cmd=set ttl=0 clsid=1" + tail + "31"},
      {"mutations", "set f 7 0 33\r\n" + std::string(33, 'f') + "\r\n", kStored,
       "item_store key=f status=stored cmd=set ttl=0 clsid=[12]" + tail + "33"},
      // memcached 1.6.18 shows whatever its stack held.
      {"mutations", large_store(2'000'000), kTooLarge,
       "item_store key=big status=too_large cmd=set ttl=0 clsid=0" + tail + "2000000", false},
      // It knows no such word.
      {"deletions", "delete a\r\n", "DELETED\r\n", "deleted key=a cmd=delete clsid=1 size=7", false},
      {"connevents", "quit\r\n", "",
       R"(conn_close rip=127\.0\.0\.1 rport=\d+ transport=tcp reason=(normal|error) cfd=\d+)"},
  };
}

TEST(WatchLines, HaveTheShapeThatMemcachedGivesThem) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const bool reference = server->kind() == ServerKind::reference;
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  for (const LineRow& row : line_rows()) {
    if (reference && row.words == "deletions") continue;
    const auto watching = watcher(*server, row.words);
    ASSERT_NE(watching, nullptr);
    ASSERT_TRUE(client->send(row.send));
    ASSERT_EQ(client->receive(row.answer.size()).value_or("(none)"), row.answer);
    const std::string line = receive(*watching);
    if (reference && !row.reference) continue;
    EXPECT_TRUE(std::regex_match(line, std::regex(R"(ts=\d+\.\d+ gid=\d+ type=)" + row.line + "\n"))) << line;
  }
}

TEST(WatchLines, NameTheClientOfEachTransport) {
  for (const auto& [transport, shape] : std::vector<std::pair<Transport, std::string>>{
           {Transport::tcp4, R"(rip=127\.0\.0\.1 rport=[1-9]\d* transport=tcp cfd=\d+)"},
           {Transport::tcp6, R"(rip=::1 rport=[1-9]\d* transport=tcp cfd=\d+)"},
           {Transport::unix_stream, R"(rip=unix rport=0 transport=local cfd=\d+)"}}) {
    auto* server = fresh_server({}, {transport, 4, 0});
    ASSERT_NE(server, nullptr);
    const auto watching = watcher(*server, "connevents", transport);
    ASSERT_NE(watching, nullptr);
    const auto newcomer = connect(*server, transport);
    ASSERT_NE(newcomer, nullptr);
    // Of the client that prepared the server, its end may still be told first.
    std::string line = receive(*watching);
    if (line.find("type=conn_close") != std::string::npos) line = receive(*watching);
    EXPECT_TRUE(std::regex_match(line, std::regex(R"(ts=\d+\.\d+ gid=\d+ type=conn_new )" + shape + "\n"))) << line;
  }
}

TEST(WatchLines, TellWhatKindOfMissItWas) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(client->send("set e 0 1 1 noreply\r\nx\r\nset f 0 0 1\r\nx\r\n"));
  ASSERT_EQ(receive(*client), kStored);
  server->advance_seconds(2);
  const auto watching = watcher(*server, "fetchers");
  ASSERT_NE(watching, nullptr);
  ASSERT_TRUE(client->send("get e\r\nflush_all\r\nget f\r\n"));
  for (const auto& [key, status] : {std::pair("e", "expired"), std::pair("f", "flushed")}) {
    const std::string line = receive(*watching);
    // memcached's crawler may have been there first.
    const std::string shown = server->kind() == ServerKind::reference ? "(not_found|" : "(";
    const std::regex shape(" type=item_get key=" + std::string(key) + " status=" + shown + status + ") clsid=0 ");
    EXPECT_TRUE(std::regex_search(line, shape)) << line;
  }
}

TEST(Watching, IsRefusedBehindQueuedReplies) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(client->send("version\r\nwatch\r\n"));
  EXPECT_TRUE(receive(*client).starts_with("VERSION"));
  EXPECT_EQ(receive(*client), "ERROR cannot pipeline other commands before watch\r\n");
  ASSERT_TRUE(client->send("get in-step\r\n"));
  EXPECT_EQ(receive(*client), kEnd);
}

TEST(Watching, TakesTheWordsThatHaveNoLines) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  for (const char* word : {"sysevents", "rawcmds", "proxyreqs", "proxyevents", "proxyuser"}) {
    EXPECT_NE(watcher(*server, word), nullptr);
  }
}

TEST(Watching, TwentyWatchAndTheNextIsTold) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  std::vector<std::unique_ptr<Client>> watchers;
  // Those of earlier tests have hung up, which is noticed in a moment.
  for (int tries = 0; watchers.size() < 20 && tries < 1000; ++tries) {
    auto client = connect(*server);
    ASSERT_NE(client, nullptr);
    ASSERT_TRUE(client->send("watch\r\n"));
    if (receive(*client) == "OK\r\n") watchers.push_back(std::move(client));
  }
  ASSERT_EQ(watchers.size(), 20U);
  const auto next = connect(*server);
  ASSERT_NE(next, nullptr);
  ASSERT_TRUE(next->send("watch\r\n"));
  EXPECT_EQ(receive(*next), "WATCHER_TOO_MANY log watcher limit reached\r\n");
  ASSERT_TRUE(next->send("get a\r\n"));
  EXPECT_EQ(receive(*next), kEnd);
  for (const auto& one : watchers) EXPECT_NE(receive(*one).find("key=a"), std::string::npos);
}

}  // namespace
}  // namespace martlet::wire
