// The short runs of the differential test: some seconds of random streams for each grammar that the server speaks, and
// for every grammar the reference against itself, which shows that what differs does so because of the servers.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/differential/server_pair.h"
#include "tests/differential/session.h"

namespace martlet::differential {
namespace {

constexpr size_t kCommands = 60000;
constexpr size_t kCommandsOfSelfTest = 20000;
constexpr uint64_t kSeed = 20260;

void expect_no_difference(const Grammar& grammar, const std::string& our_binary, const SessionOptions& options) {
  ServerPair servers;
  std::string error;
  ASSERT_TRUE(servers.start(our_binary, kDefaultReference, &error)) << error;
  Session session(grammar, servers.ours->endpoint(support::Transport::tcp4),
                  servers.theirs->endpoint(support::Transport::tcp4));
  const SessionResult result = session.run(options);
  EXPECT_GE(result.commands, result.failure.empty() ? options.commands : 0);
  EXPECT_TRUE(result.failure.empty()) << result.failure;
  fmt::print("{} commands in {} rounds; intended differences:\n{}", result.commands, result.rounds,
             excuse_table(result.excused));
}

// Against the server of this build.
class AgreesWithTheReference : public testing::Test {
 public:
  explicit AgreesWithTheReference(const Grammar& grammar) : grammar_(grammar) {}
  void TestBody() override {
    SessionOptions options;
    options.seed = kSeed;
    options.commands = kCommands;
    expect_no_difference(grammar_, built_server(), options);
  }

 private:
  const Grammar& grammar_;
};

// A test for each grammar that is served, named after it.
[[maybe_unused]] const bool kRegistered = [] {
  for (const std::string_view name : kServedGrammars) {
    const Grammar* grammar = find_grammar(name);
    testing::RegisterTest("Differential", std::string(grammar->test_name).c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [grammar]() -> testing::Test* { return new AgreesWithTheReference(*grammar); });
  }
  return true;
}();

// Writes are not cut: whether the reference reads an overlong line or closes depends on how much arrives at once.
TEST(Differential, TwoReferencesAgree) {
  for (const Grammar* grammar : all_grammars()) {
    SCOPED_TRACE(grammar->name);
    SessionOptions options;
    options.seed = kSeed;
    options.commands = kCommandsOfSelfTest;
    options.cut_writes = false;
    options.twins = true;
    expect_no_difference(*grammar, kDefaultReference, options);
  }
}

// A server that refuses to flush, beside one that does: few commands are enough to tell them apart.
TEST(Differential, DifferenceIsFoundAndShrunk) {
  std::string error;
  support::TestServerOptions options;
  options.flags = reference_flags();
  const auto plain = support::ExternalServer::start(kDefaultReference, support::ServerKind::reference, options, &error);
  options.flags.emplace_back("-F");
  const auto odd = support::ExternalServer::start(kDefaultReference, support::ServerKind::reference, options, &error);
  ASSERT_TRUE(plain != nullptr && odd != nullptr) << error;
  Session session(classic_grammar(), odd->endpoint(support::Transport::tcp4),
                  plain->endpoint(support::Transport::tcp4));
  const SessionResult result = session.run({});
  EXPECT_THAT(result.failure, testing::ContainsRegex("seed 1, round [0-9]+\n[1-4] of 3[0-9]+ commands are enough"));
  EXPECT_THAT(result.failure, testing::HasSubstr("flush_all"));
}

}  // namespace
}  // namespace martlet::differential
