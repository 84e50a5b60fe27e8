// Grammar: protocol.txt of memcached, "Meta Commands"; which of several errors is told is its server's habit. One pass
// over the words; every flag is one look into the table of meta_flags.h.
#include "server/protocol/meta_parser.h"

#include "server/base/parse_int.h"
#include "server/protocol/base64.h"
#include "server/protocol/classic_parser.h"
#include "server/protocol/meta_flags.h"
#include "server/protocol/tokenizer.h"

namespace martlet::protocol {
namespace {

// A line under way.
struct Reading {
  MetaCommand command;
  Request* out;
  std::string_view key{};         // as it was spelled
  size_t decoded_size = 0;        // of `out->decoded`, with base64
  std::string_view mode{};        // what follows M
  bool has_mode = false;          // M was there
  Failure error = Failure::none;  // the last argument that was no good; it counts when nothing worse is found
};

void decode_key(Reading* reading) {
  reading->out->base64 = true;
  if (reading->key.size() > kMaxKeySize) return;  // refused for its size
  reading->decoded_size = base64_decode(reading->key, reading->out->decoded.data());
  if (reading->decoded_size == 0) reading->error = Failure::bad_base64_key;
}

// An expiry that T sets holds for an item that the command makes, too, unless N comes after it.
void set_exptime(Reading* reading, std::string_view argument) {
  Request* const out = reading->out;
  out->with_touch = true;
  if (!parse_i64(argument, &out->exptime)) reading->error = Failure::bad_token;
  if (out->vivify && reading->command != kMetaStore) out->vivify_exptime = out->exptime;
}

void apply(MetaEffect effect, std::string_view argument, Reading* reading) {
  Request* const out = reading->out;
  switch (effect) {
    case MetaEffect::refused:
    case MetaEffect::none:
      return;
    case MetaEffect::base64:
      return decode_key(reading);
    case MetaEffect::quiet:
      out->quiet = true;
      return;
    case MetaEffect::want_value:
      out->want_value = true;
      return;
    case MetaEffect::peek:
      out->peek = true;
      return;
    case MetaEffect::invalidate:
      out->invalidate = true;
      return;
    case MetaEffect::clear_value:
      out->clear_value = true;
      return;
    case MetaEffect::opaque:
      out->opaque = argument;
      return;
    case MetaEffect::mode:
      reading->has_mode = true;
      reading->mode = argument;
      return;
    case MetaEffect::exptime:
      return set_exptime(reading, argument);
    case MetaEffect::vivify:
      out->vivify = true;
      if (!parse_i64(argument, &out->vivify_exptime)) reading->error = Failure::bad_token;
      return;
    case MetaEffect::recache:
      out->recache = true;
      if (!parse_i64(argument, &out->recache_ttl)) reading->error = Failure::bad_token;
      return;
    case MetaEffect::compare_cas:
      out->compare_cas = true;
      if (!parse_u64(argument, &out->cas)) reading->error = Failure::bad_token;
      return;
    case MetaEffect::new_cas:
      out->has_new_cas = true;
      if (!parse_u64(argument, &out->new_cas)) reading->error = Failure::bad_token;
      return;
    case MetaEffect::client_flags:
      if (!parse_u32(argument, &out->flags) && reading->error == Failure::none) reading->error = Failure::bad_line;
      return;
    case MetaEffect::initial:
      if (!parse_u64(argument, &out->initial)) reading->error = Failure::bad_initial_value;
      return;
    case MetaEffect::delta:
      if (!parse_u64(argument, &out->delta)) reading->error = Failure::bad_delta_value;
      return;
  }
}

// Every flag from `words` on, the line's words so far being `count`. What is said of a line with several errors: that a
// word can be no flag, then that the key or the line is too long, then the first flag that is unknown or repeated, then
// the last argument that was no good.
Failure read_flags(WordCursor words, size_t count, Reading* reading) {
  Request* const out = reading->out;
  uint64_t seen = 0;  // a bit per letter
  Failure flaw = Failure::none;
  for (std::string_view word = words.next(); !word.empty(); word = words.next(), ++count) {
    const unsigned char letter = static_cast<unsigned char>(word.front());
    const bool is_digit = letter >= '0' && letter <= '9';
    if (!is_digit && (letter < kFirstMetaFlag || letter > kLastMetaFlag)) return Failure::bad_line;
    if (flaw != Failure::none) continue;
    const size_t index = is_digit ? 0 : letter - size_t{kFirstMetaFlag};
    const uint64_t bit = uint64_t{1} << index;
    const MetaFlag flag = is_digit ? MetaFlag{} : kMetaFlags[index];
    if (flag.effect == MetaEffect::refused) {
      flaw = Failure::invalid_flag;
    } else if ((seen & bit) != 0) {
      flaw = Failure::duplicate_flag;
    } else {
      seen |= bit;
      if ((flag.returned_by & reading->command) != 0) out->return_flags[out->return_count++] = word.front();
      apply(flag.effect, word.substr(1), reading);
    }
  }
  if (reading->key.size() > kMaxKeySize) return Failure::bad_line;
  if (count > kMaxMetaWords) return Failure::flags_too_long;
  if (flaw == Failure::none) flaw = reading->error;
  return reading->command == kMetaArith && flaw != Failure::none ? Failure::arith_flags : flaw;
}

// M of a store, and what C makes of the mode: an id turns set and replace into cas, append and prepend look at it, add
// does not.
Failure settle_store(const Reading& reading) {
  Request* const out = reading.out;
  switch (!reading.has_mode ? 'S' : reading.mode.empty() ? '\0' : reading.mode.front()) {
    case 'S':
      out->mode = out->compare_cas ? StoreMode::cas : StoreMode::set;
      break;
    case 'R':
      out->mode = out->compare_cas ? StoreMode::cas : StoreMode::replace;
      break;
    case 'E':
      out->mode = StoreMode::add;
      break;
    case 'A':
      out->mode = StoreMode::append;
      break;
    case 'P':
      out->mode = StoreMode::prepend;
      break;
    default:
      return Failure::bad_store_mode;
  }
  const bool joins = out->mode == StoreMode::append || out->mode == StoreMode::prepend;
  out->compare_cas = joins && out->compare_cas && out->cas != 0;
  out->invalidate = out->invalidate && out->mode == StoreMode::cas;
  out->vivify = out->vivify && joins;
  return Failure::none;
}

Failure settle_arith(const Reading& reading) {
  switch (!reading.has_mode ? 'I' : reading.mode.empty() ? '\0' : reading.mode.front()) {
    case 'I':
    case '+':
      break;
    case 'D':
    case '-':
      reading.out->negative = true;
      break;
    default:
      return Failure::bad_arith_mode;
  }
  reading.out->compare_cas = reading.out->compare_cas && reading.out->cas != 0;
  return Failure::none;
}

// What depends on several flags, or on the command.
Failure settle(const Reading& reading) {
  Failure failure = Failure::none;
  if (reading.command == kMetaStore) failure = settle_store(reading);
  if (reading.command == kMetaArith) failure = settle_arith(reading);
  if (failure == Failure::none && reading.out->opaque.size() > kMaxOpaqueSize) failure = Failure::opaque_too_long;
  return failure;
}

// Nothing of a refused line is left but what has to be dropped.
void refuse_line(Failure failure, uint64_t swallow, Request* out) {
  out->clear();
  refuse(failure, out);
  out->swallow = swallow;
}

struct Named {
  Verb verb;
  MetaCommand command;
};

Named command_of(char letter) {
  switch (letter) {
    case 'g':
      return {Verb::get, kMetaGet};
    case 's':
      return {Verb::store, kMetaStore};
    case 'd':
      return {Verb::remove, kMetaRemove};
    case 'a':
      return {Verb::arith, kMetaArith};
    default:
      return {Verb::inspect, kMetaInspect};
  }
}

}  // namespace

void parse_meta(std::string_view line, Request* out) {
  out->clear();
  out->wire = WireForm::meta;
  if (line[1] == 'n') {
    out->verb = Verb::noop;
    return;
  }
  const Named named = command_of(line[1]);
  WordCursor words(line.substr(2));
  Reading reading{.command = named.command, .out = out, .key = words.next()};
  size_t count = 2;
  uint64_t swallow = 0;
  if (named.verb == Verb::store) {
    const Length length = parse_length(words.next(), &out->value_size);
    if (length != Length::good) {
      refuse_line(Failure::bad_line, 0, out);
      out->close_after = length == Length::out_of_range;
      return;
    }
    swallow = out->value_size + kClassicTrailerSize;
    count = 3;
  }
  if (reading.key.empty()) return refuse_line(Failure::bad_line, 0, out);
  out->want_value = false;
  if (named.verb == Verb::arith) out->delta = 1;
  Failure failure = read_flags(words, count, &reading);
  if (failure == Failure::none) failure = settle(reading);
  if (failure != Failure::none) return refuse_line(failure, swallow, out);
  out->verb = named.verb;
  out->has_value = named.verb == Verb::store;
  out->key = out->base64 ? std::string_view(out->decoded.data(), reading.decoded_size) : reading.key;
}

}  // namespace martlet::protocol
