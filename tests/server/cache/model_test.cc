// Random verbs against a map: a value is the right one or it is missing, and missing only where something was evicted.
#include <map>
#include <random>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

struct Expected {
  std::string value;
  uint32_t flags = 0;
  RelTime exptime = kNever;
  uint64_t cas = 0;
};

class Model : public CacheTest {
 protected:
  void run(const CacheSettings& settings, int operations, int keys, size_t longest);

 private:
  void one(int keys, size_t longest);
  void compare(const std::string& key, const GetResult& hit);
  void store(const std::string& key, size_t longest);
  void arith(const std::string& key);
  Expected* present(const std::string& key) {
    const auto found = items_.find(key);
    if (found == items_.end()) return nullptr;
    if (!expired(found->second.exptime, clock_.now())) return &found->second;
    items_.erase(found);
    return nullptr;
  }
  // The cache says there is none: it was evicted, or the model is wrong.
  void lost(const std::string& key) {
    if (present(key) == nullptr) return;
    items_.erase(key);
    ++lost_;
  }
  RelTime some_exptime() {
    return random_() % 3 == 0 ? clock_.now() + 1 + static_cast<RelTime>(random_() % 20) : kNever;
  }

  std::mt19937_64 random_{2024};
  std::map<std::string, Expected> items_;
  uint64_t lost_ = 0;
};

void Model::compare(const std::string& key, const GetResult& hit) {
  if (hit.outcome != Outcome::done) {
    ASSERT_EQ(hit.outcome, Outcome::not_found);
    lost(key);
    return;
  }
  Expected* expected = present(key);
  ASSERT_NE(expected, nullptr) << key;
  ASSERT_TRUE(all_of(hit.item.value) == expected->value) << key;
  ASSERT_EQ(hit.item.flags, expected->flags);
  ASSERT_EQ(hit.item.exptime, expected->exptime);
  ASSERT_EQ(hit.item.cas, expected->cas);
}

void Model::store(const std::string& key, size_t longest) {
  const auto mode = static_cast<Mode>(random_() % 6);
  const size_t size = random_() % 50 == 0 ? random_() % longest : random_() % 300;
  const std::string text = random_() % 4 == 0 ? std::to_string(random_() % 100'000) : text_of(size, random_());
  const auto flags = static_cast<uint32_t>(random_() % 2 * random_());
  const RelTime exptime = some_exptime();
  Expected* old = present(key);
  const uint64_t cas = old != nullptr && random_() % 2 == 0 ? old->cas : random_() % 10'000'000;
  const StoreResult result = put(key, text, mode, exptime, flags, cas);
  const bool there = old != nullptr;
  switch (result.outcome) {
    case Outcome::done:
      break;
    case Outcome::exists:
      ASSERT_TRUE(mode == Mode::cas && there && old->cas != cas);
      return;
    case Outcome::not_found:
      ASSERT_EQ(mode, Mode::cas);
      return lost(key);
    case Outcome::not_stored:
      if (mode == Mode::add) {
        ASSERT_TRUE(there);
      } else {
        ASSERT_TRUE(mode == Mode::replace || mode == Mode::append || mode == Mode::prepend);
        lost(key);
      }
      return;
    case Outcome::too_large:
      ASSERT_TRUE(there && (mode == Mode::append || mode == Mode::prepend));
      return;
    default:
      FAIL() << static_cast<int>(result.outcome);
  }
  if (mode == Mode::add && there) lost(key);
  if (mode != Mode::set && mode != Mode::add) {
    ASSERT_TRUE(there);
  }
  if (mode == Mode::append) {
    old->value += text;
    old->cas = result.cas;
  } else if (mode == Mode::prepend) {
    old->value = text + old->value;
    old->cas = result.cas;
  } else {
    if (mode == Mode::cas) {
      ASSERT_EQ(cas, old->cas);
    }
    items_[key] = {text, flags, exptime, result.cas};
  }
}

void Model::arith(const std::string& key) {
  Expected* old = present(key);
  const uint64_t delta = random_() % 1000;
  const ArithResult result = count(key, delta);
  if (result.outcome == Outcome::not_found) return lost(key);
  ASSERT_NE(old, nullptr);
  if (result.outcome == Outcome::non_numeric) return;
  ASSERT_EQ(result.outcome, Outcome::done);
  ASSERT_EQ(result.number, std::strtoull(old->value.c_str(), nullptr, 10) + delta);
  const std::string digits = std::to_string(result.number);
  old->value = digits + std::string(old->value.size() > digits.size() ? old->value.size() - digits.size() : 0, ' ');
  const GetResult hit = get(key);
  ASSERT_EQ(hit.outcome, Outcome::done);
  ASSERT_GT(hit.item.cas, old->cas);
  old->cas = hit.item.cas;
}

void Model::one(int keys, size_t longest) {
  const std::string key = numbered("key", random_() % static_cast<uint64_t>(keys));
  const uint64_t dice = random_() % 100;
  if (dice < 45) {
    compare(key, get(key));
  } else if (dice < 80) {
    store(key, longest);
  } else if (dice < 85) {
    arith(key);
  } else if (dice < 90) {
    if (cache_->remove(*context_, key) == Outcome::done) {
      ASSERT_NE(present(key), nullptr);
    }
    items_.erase(key);
  } else {
    Expected* old = present(key);
    const RelTime exptime = some_exptime();
    GetOptions options;
    options.touch = true;
    options.exptime = exptime;
    const Outcome outcome =
        dice < 95 ? cache_->touch(*context_, key, exptime) : cache_->get(*context_, key, options).outcome;
    if (outcome == Outcome::not_found) return lost(key);
    ASSERT_EQ(outcome, Outcome::done);
    ASSERT_NE(old, nullptr);
    old->exptime = exptime;
  }
}

void Model::run(const CacheSettings& settings, int operations, int keys, size_t longest) {
  make(settings);
  for (int i = 0; i < operations; ++i) {
    one(keys, longest);
    if (HasFatalFailure()) return;
    if (i % 5000 == 4999) pass(1);
    if (i % 100'000 == 99'999) {
      cache_->flush_all(*context_, kNever);
      items_.clear();
    }
  }
  EXPECT_EQ(lost_ > 0, cache_->figures().evictions > 0);
  EXPECT_LE(lost_, cache_->figures().evictions);
}

TEST_F(Model, RoomyCacheNeverForgets) {
  CacheSettings settings;
  run(settings, 350'000, 3000, 40'000);
  EXPECT_EQ(cache_->figures().evictions, 0U);
}

TEST_F(Model, CrowdedCacheForgetsButNeverLies) {
  CacheSettings settings;
  settings.memory_limit = 4U << 20;
  run(settings, 250'000, 12'000, 60'000);
  EXPECT_GT(cache_->figures().evictions, 0U);
}

}  // namespace
}  // namespace martlet::cache
