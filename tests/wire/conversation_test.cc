// Runs a conversation over every transport, number of workers and read size, step by step and as one pipeline.
#include "tests/wire/conversation_test.h"

#include "tests/support/server_under_test.h"
#include "tests/wire/server_pool.h"

namespace martlet::wire {
namespace {

using support::Pace;
using support::ServerKind;

// Waiting for real seconds is done once, and not for long.
constexpr int kPatienceSeconds = 3;

TEST_P(WireConversation, GivesTheSameBytesOverEveryTransportAndSplit) {
  const Conversation& conversation = GetParam();
  const ServerKind kind = support::server_kind();
  if (kind == ServerKind::reference && !conversation.not_reference.empty()) GTEST_SKIP() << conversation.not_reference;
  const bool slow = kind != ServerKind::in_process && seconds_passing(conversation) > 0;
  if (slow && seconds_passing(conversation) > kPatienceSeconds) GTEST_SKIP() << "takes real time";

  int runs = 0;
  for (const RunSetup& setup : all_setups()) {
    if (setup.split != 0 && setup.split < conversation.min_split) continue;
    if (slow && runs > 0) break;
    auto* server = fresh_server(conversation.flags, setup);
    ASSERT_NE(server, nullptr) << describe(setup);
    ASSERT_EQ(support::run(conversation, *server, setup.transport, setup.split, Pace::stepwise), "")
        << describe(setup) << ", step by step";
    ++runs;
    if (!can_be_pipelined(conversation)) continue;
    if (kind == ServerKind::reference && !conversation.not_pipelined_reference.empty()) continue;
    server = fresh_server(conversation.flags, setup);
    ASSERT_NE(server, nullptr) << describe(setup);
    ASSERT_EQ(support::run(conversation, *server, setup.transport, setup.split, Pace::pipelined), "")
        << describe(setup) << ", as one pipeline";
  }
  ASSERT_GT(runs, 0) << "no setup fits the conversation";
}

}  // namespace
}  // namespace martlet::wire
