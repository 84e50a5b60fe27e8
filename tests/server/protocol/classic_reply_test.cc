// Replies, byte for byte.
#include "server/protocol/classic_reply.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/server/protocol/recording_sink.h"

namespace martlet::protocol {
namespace {

std::string written(const Request& request, Response&& response) {
  RecordingSink sink;
  EXPECT_TRUE(write_classic(request, std::move(response), sink));
  return sink.text;
}

std::string written(Outcome outcome) { return written(Request{}, Response::of(outcome)); }

Request get_of(std::string_view key, WireForm wire = WireForm::classic_get) {
  Request request;
  request.verb = Verb::get;
  request.wire = wire;
  request.key = key;
  return request;
}

Response hit_of(std::string_view value, uint32_t flags = 0, uint64_t cas = 0) {
  Response response = Response::of(Outcome::hit);
  response.flags = flags;
  response.cas = cas;
  response.value = PinnedBytes::transient(value);
  return response;
}

TEST(ClassicReply, FixedLines) {
  EXPECT_EQ(written(Outcome::end), "END\r\n");
  EXPECT_EQ(written(Outcome::stored), "STORED\r\n");
  EXPECT_EQ(written(Outcome::not_stored), "NOT_STORED\r\n");
  EXPECT_EQ(written(Outcome::exists), "EXISTS\r\n");
  EXPECT_EQ(written(Outcome::not_found), "NOT_FOUND\r\n");
  EXPECT_EQ(written(Outcome::deleted), "DELETED\r\n");
  EXPECT_EQ(written(Outcome::touched), "TOUCHED\r\n");
  EXPECT_EQ(written(Outcome::ok), "OK\r\n");
  EXPECT_EQ(written(Outcome::reset), "RESET\r\n");
}

TEST(ClassicReply, ErrorLines) {
  EXPECT_EQ(written(Outcome::error), "ERROR\r\n");
  EXPECT_EQ(written(Outcome::too_large), "SERVER_ERROR object too large for cache\r\n");
  EXPECT_EQ(written(Outcome::out_of_memory_storing), "SERVER_ERROR out of memory storing object\r\n");
  EXPECT_EQ(written(Outcome::out_of_memory), "SERVER_ERROR out of memory\r\n");
  EXPECT_EQ(written(Outcome::out_of_memory_get), "SERVER_ERROR out of memory writing get response\r\n");
  EXPECT_EQ(written(Outcome::out_of_memory_read), "SERVER_ERROR Out of memory during read\r\n");
  EXPECT_EQ(written(Outcome::bad_chunk), "CLIENT_ERROR bad data chunk\r\n");
  EXPECT_EQ(written(Outcome::bad_exptime), "CLIENT_ERROR invalid exptime argument\r\n");
  EXPECT_EQ(written(Outcome::non_numeric), "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
}

TEST(ClassicReply, RefusalsOfALine) {
  const auto refused = [](Failure failure) {
    Request request;
    request.failure = failure;
    return written(request, Response::of(Outcome::failure));
  };
  EXPECT_EQ(refused(Failure::unknown_command), "ERROR\r\n");
  EXPECT_EQ(refused(Failure::bad_line), "CLIENT_ERROR bad command line format\r\n");
  EXPECT_EQ(refused(Failure::bad_chunk), "CLIENT_ERROR bad data chunk\r\n");
  EXPECT_EQ(refused(Failure::bad_exptime), "CLIENT_ERROR invalid exptime argument\r\n");
  EXPECT_EQ(refused(Failure::bad_delta), "CLIENT_ERROR invalid numeric delta argument\r\n");
  EXPECT_EQ(refused(Failure::flags_too_long), "CLIENT_ERROR options flags are too long\r\n");
  EXPECT_EQ(refused(Failure::invalid_flag), "CLIENT_ERROR invalid flag\r\n");
  EXPECT_EQ(refused(Failure::duplicate_flag), "CLIENT_ERROR duplicate flag\r\n");
  EXPECT_EQ(refused(Failure::arith_flags), "CLIENT_ERROR invalid or duplicate flag\r\n");
  EXPECT_EQ(refused(Failure::bad_token), "CLIENT_ERROR bad token in command line format\r\n");
  EXPECT_EQ(refused(Failure::opaque_too_long), "CLIENT_ERROR opaque token too long\r\n");
  EXPECT_EQ(refused(Failure::bad_base64_key), "CLIENT_ERROR error decoding key\r\n");
  EXPECT_EQ(refused(Failure::bad_initial_value), "CLIENT_ERROR invalid numeric initial value\r\n");
  EXPECT_EQ(refused(Failure::bad_delta_value), "CLIENT_ERROR invalid numeric delta value\r\n");
  EXPECT_EQ(refused(Failure::bad_store_mode), "CLIENT_ERROR invalid mode for ms M token\r\n");
  EXPECT_EQ(refused(Failure::bad_arith_mode), "CLIENT_ERROR invalid mode for ma M token\r\n");
}

TEST(ClassicReply, LinesWithATextOfTheirOwn) {
  const auto with = [](Outcome outcome, std::string_view text) { return written({}, Response::of(outcome, text)); };
  EXPECT_EQ(with(Outcome::version, "1.6.45"), "VERSION 1.6.45\r\n");
  EXPECT_EQ(with(Outcome::client_error, "flush_all not allowed"), "CLIENT_ERROR flush_all not allowed\r\n");
  EXPECT_EQ(with(Outcome::server_error, "out of memory writing stats"), "SERVER_ERROR out of memory writing stats\r\n");
  EXPECT_EQ(with(Outcome::line, "SERVER_ERROR: shutdown not enabled"), "SERVER_ERROR: shutdown not enabled\r\n");
}

TEST(ClassicReply, ATextOwnedByTheResponseSurvivesItsMoves) {
  Response response = Response::of(Outcome::line);
  response.owned_text = "short";
  response.text = response.owned_text;
  Response moved = std::move(response);  // `text` may point into the old object from here on
  EXPECT_EQ(written({}, std::move(moved)), "short\r\n");
}

TEST(ClassicReply, NothingToSaySaysNothing) {
  EXPECT_EQ(written(Outcome::none), "");
  EXPECT_EQ(written(get_of("k"), Response::of(Outcome::miss)), "");
}

TEST(ClassicReply, NumbersAreDecimal) {
  for (const uint64_t number : {uint64_t{0}, uint64_t{42}, std::numeric_limits<uint64_t>::max()}) {
    Response response = Response::of(Outcome::number);
    response.number = number;
    EXPECT_EQ(written({}, std::move(response)), std::to_string(number) + "\r\n");
  }
}

TEST(ClassicReply, AHitShowsFlagsAndSizeAndForGetsTheCasId) {
  EXPECT_EQ(written(get_of("k"), hit_of("hello")), "VALUE k 0 5\r\nhello\r\n");
  EXPECT_EQ(written(get_of("k"), hit_of("hello", 7, 99)), "VALUE k 7 5\r\nhello\r\n");
  EXPECT_EQ(written(get_of("k", WireForm::classic_gets), hit_of("hello", 7, 99)), "VALUE k 7 5 99\r\nhello\r\n");
  EXPECT_EQ(written(get_of("k"), hit_of("")), "VALUE k 0 0\r\n\r\n");
  EXPECT_EQ(written(get_of("k"), hit_of("a\r\nb")), "VALUE k 0 4\r\na\r\nb\r\n");
}

TEST(ClassicReply, AHitOfTheLargestFiguresFits) {
  const std::string key(250, 'k');
  const std::string value(200, 'v');
  EXPECT_EQ(written(get_of(key, WireForm::classic_gets), hit_of(value, 4294967295U, ~uint64_t{0})),
            "VALUE " + key + " 4294967295 200 18446744073709551615\r\n" + value + "\r\n");
}

TEST(ClassicReply, ValuesOfEverySizeArriveWhole) {
  for (size_t size = 0; size < 1200; ++size) {
    const std::string value(size, 'v');
    EXPECT_EQ(written(get_of("key"), hit_of(value)), "VALUE key 0 " + std::to_string(size) + "\r\n" + value + "\r\n");
  }
}

TEST(ClassicReply, ASmallHitIsOneStep) {
  RecordingSink sink;
  EXPECT_TRUE(write_classic(get_of("key"), hit_of(std::string(100, 'v')), sink));
  EXPECT_EQ(sink.calls, 1);
}

TEST(ClassicReply, APinnedValueIsHandedOverAndLetGoOnce) {
  TwoPieces owner;
  owner.first = std::string(5, 'a');
  owner.second = std::string(3, 'b');
  Response response = Response::of(Outcome::hit);
  response.value = PinnedBytes::pinned(owner, nullptr, 8);
  EXPECT_EQ(written(get_of("k"), std::move(response)), "VALUE k 0 8\r\naaaaabbb\r\n");
  EXPECT_EQ(owner.unpinned, 1);
}

TEST(ClassicReply, StatsAreRowsAndAnEnd) {
  Response response = Response::of(Outcome::stats);
  response.rows = std::make_unique<StatRows>();
  response.rows->emplace_back("pid", "1");
  response.rows->emplace_back("rusage_user", "0.5");
  response.rows->emplace_back("empty", "");
  EXPECT_EQ(written({}, std::move(response)), "STAT pid 1\r\nSTAT rusage_user 0.5\r\nSTAT empty\r\nEND\r\n");
  EXPECT_EQ(written(Outcome::stats), "END\r\n");
}

TEST(ClassicReply, NoreplySilencesEverything) {
  Request request;
  request.noreply = true;
  request.failure = Failure::bad_line;
  for (const Outcome outcome : {Outcome::stored, Outcome::failure, Outcome::too_large, Outcome::deleted, Outcome::ok,
                                Outcome::number, Outcome::bad_chunk, Outcome::error}) {
    EXPECT_EQ(written(request, Response::of(outcome)), "");
  }
}

TEST(ClassicReply, EveryShortageOfMemoryIsReported) {
  const std::string large(5000, 'v');
  const auto response_of = [&large](int kind) {
    Response response = hit_of(large);
    if (kind == 1) response = Response::of(Outcome::stored);
    if (kind == 2) response = Response::of(Outcome::number);
    if (kind == 3) response = Response::of(Outcome::version, "1");
    if (kind == 4) {
      response = Response::of(Outcome::stats);
      response.rows = std::make_unique<StatRows>();
      response.rows->emplace_back("name", "value");
    }
    return response;
  };
  for (int kind = 0; kind < 5; ++kind) {
    RecordingSink whole;
    ASSERT_TRUE(write_classic(get_of("k"), response_of(kind), whole));
    for (int budget = 0; budget < whole.calls; ++budget) {
      RecordingSink poor(budget);
      EXPECT_FALSE(write_classic(get_of("k"), response_of(kind), poor)) << kind << " after " << budget;
      EXPECT_EQ(poor.calls, budget + 1) << "went on after a failure";
    }
  }
}

}  // namespace
}  // namespace martlet::protocol
