// Reads the replies of multi-gets and checks them against what was asked. Pure: bytes in, values out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace martlet::bench {

// Keys are announced in the order in which they are asked, then the bytes of the replies are fed as they come. One
// thread at a time.
class MultigetReplies {
 public:
  // Position of the key among those announced since the last reset(), and its value, valid during the call.
  using Found = std::function<void(std::size_t position, std::string_view value)>;

  void expect_key(std::string_view key);
  // The keys announced since the last call were one request line, so that their reply ends with one END.
  void end_line();

  // Consumes whole lines and values from the front of `bytes` and returns how many bytes that were. An error line is
  // counted in refused(); a key that was not asked, or out of its order, a value that does not end where it must and an
  // END too many throw BenchError.
  std::size_t consume(std::string_view bytes, const Found& found);

  bool complete() const { return line_ == line_ends_.size(); }
  std::size_t keys() const { return key_ends_.size(); }
  // Lines that began with SERVER_ERROR, over the whole life.
  std::uint64_t refused() const { return refused_; }
  void reset();

 private:
  std::size_t consume_value(std::string_view bytes, std::size_t head_size, const Found& found);
  std::string_view key_at(std::size_t position) const;

  std::string asked_;                   // the keys, one after the other
  std::vector<std::size_t> key_ends_;   // into asked_
  std::vector<std::size_t> line_ends_;  // number of keys up to the end of each line
  std::size_t position_ = 0;            // first key that may still be answered
  std::size_t line_ = 0;                // line whose reply is being read
  std::uint64_t refused_ = 0;
};

}  // namespace martlet::bench
