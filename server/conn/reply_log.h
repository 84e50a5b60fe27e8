// ReplyLog: a sink that hands everything on and remembers how the reply begins, for -vv.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "server/protocol/codec.h"

namespace martlet::conn {

class ReplyLog final : public protocol::ReplySink {
 public:
  explicit ReplyLog(protocol::ReplySink& to) : to_(to) {}

  bool append(std::string_view bytes) override {
    remember(bytes);
    return to_.append(bytes);
  }
  char* prepare(size_t size) override { return prepared_ = to_.prepare(size); }
  void commit(size_t used) override {
    remember({prepared_, used});
    to_.commit(used);
  }
  bool append_value(PinnedBytes&& value) override { return to_.append_value(std::move(value)); }

  // How it begins; empty when nothing was said.
  std::string_view head() const { return head_; }
  // Text: the first line of that, without its end.
  std::string_view first_line() const { return std::string_view(head_).substr(0, head_.find('\r')); }

 private:
  static constexpr size_t kRemembered = 320;  // a line with the longest key fits

  void remember(std::string_view bytes) { head_ += bytes.substr(0, kRemembered - std::min(kRemembered, head_.size())); }

  protocol::ReplySink& to_;
  char* prepared_ = nullptr;
  std::string head_;
};

}  // namespace martlet::conn
