// Filling a server with items of one size and counting, by reading every key back, how many of them it holds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/bench/scenario.h"
#include "tests/bench/storage/bulk_client.h"
#include "tests/bench/storage/numbered_data.h"

namespace martlet::bench {

// Items [first, first + count): key NumberedKey(number), value of that number.
struct ItemRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::size_t value_size = 0;
};

// As many items of one size as 1.5 times what a memory of `megabytes` could hold at 32 bytes of overhead each.
ItemRange overfill(std::size_t megabytes, std::size_t value_size);

// Stores the items in the order of their numbers and returns when the server has executed all of it.
void write_items(BulkClient& client, const NumberedValues& values, const ItemRange& items);

// Items that are found; one whose value is not the one written is a complaint.
std::uint64_t count_items(BulkClient& client, const NumberedValues& values, const ItemRange& items, Sample& out);

}  // namespace martlet::bench
