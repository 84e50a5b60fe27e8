#include "server/command/command_table.h"
#include "tests/server/command/command_fixture.h"

namespace martlet::command {
namespace {

using protocol::Failure;
using protocol::Outcome;
using protocol::Response;
using protocol::Verb;

class ExecutorTest : public CommandTest {};

TEST_F(ExecutorTest, EveryVerbButAStoreHasAHandler) {
  for (uint8_t i = 0; i < static_cast<uint8_t>(Verb::kCount); ++i) {
    const CommandRow& row = command_row(static_cast<Verb>(i));
    EXPECT_EQ(static_cast<uint8_t>(row.verb), i);
    EXPECT_EQ(row.handler == nullptr, row.verb == Verb::store);
  }
  EXPECT_EQ(command_row(Verb::kCount).verb, Verb::invalid);
}

TEST_F(ExecutorTest, LineThatWasNotUnderstoodIsAnsweredAndNotCounted) {
  protocol::Request bad = request(Verb::invalid);
  bad.failure = Failure::unknown_command;
  const Response response = executor.execute(bad);
  EXPECT_EQ(response.outcome, Outcome::failure);
  EXPECT_FALSE(response.close_after);
  EXPECT_EQ(counted(), Counts{});
}

TEST_F(ExecutorTest, EndOfAMultiGetIsNoRequestOfItsOwn) {
  protocol::Request end = request(Verb::noop);
  end.wire = protocol::WireForm::classic_end;
  EXPECT_EQ(executor.execute(end).outcome, Outcome::end);
  EXPECT_EQ(counted(), Counts{});
  end.wire = protocol::WireForm::binary;
  EXPECT_EQ(executor.execute(end).outcome, Outcome::end);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}}));
}

TEST_F(ExecutorTest, StoreWithoutItsValueChangesNothing) {
  set("k", "old");
  EXPECT_EQ(executor.execute(store_request(protocol::StoreMode::set, "k", 3)).outcome, Outcome::error);
  EXPECT_EQ(value_of("k"), "old");
}

}  // namespace
}  // namespace martlet::command
