// An executor that takes meta lines.
#pragma once

#include <string>
#include <string_view>

#include "server/protocol/meta_parser.h"
#include "tests/server/command/command_fixture.h"

namespace martlet::command {

class MetaCommandTest : public CommandTest {
 protected:
  // The answer to a meta line, with `value` behind an ms.
  protocol::Response run(std::string_view line, std::string_view value = {}) {
    protocol::parse_meta(line, &request_);
    EXPECT_NE(request_.verb, protocol::Verb::invalid) << line;
    return request_.has_value ? store(request_, value) : executor.execute(request_);
  }
  protocol::Outcome outcome(std::string_view line, std::string_view value = {}) { return run(line, value).outcome; }

  // The marks of a lease that an mg was given: W, X, Z.
  std::string marks(std::string_view line) {
    const protocol::Response response = run(line);
    return std::string(response.won ? "W" : "") + (response.stale ? "X" : "") + (response.token_out ? "Z" : "");
  }
  static Counts meta(Counts counts) {
    counts["requests"] += 1;
    counts["cmd_meta"] += 1;
    return counts;
  }

 private:
  protocol::Request request_;
};

}  // namespace martlet::command
