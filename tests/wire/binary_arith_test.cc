// Binary conversations about numbers.
#include <cstdint>
#include <string>
#include <vector>

#include "tests/wire/binary_text.h"
#include "tests/wire/conversation_test.h"

namespace martlet::wire {
namespace {

std::vector<Conversation> numbers() {
  return {
      {"CountUpAndDown",
       {say(put(kSet, "n", "10"), put_done(kSet)), say(count(kIncr, "n", 5), number_is(kIncr, 15, "<#cas>")),
        say(of_key(kGet, "n"), hit_of(kGet, "15", 0, "", "<#cas>")), say(count(kDecr, "n", 6), number_is(kDecr, 9)),
        say(count(kDecr, "n", 100), number_is(kDecr, 0)),
        say(count(kIncr, "n", UINT64_MAX), number_is(kIncr, UINT64_MAX)),
        say(count(kIncr, "n", 3), number_is(kIncr, 2))}},

      {"MissFailsWhereNothingMayBeMade",
       {say(count(kIncr, "n", 1, 7), not_found(kIncr)), say(count(kDecr, "n", 1, 7), not_found(kDecr)),
        say(count(kIncrQ, "n", 1, 7) + count(kDecrQ, "n", 1, 7), not_found(kIncrQ) + not_found(kDecrQ)),
        say(of_key(kGet, "n"), not_found(kGet))}},

      {"MissMakesTheInitialNumber",
       {say(count(kIncr, "n", 5, 100, 0), number_is(kIncr, 100, "<#cas>")),
        say(of_key(kGet, "n"), hit_of(kGet, "100", 0, "", "<#cas>")),
        say(count(kIncr, "n", 5, 100, 0), number_is(kIncr, 105)),
        say(count(kDecr, "m", 5, UINT64_MAX, 0), number_is(kDecr, UINT64_MAX)),
        say(of_key(kGet, "m"), hit_of(kGet, "18446744073709551615"))}},

      {"MadeNumbersExpire",
       {say(count(kIncr, "n", 1, 7, 1), number_is(kIncr, 7)), say(count(kIncr, "n", 1, 7, 1), number_is(kIncr, 8)),
        advance(2), say(count(kIncr, "n", 1, 7), not_found(kIncr))}},

      {"QuietTellsErrorsOnly",
       {say(count(kIncrQ, "n", 1, 7, 0) + count(kIncrQ, "n", 1) + count(kDecrQ, "n", 3) + bare(kNoop), done(kNoop)),
        say(of_key(kGet, "n"), hit_of(kGet, "5")), say(put(kSet, "n", "text"), put_done(kSet)),
        say(count(kIncrQ, "n", 1) + bare(kNoop), non_numeric(kIncrQ) + done(kNoop))}},

      {"WhatIsNoNumberIsLeft",
       {say(put(kSet, "n", "nine"), put_done(kSet)), say(count(kIncr, "n", 1), non_numeric(kIncr)),
        say(count(kDecr, "n", 1, 7, 0), non_numeric(kDecr)), say(of_key(kGet, "n"), hit_of(kGet, "nine"))}},

      {"TheIdIsChecked",
       {say(put(kSet, "n", "1"), put_done(kSet, "<#one>")),
        say(count(kIncr, "n", 1, 0, kFailOnMiss, "<#one>"), number_is(kIncr, 2, "<#two>")),
        say(count(kIncr, "n", 1, 0, kFailOnMiss, "<#one>"), key_exists(kIncr)),
        say(count(kDecrQ, "n", 1, 0, 0, "<#one>") + of_key(kGet, "n"),
            key_exists(kDecrQ) + hit_of(kGet, "2", 0, "", "<#two>"))}},
  };
}
MARTLET_WIRE_TEST(BinaryNumbers, numbers());

}  // namespace
}  // namespace martlet::wire
