// watch itself, and what the handlers tell a watcher.
#include <algorithm>
#include <string>

#include "server/command/event_log.h"
#include "tests/server/command/command_fixture.h"
#include "tests/support/fake_stream.h"

namespace martlet::command {
namespace {

using log::Reservation;
using protocol::Outcome;
using protocol::Response;
using protocol::StoreMode;
using protocol::Verb;

class WatchCommands : public CommandTest {
 protected:
  void TearDown() override { drain->stop(); }

  // Somebody watches these words from here on.
  void watch(log::Words words) {
    const Reservation reserved = drain->reserve(words);
    ASSERT_EQ(reserved.result, Reservation::Result::done);
    drain->adopt(reserved.place, stream_);
    drain->turn();
    ASSERT_EQ(stream_.take(), "OK\r\n");
    drain->ring(0).set_client(31);
  }
  // The lines since the last call, without time and number.
  std::string lines() {
    drain->turn();
    std::string out;
    std::string rest = stream_.take();
    while (!rest.empty()) {
      const size_t from = rest.find("type=");
      const size_t end = rest.find('\n') + 1;
      out += rest.substr(from, end - from);
      rest.erase(0, end);
    }
    return out;
  }
  protocol::Outcome run(StoreMode mode, std::string_view key, std::string_view value, int64_t exptime = 0) {
    return store(store_request(mode, key, value.size(), exptime), value).outcome;
  }

  support::FakeStream stream_;
};

TEST_F(WatchCommands, AskForAPlaceAmongTheWatchers) {
  control.reservation = {Reservation::Result::done, 4};
  const Response response = executor.execute(admin(Verb::watch, {"mutations", "deletions"}));
  EXPECT_EQ(response.outcome, Outcome::none) << "the answer is the first line of the stream";
  EXPECT_EQ(response.watcher, 5);
  EXPECT_EQ(control.watched, std::vector<log::Words>{log::kMutations | log::kDeletions});
}

TEST_F(WatchCommands, SayWhyThereIsNoPlace) {
  control.reservation = {Reservation::Result::too_many, 0};
  Response response = executor.execute(admin(Verb::watch));
  EXPECT_EQ(response.text, "WATCHER_TOO_MANY log watcher limit reached");
  EXPECT_EQ(response.watcher, 0);
  control.reservation = {Reservation::Result::no_memory, 0};
  response = executor.execute(admin(Verb::watch));
  EXPECT_EQ(response.text, "WATCHER_FAILED failed to add log watcher");
  EXPECT_EQ(response.watcher, 0);
}

TEST_F(WatchCommands, AreRefusedWithoutTakingAPlace) {
  EXPECT_EQ(executor.execute(admin(Verb::watch, {"fetch"})).outcome, Outcome::error);
  protocol::Request crowded = admin(Verb::watch);
  crowded.args.fill("fetchers");
  crowded.arg_count = static_cast<uint8_t>(crowded.args.size());
  EXPECT_EQ(executor.execute(crowded).outcome, Outcome::error) << "a word past these may have been unknown";
  protocol::Request pipelined = admin(Verb::watch);
  pipelined.pipelined = true;
  EXPECT_EQ(executor.execute(pipelined).text, "ERROR cannot pipeline other commands before watch");
  settings.watch_enabled = false;
  const Response off = executor.execute(admin(Verb::watch));
  EXPECT_EQ(off.outcome, Outcome::client_error);
  EXPECT_EQ(off.text, "watch commands not allowed");
  EXPECT_TRUE(control.watched.empty());
}

TEST_F(WatchCommands, NothingIsWrittenForNobody) {
  set("a", "x");
  executor.execute(get_request("a"));
  executor.execute(request(Verb::remove, "a"));
  EXPECT_EQ(drain->figures().worker_written, 0U);
  watch(log::kEvictions);
  set("a", "x");
  executor.execute(get_request("a"));
  EXPECT_EQ(drain->figures().worker_written, 0U);
}

TEST_F(WatchCommands, FetchersSeeHitsAndEveryKindOfMiss) {
  set("a", "abc", 10);
  set("b", "b");
  watch(log::kFetchers);
  executor.execute(get_request("a"));
  executor.execute(gat_request("a", 20));
  executor.execute(get_request("nope"));
  EXPECT_EQ(lines(),
            "type=item_get key=a status=found clsid=1 cfd=31 size=3\n"
            "type=item_get key=a status=found clsid=1 cfd=31 size=3\n"
            "type=item_get key=nope status=not_found clsid=0 cfd=31 size=0\n");
  pass(21);
  executor.execute(get_request("a"));
  executor.execute(admin(Verb::flush_all));
  executor.execute(get_request("b"));
  EXPECT_EQ(lines(),
            "type=item_get key=a status=expired clsid=0 cfd=31 size=0\n"
            "type=item_get key=b status=flushed clsid=0 cfd=31 size=0\n");
}

TEST_F(WatchCommands, AMissThatMadeAnItemIsAMiss) {
  watch(log::kFetchers);
  protocol::Request lookup = get_request("a");
  lookup.wire = protocol::WireForm::meta;
  lookup.vivify = true;
  EXPECT_EQ(executor.execute(lookup).outcome, Outcome::hit);
  EXPECT_EQ(lines(), "type=item_get key=a status=not_found clsid=0 cfd=31 size=0\n");
}

TEST_F(WatchCommands, MutationsSeeEveryResultOfAStore) {
  watch(log::kMutations);
  run(StoreMode::set, "a", "abc", 100);
  run(StoreMode::add, "a", "x");
  run(StoreMode::replace, "nope", "x");
  run(StoreMode::cas, "a", "xy");
  run(StoreMode::cas, "nope", "x");
  EXPECT_EQ(lines(),
            "type=item_store key=a status=stored cmd=set ttl=100 clsid=1 cfd=31 size=3\n"
            "type=item_store key=a status=not_stored cmd=add ttl=0 clsid=0 cfd=31 size=1\n"
            "type=item_store key=nope status=not_stored cmd=replace ttl=0 clsid=0 cfd=31 size=1\n"
            "type=item_store key=a status=exists cmd=cas ttl=0 clsid=1 cfd=31 size=2\n"
            "type=item_store key=nope status=not_found cmd=cas ttl=0 clsid=0 cfd=31 size=1\n");
}

TEST_F(WatchCommands, AnExtendedItemIsShownAsItIsNow) {
  set("a", std::string(20, 'x'), 100);
  watch(log::kMutations);
  run(StoreMode::append, "a", std::string(30, 'y'));
  run(StoreMode::prepend, "a", "zz");
  run(StoreMode::append, "nope", "zz");
  EXPECT_EQ(lines(),
            "type=item_store key=a status=stored cmd=append ttl=100 clsid=1 cfd=31 size=50\n"
            "type=item_store key=a status=stored cmd=prepend ttl=100 clsid=1 cfd=31 size=52\n"
            "type=item_store key=nope status=not_stored cmd=append ttl=0 clsid=0 cfd=31 size=2\n");
}

TEST_F(WatchCommands, RefusedStoresHaveTrueFields) {
  watch(log::kMutations);
  executor.admit(store_request(StoreMode::set, "big", kItemSizeMax + 1, 50));
  executor.refuse(store_request(StoreMode::replace, "full", 10, 60), false);
  executor.refuse(store_request(StoreMode::set, "full", 10, -1), true);
  EXPECT_EQ(lines(),
            "type=item_store key=big status=too_large cmd=set ttl=50 clsid=0 cfd=31 size=65537\n"
            "type=item_store key=full status=no_memory cmd=replace ttl=60 clsid=0 cfd=31 size=10\n"
            "type=item_store key=full status=no_memory cmd=set ttl=-1 clsid=0 cfd=31 size=10\n");
}

TEST_F(WatchCommands, DeletionsSeeWhatWasDeleted) {
  set("a", "abc");
  watch(log::kDeletions);
  executor.execute(request(Verb::remove, "a"));
  executor.execute(request(Verb::remove, "a"));
  EXPECT_EQ(lines(), "type=deleted key=a cmd=delete clsid=1 size=3\n");
}

TEST_F(WatchCommands, DeletionsSeeNothingOfAnItemThatStays) {
  set("a", "abc");
  watch(log::kDeletions);
  protocol::Request remove = request(Verb::remove, "a");
  remove.wire = protocol::WireForm::meta;
  remove.invalidate = true;
  EXPECT_EQ(executor.execute(remove).outcome, Outcome::deleted);
  remove.invalidate = false;
  remove.clear_value = true;
  EXPECT_EQ(executor.execute(remove).outcome, Outcome::deleted);
  EXPECT_EQ(lines(), "");
  remove.clear_value = false;
  EXPECT_EQ(executor.execute(remove).outcome, Outcome::deleted);
  EXPECT_EQ(lines(), "type=deleted key=a cmd=md clsid=1 size=0\n");
}

TEST_F(WatchCommands, EvictionsAreToldByTheirHook) {
  const cache::Cache::EvictionHook hook = eviction_hook(drain->shared(), rel_clock);
  cache::ItemView item;
  item.value_size = 3;
  item.size_class = 1;
  item.last_access = rel_clock.now();
  hook("unseen", item);
  watch(log::kEvictions);
  pass(7);
  hook("old", item);
  item.fetched = true;
  item.exptime = rel_clock.now() + 30;
  hook("young", item);
  EXPECT_EQ(lines(),
            "type=eviction key=old fetch=no ttl=-1 la=7 clsid=1 size=3\n"
            "type=eviction key=young fetch=yes ttl=30 la=7 clsid=1 size=3\n");
}

}  // namespace
}  // namespace martlet::command
