// What counts as the same: bytes, ids that correspond, seconds, endings.
#include "tests/differential/comparer.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/differential/binary_frame.h"
#include "tests/differential/text_reply.h"

namespace martlet::differential {
namespace {

bool same_text(const std::string& ours, const std::string& theirs, CasMap* map) {
  return same(Dialect::text, {ours}, {theirs}, map);
}

bool same_text(const std::string& ours, const std::string& theirs) {
  CasMap map;
  return same_text(ours, theirs, &map);
}

TEST(Comparer, BytesMustBeTheSame) {
  EXPECT_TRUE(same_text("STORED\r\nEND\r\n", "STORED\r\nEND\r\n"));
  EXPECT_FALSE(same_text("STORED\r\n", "STORED\n"));
  EXPECT_FALSE(same_text("STORED\r\n", "STORED\r\nEND\r\n"));
  EXPECT_FALSE(same_text("VALUE a 0 1\r\nx\r\nEND\r\n", "VALUE a 0 1\r\ny\r\nEND\r\n"));
  EXPECT_FALSE(same_text("VALUE a 0 1\r\nx\r\nEND\r\n", "VALUE a 1 1\r\nx\r\nEND\r\n"));
}

TEST(Comparer, IdsNeedOnlyCorrespond) {
  CasMap map;
  EXPECT_TRUE(same_text("VALUE a 0 1 7\r\nx\r\nEND\r\n", "VALUE a 0 1 100\r\nx\r\nEND\r\n", &map));
  EXPECT_TRUE(same_text("VALUE a 0 1 7\r\nx\r\nEND\r\n", "VALUE a 0 1 100\r\nx\r\nEND\r\n", &map));
  EXPECT_TRUE(same_text("VALUE a 0 1 8\r\nx\r\nEND\r\n", "VALUE a 0 1 101\r\nx\r\nEND\r\n", &map));
}

TEST(Comparer, IdThatChangesOnOneSideIsNoticed) {
  CasMap map;
  ASSERT_TRUE(same_text("HD c7 ka\r\n", "HD c100 ka\r\n", &map));
  EXPECT_FALSE(same_text("HD c7 ka\r\n", "HD c101 ka\r\n", &map));
  EXPECT_FALSE(same_text("HD c8 ka\r\n", "HD c100 ka\r\n", &map));
}

TEST(Comparer, NoIdIsNotAnId) {
  EXPECT_FALSE(same_text("HD c7\r\n", "HD c0\r\n"));
  EXPECT_TRUE(same_text("NS c0\r\n", "NS c0\r\n"));
}

TEST(Comparer, SecondsMayBeOneApart) {
  EXPECT_TRUE(same_text("HD t100 l0\r\n", "HD t99 l1\r\n"));
  EXPECT_FALSE(same_text("HD t100\r\n", "HD t98\r\n"));
  EXPECT_FALSE(same_text("HD t100\r\n", "HD t-1\r\n"));
  EXPECT_FALSE(same_text("HD f100\r\n", "HD f99\r\n"));
  EXPECT_TRUE(same_text("HD t352244513\r\n", "HD t352244515\r\n"));  // until a Unix time
  EXPECT_FALSE(same_text("HD t352244513\r\n", "HD t352244516\r\n"));
}

TEST(Comparer, ValuesAreNeverTakenForLines) {
  EXPECT_FALSE(same_text("VALUE a 0 9\r\nHD c7 t10\r\nEND\r\n", "VALUE a 0 9\r\nHD c8 t10\r\nEND\r\n"));
  EXPECT_FALSE(same_text("VA 5 s5\r\nHD t9\r\n", "VA 5 s5\r\nHD t8\r\n"));
}

TEST(Comparer, EndingsMustBeTheSame) {
  CasMap map;
  EXPECT_TRUE(same(Dialect::text, {"", Ending::closed}, {"", Ending::closed}, &map));
  EXPECT_FALSE(same(Dialect::text, {"", Ending::closed}, {"", Ending::open}, &map));
  EXPECT_FALSE(same(Dialect::text, {"", Ending::silent}, {"", Ending::silent}, &map));
}

TEST(Comparer, FramesAreComparedButForTheirIds) {
  Frame frame;
  frame.magic = 0x81;
  frame.value = "Not found";
  Reply ours{encode(frame)};
  Reply theirs = ours;
  CasMap map;
  EXPECT_TRUE(same(Dialect::binary, ours, theirs, &map));
  put_cas(5, &ours.bytes);
  EXPECT_FALSE(same(Dialect::binary, ours, theirs, &map));
  put_cas(50, &theirs.bytes);
  EXPECT_TRUE(same(Dialect::binary, ours, theirs, &map));
  theirs.bytes.back() = 'D';
  EXPECT_FALSE(same(Dialect::binary, ours, theirs, &map));
}

TEST(TextReply, IdsAreLearntWithTheirKeys) {
  KnownCas known;
  learn_text_cas("VALUE a 0 15 12\r\nVALUE b 0 0 99\r\nEND\r\nHD kb c34\r\nHD c56\r\nNF kx c0\r\n", &known);
  EXPECT_EQ(known, (KnownCas{{"a", 12}, {"b", 34}}));
}

TEST(TextReply, AnyBytesAreTakenApart) {
  for (const std::string bytes :
       {"", "\r\n", "VALUE", "VALUE a 0 99999999999999999999\r\n", "VA 10\r\nx", "HD c\r\n"}) {
    std::string joined;
    for (const ReplyPart& part : text_parts(bytes)) joined += part.text;
    EXPECT_EQ(joined, bytes);
  }
}

}  // namespace
}  // namespace martlet::differential
