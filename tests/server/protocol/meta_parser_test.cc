// Meta lines, and the requests that come out of them.
#include "server/protocol/meta_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/meta_flags.h"
#include "tests/server/protocol/request_text.h"

namespace martlet::protocol {
namespace {

using namespace std::string_literals;

std::string parsed(std::string_view line) {
  EXPECT_TRUE(is_meta(line)) << line;
  Request request;
  request.quiet = request.base64 = request.vivify = true;  // of the request before
  request.return_count = 3;
  parse_meta(line, &request);
  return text_of(request);
}

std::string refused(std::string_view line) {
  Request request;
  parse_meta(line, &request);
  EXPECT_TRUE(request.key.empty() && request.opaque.empty());
  EXPECT_EQ(request.return_count, 0);
  return text_of(request);
}

TEST(MetaParser, KnowsItsCommandsAndNoOthers) {
  for (const std::string_view line : {"mg k", "ms k 1", "md k", "ma k", "me k", "mn", "mg", "mn x"}) {
    EXPECT_TRUE(is_meta(line)) << line;
  }
  for (const std::string_view line : {"", "m", "mx k", "mgg k", "mg\tk", "get k", "Mg k", "mG k", " mg k", "m g"}) {
    EXPECT_FALSE(is_meta(line)) << line;
  }
}

TEST(MetaParser, BareCommands) {
  EXPECT_EQ(parsed("mg k"), "get as:meta key:k no_value");
  EXPECT_EQ(parsed("ms k 5"), "store set as:meta key:k bytes:5 no_value");
  EXPECT_EQ(parsed("md k"), "remove as:meta key:k no_value");
  EXPECT_EQ(parsed("ma k"), "arith as:meta key:k delta:1 no_value");
  EXPECT_EQ(parsed("me k"), "inspect as:meta key:k no_value");
  EXPECT_EQ(parsed("mn"), "noop as:meta");
  EXPECT_EQ(parsed("mn whatever !"), "noop as:meta");
}

TEST(MetaParser, SpacesBetweenAndBehindTheWordsMeanNothing) {
  EXPECT_EQ(parsed("mg   k   v    q   "), "get as:meta key:k quiet");
  EXPECT_EQ(parsed("ms  k  5  q "), "store set as:meta key:k bytes:5 quiet no_value");
}

TEST(MetaParser, ReturnFlagsKeepTheRequestsOrder) {
  EXPECT_EQ(parsed("mg k v t s f c k h l Oid"), "get as:meta key:k return:tsfckhlO opaque:id");
  EXPECT_EQ(parsed("mg k l Oid k v s"), "get as:meta key:k return:lOks opaque:id");
  EXPECT_EQ(parsed("ms k 1 c s k O1 t f h l"), "store set as:meta key:k bytes:1 no_value return:cskO opaque:1");
  EXPECT_EQ(parsed("md k c s k O1 t f h l"), "remove as:meta key:k no_value return:kO opaque:1");
  EXPECT_EQ(parsed("ma k c s k O1 t f h l"), "arith as:meta key:k delta:1 no_value return:ckOt opaque:1");
  EXPECT_EQ(parsed("me k c s k O1 t f h l"), "inspect as:meta key:k no_value opaque:1");
}

TEST(MetaParser, FlagsOfAGet) {
  EXPECT_EQ(parsed("mg k v q u"), "get as:meta key:k quiet peek");
  EXPECT_EQ(parsed("mg k T30"), "get as:meta key:k with_touch exptime:30 no_value");
  EXPECT_EQ(parsed("mg k T-1"), "get as:meta key:k with_touch exptime:-1 no_value");
  EXPECT_EQ(parsed("mg k N30 E99 R10"), "get as:meta key:k no_value new_cas:99 vivify:30 recache:10");
  EXPECT_EQ(parsed("mg k v C18446744073709551615"), "get as:meta key:k cas:18446744073709551615 compare_cas");
}

TEST(MetaParser, TheLastOfNAndTIsTheExpiryOfAnItemThatIsMade) {
  EXPECT_EQ(parsed("mg k N30 T60"), "get as:meta key:k with_touch exptime:60 no_value vivify:60");
  EXPECT_EQ(parsed("mg k T60 N30"), "get as:meta key:k with_touch exptime:60 no_value vivify:30");
  EXPECT_EQ(parsed("ma k N30 T60"), "arith as:meta key:k with_touch exptime:60 delta:1 no_value vivify:60");
  EXPECT_EQ(parsed("ms k 1 MA N30 T60"), "store append as:meta key:k with_touch exptime:60 bytes:1 no_value vivify:30");
}

TEST(MetaParser, TimesHave64Bits) {
  EXPECT_EQ(parsed("mg k T4102444800"), "get as:meta key:k with_touch exptime:4102444800 no_value");
  EXPECT_EQ(refused("mg k T9223372036854775808"), "invalid bad_token");
}

TEST(MetaParser, ModesOfAStore) {
  EXPECT_EQ(parsed("ms k 1 MS"), "store set as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 ME"), "store add as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 MR"), "store replace as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 MA"), "store append as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 MP"), "store prepend as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 MSfoo"), "store set as:meta key:k bytes:1 no_value");
  for (const std::string_view mode : {"M", "Ms", "Me", "MX", "M1", "MC"}) {
    EXPECT_EQ(refused("ms k 1 " + std::string(mode)), "invalid bad_store_mode swallow:3") << mode;
  }
}

TEST(MetaParser, AnIdMakesSetAndReplaceCompare) {
  EXPECT_EQ(parsed("ms k 1 C5"), "store cas as:meta key:k bytes:1 cas:5 no_value");
  EXPECT_EQ(parsed("ms k 1 C0 MR"), "store cas as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 C5 I"), "store cas as:meta key:k bytes:1 cas:5 no_value invalidate");
}

TEST(MetaParser, AppendComparesIdsAboveZeroAndAddNone) {
  EXPECT_EQ(parsed("ms k 1 MA C5"), "store append as:meta key:k bytes:1 cas:5 no_value compare_cas");
  EXPECT_EQ(parsed("ms k 1 MP C0"), "store prepend as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 ME C5"), "store add as:meta key:k bytes:1 cas:5 no_value");
}

TEST(MetaParser, WhatOnlySomeModesKnowIsDroppedInTheOthers) {
  EXPECT_EQ(parsed("ms k 1 I"), "store set as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 I MA C5"), "store append as:meta key:k bytes:1 cas:5 no_value compare_cas");
  EXPECT_EQ(parsed("ms k 1 N30"), "store set as:meta key:k bytes:1 no_value");
  EXPECT_EQ(parsed("ms k 1 MP N30"), "store prepend as:meta key:k bytes:1 no_value vivify:30");
}

TEST(MetaParser, FlagsOfAStore) {
  EXPECT_EQ(parsed("ms k 1 T60 F4294967295 E7 q"),
            "store set as:meta key:k flags:4294967295 with_touch exptime:60 bytes:1 quiet no_value new_cas:7");
}

TEST(MetaParser, FlagsOfADelete) {
  EXPECT_EQ(parsed("md k I T30 C9 E8 q"),
            "remove as:meta key:k with_touch exptime:30 cas:9 quiet no_value invalidate compare_cas new_cas:8");
  EXPECT_EQ(parsed("md k x F3"), "remove as:meta key:k flags:3 no_value clear_value");
  EXPECT_EQ(parsed("md k C0"), "remove as:meta key:k no_value compare_cas");
}

TEST(MetaParser, FlagsOfArithmetic) {
  EXPECT_EQ(parsed("ma k D7 J100 N0 v"), "arith as:meta key:k delta:7 vivify:0 initial:100");
  EXPECT_EQ(parsed("ma k MD"), "arith as:meta key:k negative delta:1 no_value");
  EXPECT_EQ(parsed("ma k M-"), "arith as:meta key:k negative delta:1 no_value");
  EXPECT_EQ(parsed("ma k MI D0"), "arith as:meta key:k delta:0 no_value");
  EXPECT_EQ(parsed("ma k M+"), "arith as:meta key:k delta:1 no_value");
  EXPECT_EQ(parsed("ma k C5"), "arith as:meta key:k cas:5 delta:1 no_value compare_cas");
  EXPECT_EQ(parsed("ma k C0"), "arith as:meta key:k delta:1 no_value");
  for (const std::string_view mode : {"M", "Mi", "Md", "MS", "MX"}) {
    EXPECT_EQ(refused("ma k " + std::string(mode)), "invalid bad_arith_mode") << mode;
  }
}

TEST(MetaParser, LettersKnownAnywhereAreAcceptedEverywhere) {
  for (const std::string_view command : {"mg k", "ms k 1", "md k", "ma k", "me k"}) {
    for (const std::string_view flag : {"b", "k",  "O1", "q",  "c",  "C1", "E1", "f",  "s",  "t", "h",    "l",   "v",
                                        "u", "N1", "R1", "T1", "F1", "I",  "x",  "J1", "D1", "P", "Lany", "Pany"}) {
      std::string line(command);
      if (flag == "b") line.replace(3, 1, "Zm9v");
      Request request;
      parse_meta(line + " " + std::string(flag), &request);
      EXPECT_NE(request.verb, Verb::invalid) << line << flag;
    }
  }
  EXPECT_EQ(parsed("mg k M"), "get as:meta key:k no_value");
}

TEST(MetaParser, EveryLetterOfTheTableIsTakenOrRefusedAsItSays) {
  size_t known = 0;
  for (unsigned char letter = kFirstMetaFlag; letter <= kLastMetaFlag; ++letter) {
    const bool refusing = kMetaFlags[letter - size_t{kFirstMetaFlag}].effect == MetaEffect::refused;
    known += refusing ? 0 : 1;
    Request request;
    parse_meta("mg Zm9v "s + static_cast<char>(letter) + "1", &request);
    EXPECT_EQ(request.failure == Failure::invalid_flag, refusing) << letter;
  }
  EXPECT_EQ(known, kMetaFlagRows.size());
}

TEST(MetaParser, WordsThatCanBeNoFlag) {
  EXPECT_EQ(refused("mg k S"), "invalid invalid_flag");
  EXPECT_EQ(refused("mg k S100"), "invalid invalid_flag");
  EXPECT_EQ(refused("mg k 1"), "invalid invalid_flag");
  EXPECT_EQ(refused("mg k 9v"), "invalid invalid_flag");
  EXPECT_EQ(refused("mg k ["), "invalid invalid_flag");
  for (const std::string_view word : {"!", "-1", "@", "{", "~", "\x7f", "\xff", "\tv"}) {
    EXPECT_EQ(refused("mg k v v S " + std::string(word)), "invalid bad_line") << word;
    EXPECT_EQ(refused("ma k " + std::string(word)), "invalid bad_line") << word;
  }
  EXPECT_EQ(refused("mg k \0"s), "invalid bad_line");
}

TEST(MetaParser, ARepeatedLetterIsRefused) {
  EXPECT_EQ(refused("mg k v v"), "invalid duplicate_flag");
  EXPECT_EQ(refused("mg k T30 q T40"), "invalid duplicate_flag");
  EXPECT_EQ(refused("mg k v v S"), "invalid duplicate_flag");
  EXPECT_EQ(refused("mg k S v v"), "invalid invalid_flag");
}

TEST(MetaParser, WhatFollowsAMarkMeansNothing) { EXPECT_EQ(parsed("mg k vv kk"), "get as:meta key:k return:k"); }

TEST(MetaParser, ArgumentsThatAreNoNumbers) {
  for (const char letter : {'N', 'T', 'R', 'C', 'E'}) {
    for (const std::string_view argument : {"", "x", "1x", "+1", " ", "99999999999999999999"}) {
      const std::string line = "mg k "s + letter + std::string(argument);
      EXPECT_EQ(refused(line), "invalid bad_token") << line;
    }
  }
  EXPECT_EQ(refused("mg k C-1"), "invalid bad_token");
  EXPECT_EQ(refused("ms k 1 Fx"), "invalid bad_line swallow:3");
  EXPECT_EQ(refused("ms k 1 F4294967296"), "invalid bad_line swallow:3");
  EXPECT_EQ(refused("mg k Jx"), "invalid bad_initial_value");
  EXPECT_EQ(refused("mg k D-1"), "invalid bad_delta_value");
}

TEST(MetaParser, TheLastBadArgumentIsTold) {
  EXPECT_EQ(refused("mg k Tx Dx"), "invalid bad_delta_value");
  EXPECT_EQ(refused("mg k Dx Tx"), "invalid bad_token");
  EXPECT_EQ(refused("mg k Tx Fx"), "invalid bad_token");
  EXPECT_EQ(refused("mg k Tx v v"), "invalid duplicate_flag");
}

TEST(MetaParser, ArithmeticSaysTheSameOfEveryBadFlag) {
  for (const std::string_view flags : {"S", "1", "v v", "Tx", "Dx", "Jx", "Fx", "b"}) {
    EXPECT_EQ(refused("ma k " + std::string(flags)), "invalid arith_flags") << flags;
  }
}

TEST(MetaParser, KeysInBase64AreDecoded) {
  EXPECT_EQ(parsed("mg Zm9v b"), "get as:meta key:foo base64 no_value");
  EXPECT_EQ(parsed("me Zm9v b"), "inspect as:meta key:foo base64 no_value");
  EXPECT_EQ(parsed("ms Zm9v 2 k b"), "store set as:meta key:foo bytes:2 base64 no_value return:k");
  EXPECT_EQ(parsed("md AAogDQ== b"), "remove as:meta key:\0\n \r base64 no_value"s);
  EXPECT_EQ(parsed("mg Zm9v"), "get as:meta key:Zm9v no_value");
}

TEST(MetaParser, KeysThatAreNoBase64AreRefused) {
  for (const std::string_view key : {"Zm9", "Zm9v!", "Zm9vYg", "====", "Zh==", "Zg==Zg=="}) {
    EXPECT_EQ(refused("mg " + std::string(key) + " b"), "invalid bad_base64_key") << key;
    EXPECT_EQ(refused("ms " + std::string(key) + " 2 b"), "invalid bad_base64_key swallow:4") << key;
  }
}

TEST(MetaParser, KeysHaveUpTo250Bytes) {
  const std::string longest(250, 'k');
  EXPECT_EQ(parsed("mg " + longest), "get as:meta key:" + longest + " no_value");
  EXPECT_EQ(refused("mg " + longest + "k"), "invalid bad_line");
  EXPECT_EQ(refused("ma " + longest + "k"), "invalid bad_line");
  EXPECT_EQ(refused("ms " + longest + "k 2"), "invalid bad_line swallow:4");
  EXPECT_EQ(refused("mg " + std::string(252, 'A') + " b"), "invalid bad_line");
  EXPECT_EQ(refused("mg " + std::string(2000, 'A') + " b v"), "invalid bad_line");
  const std::string encoded(248, 'A');  // 186 NULs
  EXPECT_EQ(parsed("mg " + encoded + " b"), "get as:meta key:" + std::string(186, '\0') + " base64 no_value");
}

TEST(MetaParser, OpaquesHaveUpTo32Bytes) {
  const std::string longest(32, 'o');
  EXPECT_EQ(parsed("mg k O" + longest), "get as:meta key:k no_value return:O opaque:" + longest);
  EXPECT_EQ(parsed("mg k O"), "get as:meta key:k no_value return:O");
  EXPECT_EQ(refused("mg k O" + longest + "o"), "invalid opaque_too_long");
  EXPECT_EQ(refused("ms k 7 O" + longest + "o"), "invalid opaque_too_long swallow:9");
  EXPECT_EQ(refused("ma k MX O" + longest + "o"), "invalid bad_arith_mode");
}

TEST(MetaParser, ALineHasUpTo20Words) {
  const std::string eighteen = " b k q c f s t h l v u I x P L O1 T1 N1";
  EXPECT_EQ(refused("mg Zm9v" + eighteen + " R1"), "invalid flags_too_long");
  EXPECT_EQ(refused("ms Zm9v 2" + eighteen), "invalid flags_too_long swallow:4");
  EXPECT_EQ(refused("mg k" + eighteen + " v v v"), "invalid flags_too_long");
  EXPECT_NE(parsed("mg Zm9v" + eighteen).find("return:kcfsthlO"), std::string::npos);
}

TEST(MetaParser, LinesWithTooFewWords) {
  for (const std::string_view line : {"mg", "mg ", "md", "ma   ", "me", "ms", "ms k", "ms  "}) {
    EXPECT_EQ(refused(line), "invalid bad_line") << line;
  }
}

TEST(MetaParser, LengthsOfAStore) {
  EXPECT_EQ(parsed("ms k 0"), "store set as:meta key:k bytes:0 no_value");
  EXPECT_EQ(parsed("ms k 2147483645"), "store set as:meta key:k bytes:2147483645 no_value");
  for (const std::string_view length : {"x", "1x", "S100", "+1", "v"}) {
    EXPECT_EQ(refused("ms k " + std::string(length)), "invalid bad_line") << length;
  }
  for (const std::string_view length : {"-1", "2147483646", "4294967296", "99999999999999999999"}) {
    EXPECT_EQ(refused("ms k " + std::string(length) + " q"), "invalid bad_line close_after") << length;
  }
}

TEST(MetaParser, TheValueOfEveryRefusedStoreIsDropped) {
  for (const std::string_view flags : {"S", "1", "!", "v v", "Tx", "MX", "C"}) {
    EXPECT_NE(refused("ms k 10 " + std::string(flags)).find("swallow:12"), std::string::npos) << flags;
  }
}

}  // namespace
}  // namespace martlet::protocol
