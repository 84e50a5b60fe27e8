// WireConversation: the test that runs one conversation in every setup. Each theme's file makes its tables and
// instantiates it with MARTLET_WIRE_TEST.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/support/conversation.h"

namespace martlet::support {

// GoogleTest shows a failing parameter by its name.
inline void PrintTo(const Conversation& conversation, std::ostream* out) { *out << conversation.name; }

}  // namespace martlet::support

namespace martlet::wire {

using support::advance;
using support::Conversation;
using support::differs;
using support::Row;
using support::say;
using support::say_and_close;

class WireConversation : public testing::TestWithParam<Conversation> {};

inline std::string name_of_conversation(const testing::TestParamInfo<Conversation>& info) { return info.param.name; }

}  // namespace martlet::wire

#define MARTLET_WIRE_TEST(theme, tables) \
  INSTANTIATE_TEST_SUITE_P(theme, WireConversation, testing::ValuesIn(tables), name_of_conversation)
