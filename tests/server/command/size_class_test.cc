#include "server/command/size_class.h"

#include <gtest/gtest.h>

namespace martlet::command {
namespace {

// As `stats slabs` of memcached 1.6 lists its chunk sizes.
TEST(SizeClass, FollowsTheDefaultLadder) {
  EXPECT_EQ(size_class(0), 1U);
  EXPECT_EQ(size_class(96), 1U);
  EXPECT_EQ(size_class(97), 2U);
  EXPECT_EQ(size_class(120), 2U);
  EXPECT_EQ(size_class(121), 3U);
  EXPECT_EQ(size_class(152), 3U);
  EXPECT_EQ(size_class(192), 4U);
  EXPECT_EQ(size_class(240), 5U);
  EXPECT_EQ(size_class(304), 6U);
  EXPECT_EQ(size_class(394'840), 38U);
  EXPECT_EQ(size_class(394'841), 39U);
  EXPECT_EQ(size_class(524'288), 39U);
  EXPECT_EQ(size_class(UINT32_MAX), 39U);
}

TEST(SizeClass, AnItemIsItsHeaderKeyFlagsAndValue) {
  EXPECT_EQ(slab_item_size(1, 0, 3), 63U);
  EXPECT_EQ(slab_item_size(1, 5, 3), 67U);
  EXPECT_EQ(slab_item_size(250, 0, 0), 309U);
  EXPECT_EQ(slab_item_size(250, 1, UINT32_MAX), UINT32_MAX);
}

}  // namespace
}  // namespace martlet::command
