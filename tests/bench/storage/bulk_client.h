// A client for heavy loads: quiet sets and multi-gets are queued, sent in large writes and answered in one go, so that
// the load costs far less than the server it loads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/socket.h"
#include "tests/bench/storage/multiget_replies.h"

namespace martlet::bench {

// Sending and receiving go on at the same time, so a queue of any size cannot lock both sides up. Calls throw
// BenchError as those of TextClient. One thread at a time.
class BulkClient {
 public:
  using Found = MultigetReplies::Found;

  explicit BulkClient(Socket socket) : socket_(std::move(socket)) {}
  static BulkClient connect(const Endpoint& to);

  // A `set ... noreply`; `ttl` in seconds, 0 for none.
  void queue_set(std::string_view key, std::string_view value, std::uint32_t ttl = 0);
  // A get; gets queued one after the other share request lines of up to 100 keys.
  void queue_get(std::string_view key);
  // True when so much is queued that more would gain nothing.
  bool is_full() const { return out_.size() >= kFullBytes || replies_.keys() >= kFullKeys; }
  std::size_t queued_gets() const { return replies_.keys(); }

  // Sends what is queued, in order, and reads every reply; `found` is called for each key that was found, with its
  // position among the gets queued since the last exchange.
  void exchange(const Found& found);
  // As exchange for a queue without gets.
  void exchange();
  // Sends what is queued (no gets) and waits until the server has executed all of it.
  void settle();

  // Error lines read so far.
  std::uint64_t refused() const { return replies_.refused(); }

 private:
  static constexpr std::size_t kFullBytes = 128 * 1024;
  static constexpr std::size_t kFullKeys = 2000;

  void end_get_line();
  void send_queued();
  void receive(int flags);

  Socket socket_;
  std::string out_;
  std::size_t keys_in_line_ = 0;
  MultigetReplies replies_;
  std::vector<char> in_;
  std::size_t in_begin_ = 0;  // received and not consumed: [in_begin_, in_end_)
  std::size_t in_end_ = 0;
};

}  // namespace martlet::bench
