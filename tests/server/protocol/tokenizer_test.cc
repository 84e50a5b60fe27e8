#include "server/protocol/tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace martlet::protocol {
namespace {

using namespace std::string_literals;

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  WordCursor cursor(line);
  for (std::string_view word = cursor.next(); !word.empty(); word = cursor.next()) words.emplace_back(word);
  return words;
}

TEST(Line, EndsAtTheFirstNewline) {
  const Line line = first_line("get a\nget b\n");
  EXPECT_EQ(line.text, "get a");
  EXPECT_EQ(line.size, 6U);
}

TEST(Line, OneCarriageReturnBelongsToTheEnding) {
  EXPECT_EQ(first_line("get a\r\n").text, "get a");
  EXPECT_EQ(first_line("get a\r\r\n").text, "get a\r");
  EXPECT_EQ(first_line("get\ra\n").text, "get\ra");
  EXPECT_EQ(first_line("\r\n").text, "");
  EXPECT_EQ(first_line("\r\n").size, 2U);
  EXPECT_EQ(first_line("\n").size, 1U);
}

TEST(Line, IsAbsentWithoutANewline) {
  EXPECT_EQ(first_line("").size, 0U);
  EXPECT_EQ(first_line("get a\r").size, 0U);
}

TEST(Words, AreSeparatedByRunsOfSpaces) {
  EXPECT_EQ(words_of("set  k   0 0 5"), (std::vector<std::string>{"set", "k", "0", "0", "5"}));
  EXPECT_EQ(words_of("  a b  "), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(words_of("").empty());
  EXPECT_TRUE(words_of("      ").empty());
}

TEST(Words, KeepTabsAndNulsAndHighBytes) {
  EXPECT_EQ(words_of("a\tb c\0d \xff\r e"s), (std::vector<std::string>{"a\tb", "c\0d"s, "\xff\r", "e"}));
}

TEST(Words, TheLastOneIsFoundBehindTrailingSpaces) {
  EXPECT_EQ(last_word("set k 0 0 5 noreply  "), "noreply");
  EXPECT_EQ(last_word("quit"), "quit");
  EXPECT_EQ(last_word(" quit"), "quit");
  EXPECT_EQ(last_word("   "), "");
  EXPECT_EQ(last_word(""), "");
}

TEST(Search, FindsTheFirstHitAtEveryDistance) {
  for (size_t size = 0; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, '\x21');  // one above the space: the neighbour that a careless word trick mistakes for it
      text[at] = ' ';
      EXPECT_EQ(find_space(text, 0), at);
      EXPECT_EQ(find_space_or_newline(text, 0), at);
      text[at] = '\n';
      EXPECT_EQ(find_space(text, 0), size);
      EXPECT_EQ(find_space_or_newline(text, 0), at);
      EXPECT_EQ(find_space_or_newline(text, at), at);
      EXPECT_EQ(find_space_or_newline(text, at + 1), size);
    }
  }
}

TEST(Search, IsNotFooledByHighBytes) {
  const std::string text = "\xa0\x8a\x0b\x1f\x80\xff\x09\x21";  // bytes a bit away from space and newline
  EXPECT_EQ(find_space(text, 0), text.size());
  EXPECT_EQ(find_space_or_newline(text, 0), text.size());
}

TEST(WordCode, TellsWordsAndTheirLengthsApart) {
  EXPECT_EQ(word_code("set"), word_code("set"));
  EXPECT_NE(word_code("set"), word_code("add"));
  EXPECT_NE(word_code("set"), word_code("set\0"s));
  EXPECT_EQ(word_code(""), 0U);
  EXPECT_EQ(word_code("flush_all"), 0U);
}

}  // namespace
}  // namespace martlet::protocol
