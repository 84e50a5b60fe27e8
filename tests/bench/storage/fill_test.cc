// Counting must find every item there is, and see one that is not what was written.
#include "tests/bench/storage/fill.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/bench/errors.h"
#include "tests/bench/fake_peer.h"

namespace martlet::bench {
namespace {

class BenchFill : public testing::Test {
 protected:
  BenchFill() : client_(BulkClient::connect(peer_.endpoint())), server_(peer_.accept()) {}

  std::string found(std::uint64_t key, std::string_view value) const {
    return fmt::format("VALUE {} 0 {}\r\n{}\r\n", NumberedKey(key).view(), value.size(), value);
  }

  FakePeer peer_;
  BulkClient client_;
  Socket server_;
  NumberedValues values_;
  Sample out_;
};

TEST_F(BenchFill, MoreIsWrittenThanCouldBeHeld) {
  EXPECT_EQ(overfill(64, 100).count, (64U << 20) / 152 * 3 / 2);
  EXPECT_GT(overfill(64, 4000).count * 4020, 64U << 20);
}

TEST_F(BenchFill, HeldItemsAreCountedAndGapsAreNot) {
  say(server_, found(7, values_.value(7, 3)) + found(9, values_.value(9, 3)) + "END\r\n");
  EXPECT_EQ(count_items(client_, values_, {7, 5, 3}, out_), 2U);
  EXPECT_TRUE(out_.complaints.empty());
}

TEST_F(BenchFill, AValueOfAnotherNumberOrSizeIsAComplaint) {
  say(server_, found(7, values_.value(8, 3)) + found(8, values_.value(8, 2)) + "END\r\n");
  EXPECT_EQ(count_items(client_, values_, {7, 2, 3}, out_), 2U);
  EXPECT_EQ(out_.complaints, std::vector<std::string>{"2 values are not those written"});
}

TEST_F(BenchFill, LinesOfAHundredKeysAreAnsweredOneByOne) {
  say(server_, "END\r\n" + found(150, values_.value(150, 3)) + "END\r\nEND\r\n");
  EXPECT_EQ(count_items(client_, values_, {0, 201, 3}, out_), 1U);
}

TEST_F(BenchFill, AServerThatEndsTheStreamIsAnError) {
  server_.close();
  EXPECT_THROW(static_cast<void>(count_items(client_, values_, {0, 1, 3}, out_)), BenchError);
}

}  // namespace
}  // namespace martlet::bench
