// The loops behind most scenarios.
#include "tests/bench/storage/fill.h"

#include <fmt/format.h>

namespace martlet::bench {
namespace {

constexpr std::size_t kOverhead = 32;
constexpr std::size_t kReplyBytes = 4U << 20;  // read back in one exchange

}  // namespace

ItemRange overfill(std::size_t megabytes, std::size_t value_size) {
  const std::size_t held = (megabytes << 20) / (kKeySize + value_size + kOverhead);
  return {.first = 0, .count = held + held / 2, .value_size = value_size};
}

void write_items(BulkClient& client, const NumberedValues& values, const ItemRange& items) {
  for (std::uint64_t number = items.first; number < items.first + items.count; ++number) {
    client.queue_set(NumberedKey(number).view(), values.value(number, items.value_size));
    if (client.is_full()) client.exchange();
  }
  client.settle();
}

std::uint64_t count_items(BulkClient& client, const NumberedValues& values, const ItemRange& items, Sample& out) {
  std::uint64_t held = 0;
  std::uint64_t wrong = 0;
  std::uint64_t batch = items.first;
  const auto check = [&](std::size_t position, std::string_view value) {
    ++held;
    if (value.size() != items.value_size || !values.is_of(batch + position, value)) ++wrong;
  };
  const std::uint64_t end = items.first + items.count;
  while (batch < end) {
    std::uint64_t number = batch;
    while (number < end && !client.is_full() && (number - batch) * items.value_size <= kReplyBytes) {
      client.queue_get(NumberedKey(number++).view());
    }
    client.exchange(check);
    batch = number;
  }
  if (wrong != 0) out.complaints.push_back(fmt::format("{} values are not those written", wrong));
  return held;
}

}  // namespace martlet::bench
