#include "server/log/log_event.h"

#include <array>

namespace martlet::log {
namespace {

struct Word {
  std::string_view name;
  Words bit;
};

constexpr std::array<Word, 10> kWords{{
    {"fetchers", kFetchers},
    {"mutations", kMutations},
    {"evictions", kEvictions},
    {"connevents", kConnEvents},
    {"deletions", kDeletions},
    {"sysevents", kSilent},
    {"rawcmds", kSilent},
    {"proxyreqs", kSilent},
    {"proxyevents", kSilent},
    {"proxyuser", kSilent},
}};

// 0 for a word that is none of them.
Words bit_of(std::string_view name) {
  for (const Word& word : kWords) {
    if (word.name == name) return word.bit;
  }
  return 0;
}

}  // namespace

std::optional<Words> parse_words(std::span<const std::string_view> names) {
  Words words = 0;
  for (const std::string_view name : names) {
    const Words bit = bit_of(name);
    if (bit == 0) return std::nullopt;
    words |= bit;
  }
  return words != 0 ? words : kFetchers;
}

}  // namespace martlet::log
