// Conversation: a table of what a client says and what it must hear, run against a server byte for byte.
//
//   Conversation{"AddKeepsWhatIsThere", {
//       say("set a 0 0 1\r\nx\r\n", "STORED\r\n"),
//       say("add a 0 0 1\r\ny\r\n", "NOT_STORED\r\n"),
//       say("gets a\r\n", "VALUE a 0 1 <cas>\r\nx\r\nEND\r\n"),
//       say("cas a 0 0 1 <cas>\r\nz\r\n", "STORED\r\n")}}
//
// In an expectation `<name>` takes the digits found there; where the name has been seen before they must be the same
// digits. `<*>` takes anything but line ends. `<#name>` takes eight bytes, as packets of the binary protocol have them,
// and `<#>` any eight. In a send `<name>` is replaced by what was taken. All other bytes stand for themselves.
//
// A conversation whose first send begins with the binary protocol's magic byte is one in that protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/server_under_test.h"

namespace martlet::support {

struct Row {
  std::string send;
  std::string expect;
  bool closes = false;                   // the server ends the connection after `expect`
  int seconds = 0;                       // above 0: the row only lets time pass
  std::optional<std::string> reference;  // memcached's answer where ours differs on purpose
  bool reference_closes = false;
  std::string reason;  // why it differs
};

// The client says `send` and hears exactly `expect`.
Row say(std::string send, std::string expect);
// The same, then the server closes.
Row say_and_close(std::string send, std::string expect);
// That many seconds pass.
Row advance(int seconds);
// We answer otherwise than memcached does: `theirs`, for a reason.
Row differs(std::string send, std::string ours, std::string theirs, std::string reason);

struct Conversation {
  std::string name;  // what it shows, CamelCase: it becomes a test's name
  std::vector<Row> rows;
  std::vector<std::string> flags{};       // the server's command line
  size_t min_split = 0;                   // bulky ones are not split into smaller reads than this
  std::string not_reference{};            // not empty: does not run against memcached, for this reason
  std::string not_pipelined_reference{};  // not empty: runs against it step by step only, for this reason
};

// How the bytes of a conversation travel.
enum class Pace : uint8_t {
  stepwise,   // a row at a time, the next one after the answer
  pipelined,  // all sends in one go, then all answers
};

// Can it be pipelined? Not where time passes, or a send needs something from an answer.
bool can_be_pipelined(const Conversation& conversation);

// Seconds that pass in it.
int seconds_passing(const Conversation& conversation);

// Runs it over a connection of its own, the client's writes cut into `split` bytes (0: whole) if the server does not
// split its reads. Ends with a question of its own, so that surplus bytes are noticed. Empty when every byte was as
// expected; else what went wrong.
std::string run(const Conversation& conversation, ServerUnderTest& server, Transport transport, size_t split,
                Pace pace);

// `bytes` readable: \r \n \0 and other control bytes as escapes, long ones cut in the middle.
std::string readable(std::string_view bytes);

// The pattern language by itself. `values` takes what `<name>` matched.
enum class Match : uint8_t { yes, no, needs_more };
using Values = std::map<std::string, std::string>;
Match match(std::string_view pattern, std::string_view bytes, Values* values, size_t* matched_bytes);
std::string substitute(std::string_view text, const Values& values);

}  // namespace martlet::support
