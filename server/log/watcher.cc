#include "server/log/watcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "server/log/log_settings.h"

namespace martlet::log {

std::unique_ptr<Watcher> Watcher::create(Words words, uint64_t capacity) {
  RingBytes bytes(std::max(capacity, kLeastBuffer));
  if (!bytes) return nullptr;
  return std::unique_ptr<Watcher>(new (std::nothrow) Watcher(words, std::move(bytes)));
}

bool Watcher::put(std::string_view text) {
  if (bytes_.capacity() - queued() < text.size()) return false;
  bytes_.put(head_, text.data(), text.size());
  head_ += text.size();
  return true;
}

// The note about skipped lines goes where they are missing; only together with the line that follows it, if one does.
bool Watcher::put_skipped(size_t line_size) {
  if (skipped_ == 0) return true;
  std::array<char, 40> note;
  const char* const end = fmt::format_to(note.data(), "skipped={}\n", skipped_);
  const auto size = static_cast<size_t>(end - note.data());
  if (bytes_.capacity() - queued() < size + line_size || !put({note.data(), size})) return false;
  skipped_ = 0;
  return true;
}

bool Watcher::offer(std::string_view line) {
  if (put_skipped(line.size()) && put(line)) return true;
  ++skipped_;
  return false;
}

bool Watcher::flush() {
  while (!blocked_) {
    if (queued() == 0 && (skipped_ == 0 || !put_skipped(0))) return true;
    WatcherStream::State state = WatcherStream::State::open;
    const size_t sent = stream_->send(bytes_.piece(tail_, queued()), &state);
    if (state != WatcherStream::State::open) return false;
    tail_ += sent;
    blocked_ = sent == 0;
  }
  return true;
}

}  // namespace martlet::log
