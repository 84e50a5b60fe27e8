// StreamDriver: a connection's reading half without a connection. Feeds a codec any bytes in pieces of any size through
// a buffer of bounded size, takes values and trailers off as a connection does, and writes down what came out.
//
// On every call it checks what a codec owes its caller: nothing consumed that was not there, views that lie inside the
// bytes given, keys of 1 to 250 bytes, and progress. Each piece is parsed in a heap block of its exact size, so that
// AddressSanitizer sees a read past the end.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/any_codec.h"
#include "tests/server/protocol/request_text.h"

namespace martlet::protocol {

class StreamDriver {
 public:
  explicit StreamDriver(size_t capacity = 16 * 1024, Dialect dialect = Dialect::ascii) : capacity_(capacity) {
    codec_.speak(dialect);
  }

  // Feeds `bytes` in pieces of `piece` bytes (0: as large as the buffer takes).
  void feed(std::string_view bytes, size_t piece) {
    while (!bytes.empty() && !closed_) {
      const size_t room = capacity_ - pending_.size();
      if (room == 0) {
        ADD_FAILURE() << "stalled with a full buffer of " << pending_.size();
        closed_ = true;
        return;
      }
      const size_t size = std::min({room, bytes.size(), piece == 0 ? room : piece});
      pending_.append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      drain();
    }
  }

  // Requests as text_of() prints them; "value good" or "value bad" after a store's; "close" where the codec gave up.
  const std::vector<std::string>& events() const { return events_; }
  bool closed() const { return closed_; }
  size_t pending() const { return pending_.size(); }  // bytes that have to be kept for want of more

 private:
  void drain() {
    const std::unique_ptr<char[]> block(new char[pending_.size()]);
    std::copy(pending_.begin(), pending_.end(), block.get());
    std::string_view in(block.get(), pending_.size());
    while (!closed_ && step(&in)) {
    }
    pending_.assign(in);
  }

  // False when more bytes are needed.
  bool step(std::string_view* in) {
    if (swallow_ > 0) {
      const size_t size = static_cast<size_t>(std::min<uint64_t>(swallow_, in->size()));
      swallow_ -= size;
      in->remove_prefix(size);
      if (swallow_ > 0) return false;
    }
    if (awaiting_trailer_) {
      if (in->size() < codec_.trailer_size()) return false;
      const Trailer trailer = codec_.finish_value(in->substr(0, codec_.trailer_size()));
      events_.emplace_back(trailer == Trailer::good ? "value good" : "value bad");
      in->remove_prefix(codec_.trailer_size());
      awaiting_trailer_ = false;
    }
    const Parsed parsed = codec_.parse(*in, in->size() == capacity_, &request_);
    EXPECT_LE(parsed.consumed, in->size());
    if (parsed.status == ParseStatus::request) note(*in, parsed);
    in->remove_prefix(std::min(parsed.consumed, in->size()));
    if (parsed.status == ParseStatus::close) {
      events_.emplace_back("close");
      closed_ = true;
    }
    return parsed.status == ParseStatus::request;
  }

  void note(std::string_view in, const Parsed& parsed) {
    EXPECT_GT(parsed.consumed, 0U) << "a request out of nothing";
    const bool keyed = request_.verb == Verb::get || request_.verb == Verb::store || request_.verb == Verb::arith ||
                       request_.verb == Verb::remove || request_.verb == Verb::touch || request_.verb == Verb::inspect;
    EXPECT_EQ(request_.key.empty(), !keyed);
    EXPECT_LE(request_.key.size(), kMaxKeySize);
    EXPECT_EQ(request_.verb == Verb::invalid, request_.failure != Failure::none);
    const std::string_view decoded(request_.decoded.data(), request_.decoded.size());
    expect_inside(request_.base64 ? decoded : in.substr(0, parsed.consumed), request_.key);
    EXPECT_LE(request_.opaque.size(), kMaxOpaqueSize);
    EXPECT_LE(request_.return_count, kMaxReturnFlags);
    expect_inside(in.substr(0, parsed.consumed), request_.opaque);
    for (size_t i = 0; i < request_.arg_count; ++i) expect_inside(in.substr(0, parsed.consumed), request_.args[i]);
    events_.push_back(text_of(request_));
    swallow_ = request_.swallow;
    if (request_.has_value) {
      swallow_ = request_.value_size;
      awaiting_trailer_ = true;
    }
    closed_ = request_.close_after;
  }

  static void expect_inside(std::string_view outer, std::string_view view) {
    if (view.empty()) return;
    EXPECT_GE(view.data(), outer.data());
    EXPECT_LE(view.data() + view.size(), outer.data() + outer.size());
  }

  const size_t capacity_;
  AnyCodec codec_;
  Request request_;
  std::string pending_;
  std::vector<std::string> events_;
  uint64_t swallow_ = 0;
  bool awaiting_trailer_ = false;
  bool closed_ = false;
};

}  // namespace martlet::protocol
