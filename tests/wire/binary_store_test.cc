// Binary conversations about writing: set, add, replace, append, prepend, delete, ids and what is refused.
#include <string>
#include <vector>

#include "tests/wire/binary_text.h"
#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr size_t kTooLargeValue = 1048576 + 1;

std::vector<Conversation> writing() {
  return {
      {"AddOnlyWhereNothingIs",
       {say(put(kAdd, "a", "x"), put_done(kAdd, "<#cas>")), say(put(kAdd, "a", "y"), key_exists(kAdd)),
        say(of_key(kGet, "a"), hit_of(kGet, "x", 0, "", "<#cas>"))}},

      {"ReplaceOnlyWhereSomethingIs",
       {say(put(kReplace, "a", "x"), not_found(kReplace)), say(put(kSet, "a", "x"), put_done(kSet)),
        say(put(kReplace, "a", "y", kNoCas, 3), put_done(kReplace, "<#cas>")),
        say(of_key(kGet, "a"), hit_of(kGet, "y", 3, "", "<#cas>"))}},

      {"AppendAndPrependKeepFlags",
       {say(join(kAppend, "a", "x"), not_joined(kAppend)), say(join(kPrepend, "a", "x"), not_joined(kPrepend)),
        say(put(kSet, "a", "mid", kNoCas, 9), put_done(kSet)), say(join(kAppend, "a", ">"), put_done(kAppend)),
        say(join(kPrepend, "a", "-"), put_done(kPrepend, "<#cas>")),
        say(of_key(kGet, "a"), hit_of(kGet, "-mid>", 9, "", "<#cas>"))}},

      {"DeleteTellsWhetherItWasThere",
       {say(of_key(kDelete, "a"), not_found(kDelete)), say(put(kSet, "a", "x"), put_done(kSet)),
        say(of_key(kDelete, "a"), done(kDelete)), say(of_key(kGet, "a"), not_found(kGet))}},

      {"QuietStoresTellErrorsOnly",
       {say(put(kSetQ, "a", "1") + put(kAddQ, "b", "2") + put(kReplaceQ, "a", "3") + join(kAppendQ, "a", "4") +
                join(kPrependQ, "a", "0") + of_key(kDeleteQ, "b") + bare(kNoop),
            done(kNoop)),
        say(of_key(kGet, "a") + of_key(kGet, "b"), hit_of(kGet, "034") + not_found(kGet)),
        say(put(kAddQ, "a", "x") + put(kReplaceQ, "no", "x") + join(kAppendQ, "no", "x") + join(kPrependQ, "no", "x") +
                of_key(kDeleteQ, "no") + bare(kNoop),
            key_exists(kAddQ) + not_found(kReplaceQ) + not_joined(kAppendQ) + not_joined(kPrependQ) +
                not_found(kDeleteQ) + done(kNoop)),
        say(of_key(kGet, "a"), hit_of(kGet, "034"))}},

      {"QuietAndLoudAnswerInOrder",
       {say(put(kSetQ, "a", "1") + put(kSet, "b", "2") + of_key(kGetQ, "no") + of_key(kGetKQ, "a") +
                put(kAddQ, "a", "x") + of_key(kGet, "b") + of_key(kDeleteQ, "a") + of_key(kGetQ, "a") + bare(kNoop),
            put_done(kSet) + hit_of(kGetKQ, "1", 0, "a") + key_exists(kAddQ) + hit_of(kGet, "2") + done(kNoop))}},
  };
}
MARTLET_WIRE_TEST(BinaryWriting, writing());

std::vector<Conversation> ids() {
  return {
      {"AnyIdMakesEveryStoreACompareAndSwap",
       {say(put(kSet, "a", "1"), put_done(kSet, "<#one>")),
        say(put(kSet, "a", "2", "<#one>"), put_done(kSet, "<#two>")),
        say(put(kSet, "a", "x", "<#one>"), key_exists(kSet)),
        say(put(kReplace, "a", "3", "<#two>"), put_done(kReplace, "<#three>")),
        say(put(kReplace, "a", "x", "<#two>"), key_exists(kReplace)),
        say(put(kAdd, "a", "4", "<#three>"), put_done(kAdd, "<#four>")),
        say(put(kAdd, "a", "x", "<#three>"), key_exists(kAdd)),
        say(of_key(kGet, "a"), hit_of(kGet, "4", 0, "", "<#four>"))}},

      {"AnIdOfNothingIsNotFound",
       {say(put(kSet, "no", "x", big64(77)), not_found(kSet)), say(put(kAdd, "no", "x", big64(77)), not_found(kAdd)),
        say(put(kReplace, "no", "x", big64(77)), not_found(kReplace)), say(of_key(kGet, "no"), not_found(kGet))}},

      {"AppendAndPrependCheckTheId",
       {say(put(kSet, "a", "x"), put_done(kSet, "<#one>")),
        say(join(kAppend, "a", "y", "<#one>"), put_done(kAppend, "<#two>")),
        say(join(kAppend, "a", "z", "<#one>"), key_exists(kAppend)),
        say(join(kPrepend, "a", "z", "<#one>"), key_exists(kPrepend)),
        say(join(kPrepend, "a", "w", "<#two>"), put_done(kPrepend)), say(of_key(kGet, "a"), hit_of(kGet, "wxy"))}},

      {"DeleteChecksTheId",
       {say(put(kSet, "a", "x"), put_done(kSet, "<#one>")), say(put(kSet, "a", "y"), put_done(kSet, "<#two>")),
        say(of_key(kDelete, "a", "<#one>"), key_exists(kDelete)),
        say(of_key(kDeleteQ, "a", "<#one>"), key_exists(kDeleteQ)), say(of_key(kGet, "a"), hit_of(kGet, "y")),
        say(of_key(kDelete, "a", "<#two>"), done(kDelete)), say(of_key(kDelete, "a", "<#two>"), not_found(kDelete))}},

      {"SwitchedOffIdsAreZeroAndNeverMatch",
       {say(put(kSet, "a", "x"), put_done(kSet, kNoCas)), say(of_key(kGet, "a"), hit_of(kGet, "x", 0, "", kNoCas)),
        say(put(kSet, "a", "y", big64(1)), key_exists(kSet)), say(of_key(kGet, "a"), hit_of(kGet, "x", 0, "", kNoCas))},
       {"-C"},
       0,
       "memcached without ids hides what is stored in the second of a flush, and the test begins with one"},
  };
}
MARTLET_WIRE_TEST(BinaryIds, ids());

std::vector<Conversation> refused() {
  return {
      {"TooLargeASetIsDroppedAndTakesTheOldItem",
       {say(put(kSet, "guard", "x") + put(kSet, "a", "old"), put_done(kSet) + put_done(kSet)),
        say(put(kSet, "a", poison(kTooLargeValue)) + of_key(kGet, "guard"), too_large(kSet) + hit_of(kGet, "x")),
        say(of_key(kGet, "a"), not_found(kGet))},
       {},
       4096},

      {"TooLargeAValueOfAnotherKindKeepsTheOldItem",
       {say(put(kSet, "a", "old"), put_done(kSet)), say(put(kAdd, "a", poison(kTooLargeValue)), too_large(kAdd)),
        say(put(kReplace, "a", poison(kTooLargeValue)), too_large(kReplace)),
        say(join(kAppend, "a", poison(kTooLargeValue)), too_large(kAppend)),
        say(put(kAddQ, "a", poison(kTooLargeValue)) + join(kPrependQ, "a", poison(kTooLargeValue)) + of_key(kGet, "a"),
            too_large(kAddQ) + too_large(kPrependQ) + hit_of(kGet, "old"))},
       {},
       4096},

      {"TooLargeAValueWithAnIdKeepsTheOldItem",
       {say(put(kSet, "a", "old"), put_done(kSet, "<#cas>")),
        say(put(kSet, "a", poison(kTooLargeValue), "<#cas>"), too_large(kSet)),
        say(of_key(kGet, "a"), hit_of(kGet, "old", 0, "", "<#cas>"))},
       {},
       4096,
       "memcached removes the item whatever id was given"},
  };
}
MARTLET_WIRE_TEST(BinaryRefusedValues, refused());

}  // namespace
}  // namespace martlet::wire
