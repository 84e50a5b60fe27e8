#include "server/conn/intrusive_list.h"

#include <gtest/gtest.h>

namespace martlet::conn {
namespace {

struct Node {
  IntrusiveList<Node>::Hook hook;
};

TEST(IntrusiveList, TheOldestIsInFront) {
  Node a, b, c;
  IntrusiveList<Node> list(&Node::hook);
  list.push_back(a, 1);
  list.push_back(b, 2);
  list.push_back(c, 3);
  EXPECT_EQ(list.front(), &a);
  list.push_back(a, 4);
  EXPECT_EQ(list.front(), &b);
  EXPECT_EQ(list.back(), &a);
  list.remove(b);
  EXPECT_EQ(list.front(), &c);
  list.remove(a);
  EXPECT_EQ(list.back(), &c);
  list.remove(c);
  EXPECT_TRUE(list.empty());
}

TEST(IntrusiveList, JoiningOneLeavesTheOther) {
  Node a, b;
  IntrusiveList<Node> one(&Node::hook);
  IntrusiveList<Node> two(&Node::hook);
  one.push_back(a, 1);
  one.push_back(b, 1);
  two.push_back(a, 2);
  EXPECT_EQ(one.front(), &b);
  EXPECT_EQ(two.front(), &a);
  EXPECT_EQ(a.hook.in, &two);
  EXPECT_EQ(a.hook.since, 2U);
}

}  // namespace
}  // namespace martlet::conn
