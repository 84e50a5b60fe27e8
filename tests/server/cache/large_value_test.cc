// Large values: in chunks, in pieces, pinned, given up.
#include <vector>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

class LargeValue : public CacheTest {
 protected:
  void SetUp() override { make_with(64 * kMiB, 16 * kMiB); }
  void make_with(uint64_t limit, uint64_t item_size_max) {
    CacheSettings settings;
    settings.memory_limit = limit;
    settings.item_size_max = static_cast<uint32_t>(item_size_max);
    make(settings);
  }
  // Writes `count` values of 100 kB.
  void press(int count, uint64_t seed) {
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(set(numbered("press", seed) + "." + std::to_string(i), text_of(100'000, seed)), Outcome::done);
    }
  }
};

TEST_F(LargeValue, EverySizeComesBackWhole) {
  const size_t eighth = 256 * 1024 / 8;  // of a segment at this limit
  const std::vector<size_t> sizes = {
      0,      1,          16 * 1024 - 1,   16 * 1024,  16 * 1024 + 1,  eighth - 25, eighth - 24, eighth - 23,
      eighth, eighth + 1, 2 * eighth - 48, 256 * 1024, 256 * 1024 + 1, kMiB,        8 * kMiB,    16 * kMiB};
  for (const size_t size : sizes) {
    const std::string text = text_of(size, size);
    ASSERT_EQ(put("stored", text, Mode::set, 50, 5).outcome, Outcome::done) << size;
    ASSERT_EQ(upload("uploaded", text, 3333).outcome, Outcome::done) << size;
    EXPECT_TRUE(value("stored") == text) << size;
    EXPECT_TRUE(value("uploaded") == text) << size;
    const GetResult hit = get("stored");
    EXPECT_EQ(hit.item.flags, 5U);
    EXPECT_EQ(hit.item.exptime, 50U);
    EXPECT_EQ(hit.item.value.is_pinned(), size > kPinThreshold) << size;
  }
}

TEST_F(LargeValue, EverySizeComesBackFromTheSmallestCacheToo) {
  make_with(2 * kMiB, kMiB);
  for (const size_t size : {size_t{8000}, size_t{8192}, size_t{16 * 1024}, size_t{100'000}, size_t{kMiB}}) {
    const std::string text = text_of(size, size);
    ASSERT_EQ(set("k", text), Outcome::done) << size;
    EXPECT_TRUE(value("k") == text) << size;
    ASSERT_EQ(upload("k", text, 1000).outcome, Outcome::done) << size;
    EXPECT_TRUE(value("k") == text) << size;
  }
}

TEST_F(LargeValue, AppendAndPrependCrossEveryBorder) {
  std::string expected = "start";
  set("k", expected);
  for (const size_t size : {size_t{10'000}, size_t{7'000}, size_t{30'000}, size_t{1}, size_t{300'000}, size_t{kMiB}}) {
    const std::string more = text_of(size, size);
    ASSERT_EQ(put("k", more, Mode::append).outcome, Outcome::done);
    expected += more;
    ASSERT_TRUE(value("k") == expected) << size;
    ASSERT_EQ(upload("k", more, 5000, Mode::prepend).outcome, Outcome::done);
    expected = more + expected;
    ASSERT_TRUE(value("k") == expected) << size;
  }
  EXPECT_EQ(put("k", std::string(15 * kMiB, 'x'), Mode::append).outcome, Outcome::too_large);
  EXPECT_TRUE(value("k") == expected);
}

TEST_F(LargeValue, PublishObeysTheMode) {
  const std::string text = text_of(50'000);
  EXPECT_EQ(upload("k", text, 4096, Mode::replace).outcome, Outcome::not_stored);
  EXPECT_EQ(upload("k", text, 4096, Mode::add).outcome, Outcome::done);
  EXPECT_EQ(upload("k", text, 4096, Mode::add).outcome, Outcome::not_stored);
  EXPECT_EQ(upload("k", text, 4096, Mode::cas).outcome, Outcome::exists);
}

TEST_F(LargeValue, AnUploadIsPublishedWholeAndUnderItsOwnKeyOnly) {
  auto arriving = cache_->begin_upload(*context_, "k", 20'000);
  EXPECT_EQ(arriving->remaining(), 20'000U);
  EXPECT_EQ(cache_->publish(*context_, {"k", Mode::set, 0, kNever, 0}, std::move(arriving)).outcome,
            Outcome::not_stored);
  arriving = cache_->begin_upload(*context_, "k", 20'000);
  const std::string text = text_of(20'000);
  text.copy(arriving->space(*context_).data(), text.size());
  arriving->advance(text.size());
  EXPECT_TRUE(arriving->space(*context_).empty());
  EXPECT_EQ(cache_->publish(*context_, {"other", Mode::set, 0, kNever, 0}, std::move(arriving)).outcome,
            Outcome::not_stored);
  EXPECT_EQ(cache_->figures().items, 0U);
}

TEST_F(LargeValue, APinnedValueOutlivesItsItem) {
  const std::string text = text_of(500'000, 7);
  set("removed", text);
  set("overwritten", text);
  set("evicted", text);
  const GetResult removed = get("removed");
  const GetResult overwritten = get("overwritten");
  const GetResult evicted = get("evicted");
  EXPECT_EQ(cache_->figures().pinned_bytes, 1'500'000U);
  cache_->remove(*context_, "removed");
  set("overwritten", "short");
  for (uint64_t round = 0; round < 3; ++round) press(700, round);
  EXPECT_TRUE(all_of(removed.item.value) == text);
  EXPECT_TRUE(all_of(overwritten.item.value) == text);
  EXPECT_TRUE(all_of(evicted.item.value) == text);
}

TEST_F(LargeValue, LettingGoOfAPinGivesTheMemoryBack) {
  for (int round = 0; round < 300; ++round) {
    set("k", text_of(1'000'000, static_cast<uint64_t>(round)));
    const GetResult hit = get("k");
    ASSERT_EQ(hit.outcome, Outcome::done);
    cache_->remove(*context_, "k");
  }
  EXPECT_EQ(cache_->figures().pinned_bytes, 0U);
  EXPECT_EQ(cache_->figures().evictions, 0U);
}

TEST_F(LargeValue, WhatMayBePinnedIsBoundedAndWritersGoOn) {
  make_with(64 * kMiB, kMiB);
  std::vector<PinnedBytes> held;
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string key = numbered("k", i);
    ASSERT_EQ(set(key, text_of(1'000'000, static_cast<uint64_t>(i))), Outcome::done);
    GetResult hit = get(key);
    if (hit.outcome == Outcome::out_of_memory) {
      ++refused;
      continue;
    }
    ASSERT_EQ(hit.outcome, Outcome::done);
    held.push_back(std::move(hit.item.value));
  }
  EXPECT_GE(held.size(), 10U);  // a twentieth of 64 MiB in place and 8 MiB copied
  EXPECT_LE(held.size(), 12U);
  EXPECT_EQ(refused, 60 - static_cast<int>(held.size()));
  EXPECT_LE(cache_->figures().pinned_bytes, 64 * kMiB / 20);
  press(2000, 3);
  for (size_t i = 0; i < held.size(); ++i) EXPECT_TRUE(all_of(held[i]) == text_of(1'000'000, i)) << i;
  held.clear();
  EXPECT_EQ(cache_->figures().pinned_bytes, 0U);
  set("again", text_of(1'000'000));
  EXPECT_EQ(get("again").outcome, Outcome::done);
}

TEST_F(LargeValue, AbandonedUploadsLeaveNothingBehind) {
  set("base", "v");
  const CacheFigures before = cache_->figures();
  for (int round = 0; round < 500; ++round) {
    auto arriving = cache_->begin_upload(*context_, "k", 1'000'000);
    ASSERT_NE(arriving, nullptr);
    for (int i = 0; i < 40; ++i) {
      const std::span<char> space = arriving->space(*context_);
      ASSERT_FALSE(space.empty());
      space[0] = 'x';
      arriving->advance(std::min<size_t>(space.size(), 20'000));
    }
  }
  const CacheFigures after = cache_->figures();
  EXPECT_EQ(after.items, before.items);
  EXPECT_EQ(after.bytes, before.bytes);
  EXPECT_EQ(after.evictions, 0U);
  EXPECT_EQ(value("base"), "v");
}

TEST_F(LargeValue, UnfinishedUploadsAreBoundedAndWritersGoOn) {
  make_with(64 * kMiB, kMiB);
  std::vector<std::unique_ptr<Upload>> open;
  bool refused = false;
  while (!refused && open.size() < 200) {
    auto arriving = cache_->begin_upload(*context_, numbered("k", open.size()), kMiB);
    ASSERT_NE(arriving, nullptr);
    while (arriving->remaining() > 1) {
      const std::span<char> space = arriving->space(*context_);
      refused = space.empty();
      if (refused) break;
      arriving->advance(std::min<size_t>(space.size(), arriving->remaining() - 1));
    }
    open.push_back(std::move(arriving));
  }
  EXPECT_TRUE(refused);
  EXPECT_GE(open.size(), 3U);  // a twentieth of 64 MiB
  EXPECT_LE(open.size(), 4U);
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(set(numbered("small", i), text_of(700)), Outcome::done);
  open.clear();
  EXPECT_EQ(upload("k", text_of(kMiB)).outcome, Outcome::done);
}

TEST_F(LargeValue, HalfSentValuesOfManyClientsTakeATwentiethOfTheRoom) {
  make_with(64 * kMiB, kMiB);
  const auto held = [&] {
    for (int i = 0; i < 120'000; ++i) EXPECT_EQ(set(numbered("small", i), text_of(700)), Outcome::done);
    return cache_->figures().items;
  };
  const uint64_t before = held();
  std::vector<std::unique_ptr<Upload>> open;
  int refused = 0;
  for (int client = 0; client < 256; ++client) {
    auto arriving = cache_->begin_upload(*context_, numbered("k", client), kMiB);
    while (arriving != nullptr && arriving->remaining() > kMiB / 2) {
      const std::span<char> space = arriving->space(*context_);
      if (space.empty()) {
        ++refused;
        arriving.reset();  // what is refused holds nothing
        break;
      }
      arriving->advance(std::min<size_t>(space.size(), arriving->remaining() - kMiB / 2));
    }
    if (arriving != nullptr) open.push_back(std::move(arriving));
  }
  EXPECT_GE(open.size(), 5U);
  EXPECT_EQ(open.size() + static_cast<size_t>(refused), 256U);
  const SegmentFigures now = cache_->segment_figures();
  EXPECT_LE(now.upload_segments * 20, now.segments);
  EXPECT_GT(held(), before * 93 / 100);
  open.clear();
  EXPECT_EQ(cache_->segment_figures().upload_segments, 0U);
}

TEST_F(LargeValue, TheHookIsToldTheWholeSizeOfALargeItem) {
  uint64_t told = 0;
  uint64_t wrong = 0;
  make({}, [&](std::string_view, const ItemView& item) {
    ++told;
    if (item.value_size != 300'000) ++wrong;
  });
  for (int i = 0; i < 400; ++i) set(numbered("k", i), text_of(300'000, static_cast<uint64_t>(i)));
  EXPECT_GT(told, 100U);
  EXPECT_EQ(told, cache_->figures().evictions);
  EXPECT_EQ(wrong, 0U);
}

TEST_F(LargeValue, EvictionTakesALargeItemAsAWhole) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(set(numbered("k", i), text_of(1'000'000, static_cast<uint64_t>(i))), Outcome::done);
  }
  int held = 0;
  for (int i = 0; i < 200; ++i) {
    const auto found = value(numbered("k", i));
    if (!found) continue;
    ++held;
    EXPECT_TRUE(*found == text_of(1'000'000, static_cast<uint64_t>(i)));
  }
  EXPECT_GT(held, 55);  // of 64 MiB
  EXPECT_EQ(cache_->figures().items, static_cast<uint64_t>(held));
  EXPECT_EQ(cache_->figures().evictions, static_cast<uint64_t>(200 - held));
}

// The hook of an eviction reads items that are about to be evicted with the same segment.
TEST_F(LargeValue, AValuePinnedWhileItsSegmentIsBeingEvictedStays) {
  std::vector<std::pair<int, PinnedBytes>> held;
  std::unique_ptr<CacheContext> second;
  CacheSettings settings;
  make(settings, [&](std::string_view key, const ItemView&) {
    const int next = std::stoi(std::string(key.substr(1))) + 1;
    GetResult hit = cache_->get(*second, numbered("k", next), {});
    if (hit.outcome == Outcome::done && held.size() < 20) held.emplace_back(next, std::move(hit.item.value));
  });
  second = cache_->make_context();
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(set(numbered("k", i), text_of(50'000, static_cast<uint64_t>(i))), Outcome::done);
  }
  EXPECT_EQ(held.size(), 20U);
  for (const auto& [whose, bytes] : held) {
    EXPECT_TRUE(all_of(bytes) == text_of(50'000, static_cast<uint64_t>(whose))) << whose;
  }
  held.clear();
  second.reset();
}

TEST_F(LargeValue, LargeValuesAreOverwrittenForever) {
  for (uint64_t round = 0; round < 400; ++round) {
    const std::string key = numbered("k", round % 30);
    ASSERT_EQ(set(key, text_of(900'000 + round, round)), Outcome::done);
    ASSERT_EQ(set(numbered("small", round % 100), text_of(1000, round)), Outcome::done);
  }
  for (uint64_t round = 370; round < 400; ++round) {
    EXPECT_TRUE(value(numbered("k", round % 30)) == text_of(900'000 + round, round));
  }
  EXPECT_EQ(cache_->figures().evictions, 0U);
}

}  // namespace
}  // namespace martlet::cache
