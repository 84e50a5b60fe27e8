// Values that say what they are: whose, which version, and a checksum of all of it. Each key has one writer, so that a
// reader who has seen a version may find the key gone, but never an older version, and never a mixture of two. Small
// values and large ones, whole and in pieces, kept for long; with flushes, eviction, cleaning and growth beside.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>

#include "tests/server/cache/model/crowd.h"
#include "tests/server/cache/model/values.h"

namespace martlet::cache::model {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 1000;
#else
constexpr int kRounds = 10'000;
#endif
constexpr uint64_t kKeysOfOne = 4;
constexpr uint64_t kKeys = kKeysOfOne * Crowd::kThreads;
constexpr size_t kHeld = 3;

std::string versioned(uint64_t key, uint64_t version, size_t size) {
  std::string out = std::to_string(key) + " " + std::to_string(version) + " ";
  const std::string text = make_text(key * 1'000'003 + version, size);
  return out + std::to_string(size) + " " + std::to_string(std::hash<std::string>{}(text)) + " " + text;
}

// The version, if the value is what it says and belongs to the key.
std::optional<uint64_t> version_of(uint64_t key, const PinnedBytes& bytes) {
  std::string all;
  while (all.size() < bytes.size()) all += bytes.piece_at(all.size());
  uint64_t parts[4] = {};
  const char* at = all.c_str();
  for (uint64_t& part : parts) {
    char* end = nullptr;
    part = std::strtoull(at, &end, 10);
    if (end == at || *end != ' ') return std::nullopt;
    at = end + 1;
  }
  const std::string text = all.substr(static_cast<size_t>(at - all.c_str()));
  const bool right = parts[0] == key && parts[2] == text.size() && parts[3] == std::hash<std::string>{}(text);
  return right ? std::optional(parts[1]) : std::nullopt;
}

struct Held {
  uint64_t key = 0;
  uint64_t version = 0;
  PinnedBytes bytes;
};

class Worker {
 public:
  Worker(Crowd& crowd, CacheContext& context, unsigned thread, Crowd::Random& random)
      : crowd_(crowd), context_(context), thread_(thread), random_(random), seen_(kKeys) {}

  void work() {
    for (int i = 0; crowd_.goes_on(i, kRounds) && !::testing::Test::HasFatalFailure(); ++i) {
      if (random_() % 3 == 0) {
        write(kKeysOfOne * thread_ + random_() % kKeysOfOne);
      } else {
        read(random_() % kKeys);
      }
    }
    while (!held_.empty()) look_at_held();
  }
  uint64_t hits() const { return hits_; }

 private:
  void write(uint64_t key) {
    uint64_t& version = seen_[key];
    const std::string name = Crowd::shared_key("v", key);
    size_t size = random_() % 400;
    if (random_() % 10 == 0) size = random_() % (3 * kPinThreshold);
    if (random_() % 100 == 0) size = random_() % 300'000;
    const std::string value = versioned(key, ++version, size);
    StoreRequest request;
    request.key = name;
    const bool whole = value.size() <= kPinThreshold || random_() % 2 == 0;
    const Outcome outcome = whole ? crowd_.cache().store(context_, request, value).outcome : upload(request, value);
    // A value that was refused may not come later, and the old one stays.
    if (outcome == Outcome::done) return;
    ASSERT_EQ(outcome, Outcome::out_of_memory);
    --version;
  }

  Outcome upload(const StoreRequest& request, const std::string& value) {
    auto arriving = crowd_.cache().begin_upload(context_, request.key, static_cast<uint32_t>(value.size()));
    if (arriving == nullptr) return Outcome::out_of_memory;
    for (size_t done = 0; done < value.size();) {
      const std::span<char> space = arriving->space(context_);
      if (space.empty()) return Outcome::out_of_memory;
      const size_t size = std::min<size_t>(space.size(), 5000);
      const size_t copied = value.copy(space.data(), size, done);
      arriving->advance(copied);
      done += copied;
      if (random_() % 16 == 0) read(random_() % kKeys);
    }
    return crowd_.cache().publish(context_, request, std::move(arriving)).outcome;
  }

  void read(uint64_t key) {
    const std::string name = Crowd::shared_key("v", key);
    GetResult hit = crowd_.cache().get(context_, name, {});
    if (hit.outcome != Outcome::done) return;
    ++hits_;
    const auto version = version_of(key, hit.item.value);
    ASSERT_TRUE(version.has_value()) << name << ": a value that is not what it says";
    ASSERT_GE(*version, reading_own(key) ? seen_[key] - 1 : seen_[key]) << name << ": older than the one seen before";
    if (!reading_own(key)) seen_[key] = *version;
    if (!hit.item.value.is_pinned()) return;
    held_.push_back({key, *version, std::move(hit.item.value)});
    if (held_.size() > kHeld) look_at_held();
  }
  // In the midst of an upload the version on its way is not there yet.
  bool reading_own(uint64_t key) const { return key / kKeysOfOne == thread_; }

  void look_at_held() {
    const Held held = std::move(held_.front());
    held_.pop_front();
    ASSERT_EQ(version_of(held.key, held.bytes), held.version) << "a value changed under its reader";
  }

  Crowd& crowd_;
  CacheContext& context_;
  const unsigned thread_;
  Crowd::Random& random_;
  std::vector<uint64_t> seen_;  // the last version of each key
  std::deque<Held> held_;
  uint64_t hits_ = 0;
};

void check(const Crowd::Settings& settings) {
  Crowd crowd(settings);
  std::atomic<uint64_t> hits{0};
  crowd.run([&](CacheContext& context, unsigned thread, Crowd::Random& random) {
    Worker worker(crowd, context, thread, random);
    worker.work();
    hits.fetch_add(worker.hits());
  });
  EXPECT_GT(hits.load(), Crowd::kThreads * kRounds / 20U);
  EXPECT_TRUE(crowd.was_noisy());
  EXPECT_EQ(crowd.cache().figures().pinned_bytes, 0U);
}

TEST(Versions, NeverGoBackAndAreNeverMixed) { check({16ULL << 20, true, false}); }

TEST(Versions, NeverGoBackUnderFlushes) { check({16ULL << 20, true, true}); }

}  // namespace
}  // namespace martlet::cache::model
