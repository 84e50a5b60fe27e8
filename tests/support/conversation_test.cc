// The pattern language of conversations, and what makes a table fit for a pipeline.
#include "tests/support/conversation.h"

#include <gtest/gtest.h>

#include <string>

namespace martlet::support {
namespace {

Match try_match(std::string_view pattern, std::string_view bytes, Values* values) {
  size_t matched = 0;
  return match(pattern, bytes, values, &matched);
}

TEST(ConversationPattern, OtherBytesStandForThemselves) {
  Values values;
  EXPECT_EQ(try_match("END\r\n", "END\r\n", &values), Match::yes);
  EXPECT_EQ(try_match("END\r\n", "ENE", &values), Match::no);
  EXPECT_EQ(try_match("END\r\n", "EN", &values), Match::needs_more);
  EXPECT_EQ(try_match("a <b c", "a <b c", &values), Match::yes);
  EXPECT_EQ(try_match("<B><1>", "<B><1>", &values), Match::yes);
}

TEST(ConversationPattern, NameTakesDigitsAndStaysTheSame) {
  Values values;
  EXPECT_EQ(try_match("<cas>\r\n", "12\r\n", &values), Match::yes);
  EXPECT_EQ(values["cas"], "12");
  EXPECT_EQ(try_match("<cas>\r\n", "12\r\n", &values), Match::yes);
  EXPECT_EQ(try_match("<cas>\r\n", "13\r\n", &values), Match::no);
  EXPECT_EQ(try_match("<other>\r\n", "x\r\n", &values), Match::no);
  EXPECT_EQ(try_match("<other>\r\n", "\r\n", &values), Match::no);
}

TEST(ConversationPattern, NumberAtTheEndOfWhatArrivedMayStillGrow) {
  Values values;
  EXPECT_EQ(try_match("<cas>\r\n", "12", &values), Match::needs_more);
  EXPECT_TRUE(values.empty());
  EXPECT_EQ(try_match("<cas>\r\n", "123\r\n", &values), Match::yes);
  EXPECT_EQ(values["cas"], "123");
}

TEST(ConversationPattern, StarTakesTheRestOfALine) {
  Values values;
  EXPECT_EQ(try_match("VERSION <*>\r\n", "VERSION 1.2 x\r\n", &values), Match::yes);
  EXPECT_EQ(try_match("VERSION <*>\r\n", "VERSION \r\n", &values), Match::no);
}

TEST(ConversationPattern, HashTakesEightBytesOfAnything) {
  Values values;
  EXPECT_EQ(try_match("[<#cas>]", "[\r\n<>1234]", &values), Match::yes);
  EXPECT_EQ(values["#cas"], "\r\n<>1234");
  EXPECT_EQ(try_match("<#cas>", "\r\n<>1235", &values), Match::no);
  EXPECT_EQ(try_match("<#cas>", "\r\n<>123", &values), Match::needs_more);
  EXPECT_EQ(try_match("<#><#>", "1234567887654321", &values), Match::yes);
  EXPECT_EQ(substitute("<<#cas>>", values), "<\r\n<>1234>");
  EXPECT_EQ(try_match("#<#>", "#1234567", &values), Match::needs_more);
}

TEST(ConversationPattern, MatchSaysHowFarItWent) {
  Values values;
  size_t matched = 0;
  ASSERT_EQ(match("a<n>\r\n", "a77\r\nEND\r\n", &values, &matched), Match::yes);
  EXPECT_EQ(matched, 5U);
}

TEST(ConversationPattern, SendTakesWhatWasFound) {
  const Values values = {{"cas", "42"}};
  EXPECT_EQ(substitute("cas a 0 0 1 <cas>\r\n<x>", values), "cas a 0 0 1 42\r\n<x>");
}

TEST(ConversationPattern, ReadableShowsEveryByte) {
  EXPECT_EQ(readable(std::string("a\r\n\0\xff", 5)), "\"a\\r\\n\\x00\\xff\"");
}

TEST(ConversationPipelining, NeedsNoTimeAndNothingFromAnAnswer) {
  EXPECT_TRUE(can_be_pipelined({"Plain", {say("a", "b"), say("c", "<n>")}}));
  EXPECT_TRUE(can_be_pipelined({"ClosesLast", {say("a", "b"), say_and_close("c", "")}}));
  EXPECT_FALSE(can_be_pipelined({"Waits", {say("a", "b"), advance(1)}}));
  EXPECT_FALSE(can_be_pipelined({"Uses", {say("a", "<n>"), say("cas <n>", "")}}));
  EXPECT_FALSE(can_be_pipelined({"ClosesFirst", {say_and_close("a", ""), say("b", "")}}));
}

}  // namespace
}  // namespace martlet::support
