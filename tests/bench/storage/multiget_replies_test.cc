// Every found key is matched with what was asked, whatever pieces the bytes come in; a reply that cannot be right is
// refused.
#include "tests/bench/storage/multiget_replies.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

using Seen = std::vector<std::pair<std::size_t, std::string>>;

class BenchMultigetReplies : public testing::Test {
 protected:
  void ask(std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) replies_.expect_key(key);
    replies_.end_line();
  }
  std::size_t feed(std::string_view bytes) {
    return replies_.consume(
        bytes, [this](std::size_t position, std::string_view value) { seen_.emplace_back(position, value); });
  }

  MultigetReplies replies_;
  Seen seen_;
};

TEST_F(BenchMultigetReplies, FoundKeysHaveTheirPositionAmongThoseAsked) {
  ask({"a", "b", "c"});
  ask({"d"});
  ask({"e", "f"});
  feed("VALUE b 0 2\r\nbb\r\nEND\r\nEND\r\nVALUE e 7 0\r\n\r\nVALUE f 0 1\r\nf\r\nEND\r\n");
  EXPECT_EQ(seen_, (Seen{{1, "bb"}, {4, ""}, {5, "f"}}));
  EXPECT_TRUE(replies_.complete());
}

TEST_F(BenchMultigetReplies, AKeyAskedTwiceIsFoundTwice) {
  ask({"a", "b", "a"});
  feed("VALUE a 0 1\r\nx\r\nVALUE a 0 1\r\ny\r\nEND\r\n");
  EXPECT_EQ(seen_, (Seen{{0, "x"}, {2, "y"}}));
}

TEST_F(BenchMultigetReplies, PiecesOfAnySizeGiveTheSame) {
  const std::string bytes = "VALUE a 0 5\r\n\r\nEND\r\nVALUE b 0 3\r\nEND\r\nEND\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    replies_.reset();
    seen_.clear();
    ask({"a", "b"});
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      waiting += bytes.substr(at, piece);
      waiting.erase(0, feed(waiting));
    }
    EXPECT_EQ(seen_, (Seen{{0, "\r\nEND"}, {1, "END"}}));
    EXPECT_TRUE(waiting.empty());
    EXPECT_TRUE(replies_.complete());
  }
}

TEST_F(BenchMultigetReplies, AKeyNobodyAskedForOrOutOfOrderIsRefused) {
  ask({"a", "b"});
  EXPECT_THROW(feed("VALUE c 0 1\r\nx\r\n"), BenchError);
  replies_.reset();
  ask({"a", "b"});
  EXPECT_THROW(feed("VALUE b 0 1\r\nx\r\nVALUE a 0 1\r\nx\r\n"), BenchError);
}

TEST_F(BenchMultigetReplies, AKeyOfTheNextLineIsNotTakenForThisOne) {
  ask({"a"});
  ask({"b"});
  EXPECT_THROW(feed("VALUE b 0 1\r\nx\r\nEND\r\nEND\r\n"), BenchError);
}

TEST_F(BenchMultigetReplies, ValuesOfAnotherLengthThanTheirHeadAreRefused) {
  ask({"a"});
  EXPECT_THROW(feed("VALUE a 0 1\r\nxy\r\n"), BenchError);
  for (const std::string_view head : {"VALUE a 1\r\n", "VALUE a 0 1x\r\n", "VALUE a 0 \r\n", "VALUE a 0 -1\r\n"}) {
    EXPECT_THROW(feed(head), BenchError) << head;
  }
}

TEST_F(BenchMultigetReplies, AnEndTooManyIsRefused) {
  ask({"a"});
  EXPECT_THROW(feed("END\r\nEND\r\n"), BenchError);
}

TEST_F(BenchMultigetReplies, ServerErrorsAreCountedAndOtherErrorsRefused) {
  ask({"a"});
  feed("SERVER_ERROR out of memory storing object\r\nEND\r\n");
  EXPECT_EQ(replies_.refused(), 1U);
  EXPECT_THROW(feed("ERROR\r\n"), BenchError);
  EXPECT_THROW(feed("\n"), BenchError);
}

}  // namespace
}  // namespace martlet::bench
