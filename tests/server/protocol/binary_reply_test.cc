// Reply packets, byte for byte.
#include "server/protocol/binary_reply.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/protocol/binary_header.h"
#include "tests/server/protocol/recording_sink.h"
#include "tests/support/binary_packet.h"

namespace martlet::protocol {
namespace {

using support::big32;
using support::big64;
using support::Packet;

std::string written(const Request& request, Response&& response) {
  RecordingSink sink;
  EXPECT_TRUE(write_binary(request, std::move(response), sink));
  return sink.text;
}

Request request_of(Opcode opcode, Verb verb, std::string_view key = {}) {
  Request request;
  request.wire = WireForm::binary;
  request.verb = verb;
  request.opcode = static_cast<uint8_t>(opcode);
  request.binary_opaque = support::kOpaque;
  request.key = key;
  return request;
}

Packet reply_of(Opcode opcode, Status status = Status::ok) {
  Packet packet;
  packet.magic = 0x81;
  packet.opcode = static_cast<uint8_t>(opcode);
  packet.status = static_cast<uint16_t>(status);
  return packet;
}

std::string failed(Opcode opcode, Status status, std::string text) {
  Packet packet = reply_of(opcode, status);
  packet.value = std::move(text);
  return packet.bytes();
}

Response hit_of(PinnedBytes&& value, uint32_t flags = 0, uint64_t cas = 0) {
  Response response = Response::of(Outcome::hit);
  response.flags = flags;
  response.cas = cas;
  response.value = std::move(value);
  return response;
}

TEST(BinaryReply, AHitIsFlagsIdAndValue) {
  Packet expected = reply_of(Opcode::get);
  expected.extras = big32(0xa0b0c0d0);
  expected.cas = big64(0x1122334455667788);
  expected.value = "hello";
  EXPECT_EQ(written(request_of(Opcode::get, Verb::get, "key"),
                    hit_of(PinnedBytes::transient("hello"), 0xa0b0c0d0, 0x1122334455667788)),
            expected.bytes());
}

TEST(BinaryReply, TheKeyIsRepeatedWhereItWasAskedFor) {
  for (const Opcode opcode : {Opcode::getk, Opcode::getkq, Opcode::gatk, Opcode::gatkq}) {
    Packet expected = reply_of(opcode);
    expected.extras = big32(1);
    expected.key = "key";
    expected.value = "v";
    EXPECT_EQ(written(request_of(opcode, Verb::get, "key"), hit_of(PinnedBytes::transient("v"), 1)), expected.bytes());

    Packet missed = reply_of(opcode, Status::not_found);
    missed.key = "key";
    EXPECT_EQ(written(request_of(opcode, Verb::get, "key"), Response::of(Outcome::miss)), missed.bytes());
  }
}

TEST(BinaryReply, ATouchAnswersFlagsAndNoValue) {
  Request request = request_of(Opcode::touch, Verb::get, "key");
  request.want_value = false;
  Packet expected = reply_of(Opcode::touch);
  expected.extras = big32(7);
  expected.cas = big64(3);
  EXPECT_EQ(written(request, hit_of(PinnedBytes::transient("value"), 7, 3)), expected.bytes());
  EXPECT_EQ(written(request, Response::of(Outcome::miss)), failed(Opcode::touch, Status::not_found, "Not found"));
}

TEST(BinaryReply, ValuesOfEverySizeAroundThePrepareLimit) {
  for (size_t size = 0; size < 600; ++size) {
    const std::string value(size, 'v');
    Packet expected = reply_of(Opcode::getk);
    expected.extras = big32(0);
    expected.key = std::string(250, 'k');
    expected.value = value;
    RecordingSink sink;
    ASSERT_TRUE(
        write_binary(request_of(Opcode::getk, Verb::get, expected.key), hit_of(PinnedBytes::transient(value)), sink));
    ASSERT_EQ(sink.text, expected.bytes()) << size;
    ASSERT_EQ(sink.calls, 24 + 4 + 250 + size <= 512 ? 1 : 2) << size;
  }
}

TEST(BinaryReply, APinnedValueIsHandedOverAndLetGo) {
  TwoPieces owner;
  owner.first = "first half, ";
  owner.second = "second half";
  const size_t size = owner.first.size() + owner.second.size();
  Packet expected = reply_of(Opcode::get);
  expected.extras = big32(0);
  expected.value = owner.first + owner.second;
  EXPECT_EQ(written(request_of(Opcode::get, Verb::get, "k"), hit_of(PinnedBytes::pinned(owner, nullptr, size))),
            expected.bytes());
  EXPECT_EQ(owner.unpinned, 1);
}

TEST(BinaryReply, ANumberIsEightBytes) {
  Response response = Response::of(Outcome::number);
  response.number = 0x0102030405060708;
  response.cas = 9;
  Packet expected = reply_of(Opcode::increment);
  expected.value = big64(0x0102030405060708);
  expected.cas = big64(9);
  EXPECT_EQ(written(request_of(Opcode::increment, Verb::arith, "k"), std::move(response)), expected.bytes());
}

TEST(BinaryReply, AStoreAnswersTheNewId) {
  Response response = Response::of(Outcome::stored);
  response.cas = 0xff00000000000001;
  Packet expected = reply_of(Opcode::set);
  expected.cas = big64(0xff00000000000001);
  EXPECT_EQ(written(request_of(Opcode::set, Verb::store, "k"), std::move(response)), expected.bytes());
}

TEST(BinaryReply, SuccessWithNothingToSayIsABareHeader) {
  const std::vector<std::pair<Opcode, std::pair<Verb, Outcome>>> cases = {
      {Opcode::remove, {Verb::remove, Outcome::deleted}}, {Opcode::noop, {Verb::noop, Outcome::end}},
      {Opcode::flush, {Verb::flush_all, Outcome::ok}},    {Opcode::quit, {Verb::quit, Outcome::none}},
      {Opcode::stat, {Verb::stats, Outcome::reset}},      {Opcode::stat, {Verb::stats, Outcome::ok}}};
  for (const auto& [opcode, how] : cases) {
    EXPECT_EQ(written(request_of(opcode, how.first), Response::of(how.second)), reply_of(opcode).bytes());
  }
}

TEST(BinaryReply, TheVersionIsItsText) {
  EXPECT_EQ(written(request_of(Opcode::version, Verb::version), Response::of(Outcome::version, "1.6.45-x")),
            failed(Opcode::version, Status::ok, "1.6.45-x"));
}

TEST(BinaryReply, EveryStatusHasItsText) {
  const auto answer = [](Verb verb, Outcome outcome, StoreMode mode = StoreMode::set) {
    Request request = request_of(Opcode::set, verb, "k");
    request.mode = mode;
    return written(request, Response::of(outcome));
  };
  const auto expect = [](Status status, const char* text) { return failed(Opcode::set, status, text); };
  const std::string not_found = expect(Status::not_found, "Not found");
  const std::string exists = expect(Status::exists, "Data exists for key.");
  EXPECT_EQ(answer(Verb::get, Outcome::miss), not_found);
  EXPECT_EQ(answer(Verb::remove, Outcome::not_found), not_found);
  EXPECT_EQ(answer(Verb::stats, Outcome::error), not_found);
  EXPECT_EQ(answer(Verb::store, Outcome::exists), exists);
  EXPECT_EQ(answer(Verb::store, Outcome::not_stored, StoreMode::add), exists);
  EXPECT_EQ(answer(Verb::store, Outcome::not_stored, StoreMode::replace), not_found);
  EXPECT_EQ(answer(Verb::store, Outcome::not_stored, StoreMode::append), expect(Status::not_stored, "Not stored."));
  EXPECT_EQ(answer(Verb::store, Outcome::not_stored, StoreMode::prepend), expect(Status::not_stored, "Not stored."));
  EXPECT_EQ(answer(Verb::store, Outcome::too_large), expect(Status::too_large, "Too large."));
  EXPECT_EQ(answer(Verb::arith, Outcome::non_numeric),
            expect(Status::non_numeric, "Non-numeric server-side value for incr or decr"));
  EXPECT_EQ(answer(Verb::store, Outcome::out_of_memory_storing),
            expect(Status::out_of_memory, "Out of memory allocating item"));
  EXPECT_EQ(answer(Verb::store, Outcome::out_of_memory_read),
            expect(Status::out_of_memory, "Out of memory during read"));
  EXPECT_EQ(answer(Verb::arith, Outcome::out_of_memory),
            expect(Status::out_of_memory, "Out of memory incrementing value"));
  EXPECT_EQ(answer(Verb::get, Outcome::out_of_memory_get), expect(Status::out_of_memory, "Out of memory"));
}

TEST(BinaryReply, RefusalsOfTheParserHaveTheirStatus) {
  const auto answer = [](Failure failure) {
    Request request = request_of(Opcode::set, Verb::invalid);
    request.failure = failure;
    return written(request, Response::of(Outcome::failure));
  };
  EXPECT_EQ(answer(Failure::unknown_opcode), failed(Opcode::set, Status::unknown_opcode, "Unknown command"));
  EXPECT_EQ(answer(Failure::invalid_arguments), failed(Opcode::set, Status::invalid_arguments, "Invalid arguments"));
  EXPECT_EQ(answer(Failure::unknown_stats), failed(Opcode::set, Status::not_found, "Not found"));
}

TEST(BinaryReply, WhatAnOptionForbidsIsAnAuthFailure) {
  EXPECT_EQ(
      written(request_of(Opcode::flush, Verb::flush_all), Response::of(Outcome::client_error, "flush_all not allowed")),
      failed(Opcode::flush, Status::refused, "Auth failure."));
  EXPECT_EQ(written(request_of(Opcode::stat, Verb::stats), Response::of(Outcome::client_error, "usage: stats detail")),
            failed(Opcode::stat, Status::not_found, "Not found"));
}

TEST(BinaryReply, AnErrorOfTheServerBringsItsText) {
  EXPECT_EQ(written(request_of(Opcode::stat, Verb::stats),
                    Response::of(Outcome::server_error, "out of memory writing stats")),
            failed(Opcode::stat, Status::out_of_memory, "out of memory writing stats"));
}

TEST(BinaryReply, AFailureCarriesNoId) {
  Response response = Response::of(Outcome::exists);
  response.cas = 77;
  EXPECT_EQ(written(request_of(Opcode::set, Verb::store, "k"), std::move(response)),
            failed(Opcode::set, Status::exists, "Data exists for key."));
}

TEST(BinaryReply, QuietHidesSuccessAndNothingElse) {
  const auto answer = [](Opcode opcode, Verb verb, Outcome outcome) {
    Request request = request_of(opcode, verb, verb == Verb::get ? "k" : "");
    request.quiet = true;
    return written(request, Response::of(outcome));
  };
  EXPECT_EQ(answer(Opcode::setq, Verb::store, Outcome::stored), "");
  EXPECT_EQ(answer(Opcode::removeq, Verb::remove, Outcome::deleted), "");
  EXPECT_EQ(answer(Opcode::incrementq, Verb::arith, Outcome::number), "");
  EXPECT_EQ(answer(Opcode::flushq, Verb::flush_all, Outcome::ok), "");
  EXPECT_EQ(answer(Opcode::quitq, Verb::quit, Outcome::none), "");
  EXPECT_EQ(answer(Opcode::removeq, Verb::remove, Outcome::not_found),
            failed(Opcode::removeq, Status::not_found, "Not found"));
  EXPECT_EQ(answer(Opcode::setq, Verb::store, Outcome::exists),
            failed(Opcode::setq, Status::exists, "Data exists for key."));
  EXPECT_EQ(answer(Opcode::setq, Verb::store, Outcome::too_large),
            failed(Opcode::setq, Status::too_large, "Too large."));
}

TEST(BinaryReply, AQuietGetHidesMissesAndNothingElse) {
  for (const Opcode opcode : {Opcode::getq, Opcode::getkq, Opcode::gatq, Opcode::gatkq}) {
    Request request = request_of(opcode, Verb::get, "k");
    request.quiet = true;
    EXPECT_EQ(written(request, Response::of(Outcome::miss)), "");
    EXPECT_NE(written(request, hit_of(PinnedBytes::transient("v"))), "");
    EXPECT_EQ(written(request, Response::of(Outcome::out_of_memory_get)),
              failed(opcode, Status::out_of_memory, "Out of memory"));
  }
}

TEST(BinaryReply, StatsAreAPacketEachAndAnEmptyOne) {
  Response response = Response::of(Outcome::stats);
  response.rows = std::make_unique<StatRows>();
  response.rows->emplace_back("pid", "17");
  response.rows->emplace_back("empty", "");
  response.rows->emplace_back("long", std::string(2000, 'x'));
  std::string expected;
  for (const auto& [name, value] : *response.rows) {
    Packet packet = reply_of(Opcode::stat);
    packet.key = name;
    packet.value = value;
    expected += packet.bytes();
  }
  EXPECT_EQ(written(request_of(Opcode::stat, Verb::stats), std::move(response)),
            expected + reply_of(Opcode::stat).bytes());
}

TEST(BinaryReply, AListingInLinesIsOnePacketAndAnEmptyOne) {
  Response response = Response::of(Outcome::line);
  response.owned_text = "PREFIX a get 1\r\nEND";
  Packet expected = reply_of(Opcode::stat);
  expected.key = "detailed";
  expected.value = "PREFIX a get 1\r\nEND\r\n";
  EXPECT_EQ(written(request_of(Opcode::stat, Verb::stats), std::move(response)),
            expected.bytes() + reply_of(Opcode::stat).bytes());
}

TEST(BinaryReply, WantOfMemoryIsToldToTheCaller) {
  for (int budget = 0; budget < 5; ++budget) {
    RecordingSink sink(budget);
    Response response = Response::of(Outcome::stats);
    response.rows = std::make_unique<StatRows>();
    response.rows->emplace_back("name", std::string(1000, 'x'));
    const bool complete = write_binary(request_of(Opcode::stat, Verb::stats), std::move(response), sink);
    EXPECT_EQ(complete, budget >= 4) << budget;
  }
  const std::string value(1000, 'v');
  for (int budget = 0; budget < 3; ++budget) {
    RecordingSink sink(budget);
    EXPECT_EQ(write_binary(request_of(Opcode::get, Verb::get, "k"), hit_of(PinnedBytes::transient(value)), sink),
              budget >= 2);
  }
}

}  // namespace
}  // namespace martlet::protocol
