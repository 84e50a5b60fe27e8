// stats segments: the storage engine as it is. What the rows mean stands in docs/stats.md.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "server/command/handlers.h"

namespace martlet::command {

using cache::SegmentFigures;
using protocol::StatRows;

namespace {

class Rows {
 public:
  void add(std::string_view name, uint64_t value) { rows_.emplace_back(name, std::to_string(value)); }
  // part / whole, as a decimal with three digits; 0 where there is no whole.
  void add_share(std::string_view name, uint64_t part, uint64_t whole) {
    const double share = whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
    rows_.emplace_back(name, fmt::format("{:.3f}", share));
  }
  StatRows take() { return std::move(rows_); }

 private:
  StatRows rows_;
};

void add_segments(const SegmentFigures& figures, Rows& rows) {
  rows.add("segment_size", figures.segment_size);
  rows.add("segments", figures.segments);
  rows.add("segments_free", figures.free);
  rows.add("segments_open", figures.open);
  rows.add("segments_sealed", figures.sealed);
  rows.add("segments_draining", figures.draining);
  rows.add("segments_quarantined", figures.quarantined);
  rows.add("segments_small_queue", figures.small_queue);
  rows.add("segments_main_queue", figures.main_queue);
  rows.add("segments_pinned", figures.pinned_segments);
  rows.add("segments_uploading", figures.upload_segments);
  rows.add("bytes_used", figures.used_bytes);
  rows.add("bytes_live", figures.live_bytes);
  rows.add_share("live_share", figures.live_bytes, figures.used_bytes);
}

void add_work(const SegmentFigures& figures, Rows& rows) {
  rows.add("segments_evicted", figures.segments_evicted);
  rows.add("segments_cleaned", figures.segments_cleaned);
  rows.add("segments_swept", figures.segments_swept);
  rows.add("items_moved", figures.items_moved);
  rows.add("bytes_written", figures.bytes_written);
  rows.add("bytes_copied", figures.bytes_moved);
  rows.add_share("copied_per_written", figures.bytes_moved, figures.bytes_written);
  rows.add("assists", figures.assists);
  rows.add("ghosts_made", figures.ghosts_made);
  rows.add("ghosts_readmitted", figures.ghosts_readmitted);
}

void add_ttl_classes(const SegmentFigures& figures, Rows& rows) {
  rows.add("ttl_classes", figures.ttl_classes);
  for (uint32_t i = 0; i < figures.ttl_classes && i < SegmentFigures::kMostTtlClasses; ++i) {
    const SegmentFigures::TtlClass& row = figures.ttl_class[i];
    rows.add(fmt::format("ttl_class:{}:shortest", i), row.shortest);
    rows.add_share(fmt::format("ttl_class:{}:share", i), row.share_permille, 1000);
    rows.add(fmt::format("ttl_class:{}:segments", i), row.segments);
  }
}

void add_index(const SegmentFigures& figures, Rows& rows) {
  constexpr uint64_t kSlotsPerBucket = 7;
  rows.add("index_segments", figures.index_segments);
  rows.add("index_buckets", figures.index_buckets);
  rows.add("index_overflow_buckets", figures.index_overflow_buckets);
  rows.add("index_items", figures.index_items);
  rows.add_share("index_load", figures.index_items, figures.index_buckets * kSlotsPerBucket);
}

}  // namespace

StatRows segment_rows(const CommandContext& context) {
  const SegmentFigures figures = context.cache.segment_figures();
  Rows rows;
  add_segments(figures, rows);
  add_work(figures, rows);
  add_ttl_classes(figures, rows);
  add_index(figures, rows);
  return rows.take();
}

}  // namespace martlet::command
