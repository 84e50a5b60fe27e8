// The index by itself: growth, overflow, and who pays.
#include "server/cache/hash_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/cache/record.h"

namespace martlet::cache {
namespace {

// Records written straight into the arena behind an index that begins with one bucket.
class HashIndexTest : public ::testing::Test {
 protected:
  HashIndexTest() : layout_(Layout::plan(64ULL << 20, 64ULL << 20)) {
    EXPECT_TRUE(arena_.reserve(layout_.total));
    index_ = std::make_unique<HashIndex>(arena_, layout_, 1, 42);
    next_ = layout_.segments_at;
  }

  Location write(const std::string& key) {
    RecordPlan plan;
    plan.key = key;
    plan.hash = index_->hash(key);
    const Location at = next_;
    Record::write(arena_.at(at), plan, 0);
    next_ += plan.size();
    return at;
  }
  bool insert(const std::string& key) {
    const Location at = write(key);
    uint32_t spare = index_->take_overflow();
    bool inserted = false;
    {
      BucketGuard guard(*index_, index_->hash(key));
      inserted = guard.insert(at, SlotKind::item, spare);
    }
    if (spare != 0) index_->put_overflow(spare);
    return inserted;
  }
  bool found(const std::string& key) {
    BucketGuard guard(*index_, index_->hash(key));
    return static_cast<bool>(
        guard.find([&](const Slot& slot) { return Record(arena_.at(slot.location())).key() == key; }));
  }
  bool erase(const std::string& key) {
    BucketGuard guard(*index_, index_->hash(key));
    const Slot slot =
        guard.find([&](const Slot& candidate) { return Record(arena_.at(candidate.location())).key() == key; });
    if (slot) guard.erase(slot);
    return static_cast<bool>(slot);
  }

  Arena arena_;
  const Layout layout_;
  std::unique_ptr<HashIndex> index_;
  Location next_ = 0;
};

TEST_F(HashIndexTest, AFullBucketNeedsAnOverflowBucketThatIsPaidFor) {
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(insert(std::to_string(i)));
  EXPECT_FALSE(insert("8th"));
  EXPECT_EQ(index_->grow(), HashIndex::Growth::unpaid);
  EXPECT_TRUE(index_->pay_overflow(4096));
  EXPECT_TRUE(insert("8th"));
  EXPECT_TRUE(found("8th"));
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(found(std::to_string(i)));
}

TEST_F(HashIndexTest, ALongChainSplitsWithoutLosingAnything) {
  ASSERT_TRUE(index_->pay_overflow(1 << 20));
  constexpr int kKeys = 5000;  // in one chain of some 700 buckets
  for (int i = 0; i < kKeys; ++i) ASSERT_TRUE(insert(std::to_string(i)));
  ASSERT_TRUE(index_->pay_buckets(4 << 20));
  int splits = 0;
  while (index_->grow() == HashIndex::Growth::split) {
    ++splits;
    if (splits == 1 || splits == 3 || splits == 100) {
      for (int i = 0; i < kKeys; ++i) ASSERT_TRUE(found(std::to_string(i))) << splits;
    }
  }
  EXPECT_FALSE(index_->behind());
  EXPECT_EQ(index_->buckets(), static_cast<uint64_t>(splits) + 1);
  for (int i = 0; i < kKeys; ++i) ASSERT_TRUE(found(std::to_string(i)));
  for (int i = 0; i < kKeys; ++i) ASSERT_TRUE(erase(std::to_string(i)));
  for (int i = 0; i < kKeys; ++i) ASSERT_FALSE(found(std::to_string(i)));
  EXPECT_EQ(index_->items(), 0U);
}

TEST_F(HashIndexTest, OverflowBucketsComeBackToThePool) {
  ASSERT_TRUE(index_->pay_overflow(64 * 20));
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(insert(std::to_string(i))) << round;
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(erase(std::to_string((i * 37) % 100)));
  }
  std::vector<uint32_t> all;
  while (const uint32_t number = index_->take_overflow()) all.push_back(number);
  EXPECT_EQ(all.size(), 20U);
}

TEST_F(HashIndexTest, PayingStopsAtTheAddressRange) {
  EXPECT_FALSE(index_->pay_buckets(1ULL << 40));
  EXPECT_FALSE(index_->pay_overflow(1ULL << 40));
  EXPECT_EQ(index_->paid_bytes(), 64U);
}

}  // namespace
}  // namespace martlet::cache
