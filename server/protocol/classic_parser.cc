// Grammar: protocol.txt of memcached ("Storage commands" and on). Where a line is refused, what matters is whether the
// bytes after it can still be told from commands: `swallow` says how many belong to the refused value.
#include "server/protocol/classic_parser.h"

#include <array>

#include "server/base/parse_int.h"
#include "server/protocol/tokenizer.h"

namespace martlet::protocol {
namespace {

constexpr std::string_view kNoreply = " noreply";
constexpr std::string_view kHttp = "HTTP/";

bool ends_in_noreply(std::string_view line) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  return line.ends_with(kNoreply);
}

bool is_key(std::string_view word) { return !word.empty() && word.size() <= kMaxKeySize; }

// Flags and exptime of a storage line are what strtoul and strtol take: a plus sign passes.
std::string_view without_plus(std::string_view word) {
  if (word.size() > 1 && word.front() == '+' && word[1] != '-') word.remove_prefix(1);
  return word;
}

bool is_digits(std::string_view word) {
  if (word.empty()) return false;
  for (const char byte : word) {
    if (byte < '0' || byte > '9') return false;
  }
  return true;
}

// <key> <flags> <exptime> <bytes> [casid] [noreply], then the value
void parse_store(std::string_view line, WordCursor words, StoreMode mode, Request* out) {
  const std::string_view key = words.next();
  const std::string_view flags = words.next();
  const std::string_view exptime = words.next();
  const Length length = parse_length(words.next(), &out->value_size);
  if (length != Length::good) {
    refuse(Failure::bad_line, out);
    out->close_after = length == Length::out_of_range;
    return;
  }
  const bool cas_ok = mode != StoreMode::cas || parse_u64(words.next(), &out->cas);
  out->noreply = ends_in_noreply(line);
  if (!cas_ok || !is_key(key) || !parse_u32(without_plus(flags), &out->flags) ||
      !parse_i64(without_plus(exptime), &out->exptime)) {
    out->swallow = out->value_size + kClassicTrailerSize;
    refuse(Failure::bad_line, out);
    return;
  }
  out->verb = Verb::store;
  out->mode = mode;
  out->has_value = true;
  out->key = key;
}

// <key> [0] [noreply]; other words are refused, since an old client may mean a time by them that would not be kept.
void parse_delete(std::string_view line, WordCursor words, Request* out) {
  const std::string_view key = words.next();
  if (key.empty()) return refuse(Failure::bad_line, out);
  std::string_view word = words.next();
  out->noreply = !word.empty() && ends_in_noreply(line);  // a key may be called so
  if (word == "0") word = words.next();
  if (out->noreply && word == kNoreply.substr(1)) word = words.next();
  if (!is_key(key) || !word.empty()) return refuse(Failure::bad_line, out);
  out->verb = Verb::remove;
  out->key = key;
}

// <key> <delta> [noreply]
void parse_arith(std::string_view line, WordCursor words, bool negative, Request* out) {
  const std::string_view key = words.next();
  const std::string_view delta = words.next();
  if (delta.empty()) return refuse(Failure::bad_line, out);
  out->noreply = ends_in_noreply(line);
  if (!is_key(key)) return refuse(Failure::bad_line, out);
  if (!parse_u64(delta, &out->delta)) return refuse(Failure::bad_delta, out);
  out->verb = Verb::arith;
  out->negative = negative;
  out->key = key;
}

// <key> <exptime> [noreply]
void parse_touch(std::string_view line, WordCursor words, Request* out) {
  const std::string_view key = words.next();
  const std::string_view exptime = words.next();
  if (exptime.empty()) return refuse(Failure::bad_line, out);
  out->noreply = ends_in_noreply(line);
  if (!is_key(key)) return refuse(Failure::bad_line, out);
  if (!parse_exptime(exptime, &out->exptime)) return refuse(Failure::bad_exptime, out);
  out->verb = Verb::touch;
  out->key = key;
}

struct AdminCommand {
  std::string_view name;
  Verb verb;
  bool takes_noreply;
};

constexpr std::array<AdminCommand, 12> kAdminCommands{{
    {"version", Verb::version, false},
    {"stats", Verb::stats, false},
    {"quit", Verb::quit, false},
    {"flush_all", Verb::flush_all, true},
    {"verbosity", Verb::verbosity, true},
    {"cache_memlimit", Verb::cache_memlimit, true},
    {"shutdown", Verb::shutdown, true},
    {"lru_crawler", Verb::lru_crawler, true},
    {"lru", Verb::lru, true},
    {"slabs", Verb::slabs, true},
    {"extstore", Verb::extstore, true},
    {"watch", Verb::watch, false},
}};

// [words] [noreply]; what the words mean is the handler's, but for the delay of flush_all.
void parse_admin(std::string_view line, WordCursor words, const AdminCommand& command, Request* out) {
  size_t count = 0;
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (count < kMaxArgs) out->args[count] = word;
    ++count;
  }
  if (command.takes_noreply && count > 0 && ends_in_noreply(line)) {
    out->noreply = true;
    --count;
  }
  out->arg_count = static_cast<uint8_t>(count < kMaxArgs ? count : kMaxArgs);
  if (command.verb == Verb::flush_all && count > 0 && !parse_exptime(out->args[0], &out->exptime)) {
    return refuse(Failure::bad_exptime, out);
  }
  out->verb = command.verb;
  out->close_after = command.verb == Verb::quit;
}

ParseStatus parse_unknown(std::string_view line, WordCursor words, Request* out) {
  const bool has_words = !words.next().empty();
  if (has_words && last_word(line).starts_with(kHttp)) return ParseStatus::close;
  refuse(Failure::unknown_command, out);
  return ParseStatus::request;
}

}  // namespace

void refuse(Failure failure, Request* out) {
  out->verb = Verb::invalid;
  out->failure = failure;
}

Length parse_length(std::string_view word, uint32_t* out) {
  uint64_t value = 0;
  if (parse_u64(word, &value) && value <= kMaxValueSize) {
    *out = static_cast<uint32_t>(value);
    return Length::good;
  }
  if (word.size() > 1 && word.front() == '-') word.remove_prefix(1);
  return is_digits(word) ? Length::out_of_range : Length::not_a_number;
}

bool parse_exptime(std::string_view word, int64_t* out) { return parse_i64(word, out); }

ParseStatus parse_classic(std::string_view line, Request* out) {
  out->clear();
  WordCursor words(line);
  const std::string_view command = line.empty() || line.front() == ' ' ? std::string_view() : words.next();
  switch (word_code(command)) {
    case word_code("set"):
      parse_store(line, words, StoreMode::set, out);
      return ParseStatus::request;
    case word_code("add"):
      parse_store(line, words, StoreMode::add, out);
      return ParseStatus::request;
    case word_code("replace"):
      parse_store(line, words, StoreMode::replace, out);
      return ParseStatus::request;
    case word_code("append"):
      parse_store(line, words, StoreMode::append, out);
      return ParseStatus::request;
    case word_code("prepend"):
      parse_store(line, words, StoreMode::prepend, out);
      return ParseStatus::request;
    case word_code("cas"):
      parse_store(line, words, StoreMode::cas, out);
      return ParseStatus::request;
    case word_code("delete"):
      parse_delete(line, words, out);
      return ParseStatus::request;
    case word_code("incr"):
      parse_arith(line, words, false, out);
      return ParseStatus::request;
    case word_code("decr"):
      parse_arith(line, words, true, out);
      return ParseStatus::request;
    case word_code("touch"):
      parse_touch(line, words, out);
      return ParseStatus::request;
    default:
      break;
  }
  for (const AdminCommand& admin : kAdminCommands) {
    if (admin.name == command) {
      parse_admin(line, words, admin, out);
      return ParseStatus::request;
    }
  }
  return parse_unknown(line, words, out);
}

}  // namespace martlet::protocol
