// An executor over the doubles, and short ways to say what a client sent.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "server/command/executor.h"
#include "server/log/log_drain.h"
#include "server/stats/thread_stats.h"
#include "tests/support/fake_cache.h"
#include "tests/support/fake_server_control.h"
#include "tests/support/manual_clock.h"

namespace martlet::command {

// The counters that are not 0, by name: a test says exactly which ones a command may move.
using Counts = std::map<std::string, uint64_t>;

class CommandTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kItemSizeMax = 64 * 1024;

  static cache::CacheSettings cache_settings() {
    cache::CacheSettings settings;
    settings.item_size_max = kItemSizeMax;
    return settings;
  }
  static protocol::Request request(protocol::Verb verb, std::string_view key = {}) {
    protocol::Request out;
    out.verb = verb;
    out.key = key;
    return out;
  }
  static protocol::Request get_request(std::string_view key) { return request(protocol::Verb::get, key); }
  static protocol::Request gat_request(std::string_view key, int64_t exptime) {
    protocol::Request out = get_request(key);
    out.with_touch = true;
    out.exptime = exptime;
    return out;
  }
  static protocol::Request store_request(protocol::StoreMode mode, std::string_view key, size_t size,
                                         int64_t exptime = 0) {
    protocol::Request out = request(protocol::Verb::store, key);
    out.mode = mode;
    out.has_value = true;
    out.value_size = static_cast<uint32_t>(size);
    out.exptime = exptime;
    return out;
  }
  static protocol::Request admin(protocol::Verb verb, std::initializer_list<std::string_view> args = {}) {
    protocol::Request out = request(verb);
    for (const std::string_view arg : args) out.args[out.arg_count++] = arg;
    return out;
  }

  // A store whose value is at hand, as a connection runs it.
  protocol::Response store(const protocol::Request& request, std::string_view value) {
    if (auto refusal = executor.admit(request)) return std::move(*refusal);
    return executor.store(request, value);
  }
  protocol::Outcome set(std::string_view key, std::string_view value, int64_t exptime = 0) {
    return store(store_request(protocol::StoreMode::set, key, value.size(), exptime), value).outcome;
  }
  // What a get finds; "(miss)" when nothing.
  std::string value_of(std::string_view key) {
    const cache::GetResult result = cache.get(*cache_context, key, {});
    return result.outcome == cache::Outcome::done ? std::string(result.item.value.piece_at(0)) : "(miss)";
  }
  void pass(uint64_t seconds) {
    clock.advance_seconds(seconds);
    cache.tick(rel_clock.current());
    rel_clock.tick();
  }
  // What was counted since the last call (or the beginning).
  Counts counted() {
    Counts out;
#define COUNTER(name)                                                                              \
  if (const uint64_t grown = thread_stats.name.get() - seen_.name; grown != 0) out[#name] = grown; \
  seen_.name = thread_stats.name.get();
#include "server/stats/counters.def"
#undef COUNTER
    return out;
  }

  support::ManualClock clock;
  RelClock rel_clock{clock};
  support::FakeCache cache{cache_settings(), rel_clock};
  std::unique_ptr<cache::CacheContext> cache_context = cache.make_context();
  stats::ThreadStats thread_stats;
  support::FakeServerControl control{cache, {&thread_stats}};
  CommandSettings settings;
  RunningTuning tuning{true, 100, 0};
  stats::PrefixTable prefixes{':', false};
  std::unique_ptr<log::LogDrain> drain = log::LogDrain::create({}, clock, 1);  // turned by hand
  Executor executor{CommandContext{cache, *cache_context, thread_stats, rel_clock, control, settings, tuning, prefixes,
                                   drain->ring(0)}};

 private:
  stats::CounterTotals seen_;
};

}  // namespace martlet::command
