#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "server/log/log_event.h"

namespace martlet::log {
namespace {

std::optional<Words> parse(const std::vector<std::string_view>& names) { return parse_words(names); }

TEST(WatchWords, NoneMeansFetchers) { EXPECT_EQ(parse({}), kFetchers); }

TEST(WatchWords, EachHasItsEvents) {
  EXPECT_EQ(parse({"fetchers"}), kFetchers);
  EXPECT_EQ(parse({"mutations"}), kMutations);
  EXPECT_EQ(parse({"evictions"}), kEvictions);
  EXPECT_EQ(parse({"connevents"}), kConnEvents);
  EXPECT_EQ(parse({"deletions"}), kDeletions);
  EXPECT_EQ(parse({"deletions", "mutations", "deletions"}), Words{kDeletions | kMutations});
}

TEST(WatchWords, SomeAreTakenAndSayNothing) {
  for (const std::string_view name : {"sysevents", "rawcmds", "proxyreqs", "proxyevents", "proxyuser"}) {
    ASSERT_TRUE(parse({name}).has_value()) << name;
    for (int kind = 0; kind <= static_cast<int>(Kind::conn_close); ++kind) {
      EXPECT_EQ(*parse({name}) & word_of(static_cast<Kind>(kind)), 0) << name;
    }
  }
}

TEST(WatchWords, OnlyExactNamesAreKnown) {
  for (const std::string_view name : {"fetch", "fetcherss", "FETCHERS", "", "noreply"}) {
    EXPECT_FALSE(parse({name}).has_value()) << name;
    EXPECT_FALSE(parse({"mutations", name}).has_value()) << name;
  }
}

}  // namespace
}  // namespace martlet::log
