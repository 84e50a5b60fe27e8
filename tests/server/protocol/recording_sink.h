// Where replies go in tests of their writers: a sink that keeps them, and a value that is pinned.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/pinned_bytes.h"
#include "server/protocol/codec.h"

namespace martlet::protocol {

// Keeps what is written; `budget` calls succeed, later ones find no memory.
class RecordingSink final : public ReplySink {
 public:
  explicit RecordingSink(int budget = std::numeric_limits<int>::max()) : budget_(budget) {}

  bool append(std::string_view bytes) override {
    if (!granted()) return false;
    text.append(bytes);
    return true;
  }
  char* prepare(size_t size) override {
    EXPECT_LE(size, 512U);
    if (!granted()) return nullptr;
    scratch_.assign(size, '#');
    return scratch_.data();
  }
  void commit(size_t used) override {
    EXPECT_LE(used, scratch_.size());
    text.append(scratch_.data(), used);
  }
  bool append_value(PinnedBytes&& value) override {
    if (!granted()) return false;
    const PinnedBytes kept = std::move(value);
    for (size_t at = 0; at < kept.size();) {
      const std::string_view piece = kept.piece_at(at);
      text.append(piece);
      at += piece.size();
    }
    return true;
  }

  std::string text;
  int calls = 0;

 private:
  bool granted() { return calls++ < budget_; }

  int budget_;
  std::vector<char> scratch_;
};

// A pinned value in two pieces that counts how often it was let go.
class TwoPieces final : public PinOwner {
 public:
  std::string_view piece_at(void*, size_t offset) const override {
    return offset < first.size() ? std::string_view(first).substr(offset)
                                 : std::string_view(second).substr(offset - first.size());
  }
  void unpin(void*) override { ++unpinned; }

  std::string first, second;
  int unpinned = 0;
};

}  // namespace martlet::protocol
