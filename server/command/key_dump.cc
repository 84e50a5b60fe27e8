#include "server/command/key_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <new>

#include "server/base/parse_int.h"
#include "server/base/uri.h"
#include "server/protocol/base64.h"

namespace martlet::command {
namespace {

constexpr size_t kItemsPerPiece = 48;  // lines of the longest keys, escaped, stay below some 40 KiB

// Keys that a line could not hold as they are.
bool needs_base64(std::string_view key) {
  return std::any_of(key.begin(), key.end(), [](char byte) { return static_cast<unsigned char>(byte) <= ' '; });
}

class KeyDump final : public protocol::ReplySource {
 public:
  KeyDump(cache::Cache& cache, cache::CacheContext& context, const RelClock& clock, const DumpOrder& order)
      : cache_(cache), context_(context), clock_(clock), order_(order) {}

  Progress next(protocol::ReplySink& sink) override {
    bool written = true;
    cache_.walk(context_, cursor_, kItemsPerPiece, [&](std::string_view key, const cache::ItemView& item) {
      if (written && !full()) written = list(key, item, sink);
    });
    if (!written) return Progress::no_memory;
    if (!cursor_.done && !full()) return Progress::more;
    return sink.append(order_.form == DumpForm::mgdump ? "EN\r\n" : "END\r\n") ? Progress::done : Progress::no_memory;
  }

 private:
  bool full() const { return items_ >= order_.most_items || bytes_ >= order_.most_bytes; }

  bool list(std::string_view key, const cache::ItemView& item, protocol::ReplySink& sink) {
    if (!order_.classes.test(item.size_class)) return true;
    line_.clear();
    switch (order_.form) {
      case DumpForm::metadump:
        write_meta(key, item);
        break;
      case DumpForm::mgdump:
        write_mg(key, item);
        break;
      case DumpForm::cachedump:
        if (item.binary_key || needs_base64(key)) return true;
        write_item(key, item);
        break;
    }
    ++items_;
    bytes_ += line_.size();
    return sink.append({line_.data(), line_.size()});
  }

  void write_meta(std::string_view key, const cache::ItemView& item) {
    append_text("key=");
    const size_t begin = line_.size();
    line_.resize(begin + kUriGrowth * key.size());
    line_.resize(static_cast<size_t>(put_uri(line_.data() + begin, key) - line_.data()));
    fmt::format_to(std::back_inserter(line_), " exp={} la={} cas={} fetch={} cls={} size={} flags={} \n",
                   item.exptime == kNever ? -1 : clock_.to_unix(item.exptime), clock_.to_unix(item.last_access),
                   item.cas, item.fetched ? "yes" : "no", item.size_class, item.item_size, item.flags);
  }

  void write_mg(std::string_view key, const cache::ItemView& item) {
    append_text("mg ");
    if (item.binary_key || needs_base64(key)) {
      const size_t begin = line_.size();
      line_.resize(begin + protocol::base64_size(key.size()));
      protocol::base64_encode(key, line_.data() + begin);
      append_text(" b");
    } else {
      append_text(key);
    }
    append_text("\r\n");
  }

  void write_item(std::string_view key, const cache::ItemView& item) {
    append_text("ITEM ");
    append_text(key);
    fmt::format_to(std::back_inserter(line_), " [{} b; {} s]\r\n", item.value_size,
                   item.exptime == kNever ? 0 : clock_.to_unix(item.exptime));
  }

  void append_text(std::string_view text) { line_.append(text.data(), text.data() + text.size()); }

  cache::Cache& cache_;
  cache::CacheContext& context_;
  const RelClock& clock_;
  const DumpOrder order_;
  cache::WalkCursor cursor_;
  uint64_t items_ = 0;
  uint64_t bytes_ = 0;
  fmt::memory_buffer line_;
};

}  // namespace

std::optional<std::bitset<kMaxClasses>> parse_classes(std::string_view word) {
  std::bitset<kMaxClasses> out;
  if (word == "all" || word == "hash") return out.set();
  while (!word.empty()) {
    const size_t end = std::min(word.find(','), word.size());
    uint32_t number = 0;
    if (!parse_u32(word.substr(0, end), &number) || number < 1 || number >= kMaxClasses) return std::nullopt;
    out.set(number);
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  if (out.none()) return std::nullopt;
  return out;
}

std::unique_ptr<protocol::ReplySource> make_key_dump(cache::Cache& cache, cache::CacheContext& context,
                                                     const RelClock& clock, const DumpOrder& order) {
  return std::unique_ptr<protocol::ReplySource>(new (std::nothrow) KeyDump(cache, context, clock, order));
}

}  // namespace martlet::command
