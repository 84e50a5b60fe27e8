// The slab class that memcached would keep an item in, by its default ladder: for tools that group items by `clsid`.
// There are no slab classes here; nothing but what is shown depends on this.
#pragma once

#include <cstddef>
#include <cstdint>

namespace martlet::command {

// Bytes that memcached 1.6 takes for an item on 64 bits: header, CAS id, key and NUL, client flags unless they are 0,
// value and CR LF.
uint32_t slab_item_size(size_t key_size, uint32_t flags, uint32_t value_size);

// 1 to 39: the first of the chunk sizes 96, growing by 1.25 and rounded up to 8, ... 524288 that holds `item_size`;
// the last also for items of several chunks.
uint32_t size_class(uint32_t item_size);

}  // namespace martlet::command
