// Finding lines, unrolling get lines, dropping what must not be executed. What a line means is classic_parser's.
#include "server/protocol/text_codec.h"

#include <utility>

#include "server/protocol/classic_reply.h"
#include "server/protocol/meta_parser.h"
#include "server/protocol/meta_reply.h"

namespace martlet::protocol {
namespace {

Parsed refused(Failure failure, size_t consumed, Request* out) {
  out->clear();
  refuse(failure, out);
  return {ParseStatus::request, consumed};
}

// Does any word have more bytes than a key may?
bool has_overlong_word(std::string_view words) {
  if (words.size() <= kMaxKeySize) return false;
  WordCursor cursor(words);
  for (std::string_view word = cursor.next(); !word.empty(); word = cursor.next()) {
    if (word.size() > kMaxKeySize) return true;
  }
  return false;
}

}  // namespace

Parsed TextCodec::parse(std::string_view in, bool at_capacity, Request* out) {
  switch (mode_) {
    case Mode::line:
      return parse_line(in, at_capacity, out);
    case Mode::keys:
      return next_key(in, at_capacity, out);
    case Mode::skip_line:
    case Mode::skip_value:
      break;
  }
  return parse_after_skip(in, out);
}

Parsed TextCodec::parse_after_skip(std::string_view in, Request* out) {
  const Parsed skipped = skip(in);
  if (skipped.status == ParseStatus::close || mode_ != Mode::line) return skipped;
  Parsed parsed = parse_line(in.substr(skipped.consumed), false, out);
  parsed.consumed += skipped.consumed;
  return parsed;
}

// Drops bytes up to and with the next newline; mode_ is then line.
Parsed TextCodec::skip(std::string_view in) {
  const Line line = first_line(in);
  const size_t dropped = line.size != 0 ? line.size : in.size();
  if (mode_ == Mode::skip_value) {
    if (dropped > kMaxLine - skipped_) return {ParseStatus::close, dropped};
    skipped_ += static_cast<uint32_t>(dropped);
  }
  if (line.size != 0) {
    skipped_ = 0;
    mode_ = Mode::line;
  }
  return {ParseStatus::need_more, dropped};
}

Parsed TextCodec::parse_line(std::string_view in, bool at_capacity, Request* out) {
  const GetHead head = get_head(in);
  if (head.size != 0 && !head.with_touch) {
    // A get of one key, as most are: the key's end is the line's, so there is nothing more to check.
    const size_t begin = skip_spaces(in, head.size);
    const size_t end = find_space_or_newline(in, begin);
    if (end < in.size() && in[end] == '\n') {
      enter_keys(head);
      return take_key(in, begin, end, out);
    }
  }
  const Line line = first_line(in);
  if (line.size == 0) return begin_endless_line(in, at_capacity, out);
  if (line.size < kMinLineSize) return refused(Failure::bad_line, line.size, out);
  const GetHead line_head = get_head(line.text);
  if (line_head.size != 0) return begin_get(line, in, line_head, out);
  // It would have closed, had its newline come later than its first kMaxLine bytes: the split must not matter.
  if (line.size > kMaxLine + 1) return {ParseStatus::close, 0};
  if (is_meta(line.text)) {
    parse_meta(line.text, out);
    return {ParseStatus::request, line.size};
  }
  return {parse_classic(line.text, out), line.size};
}

void TextCodec::enter_keys(const GetHead& head) {
  mode_ = Mode::keys;
  get_form_ = head.form;
  with_touch_ = head.with_touch;
  any_key_ = false;
  if (!head.with_touch) exptime_ = 0;
}

// A get line that is all there: refused as a whole, or good to its end.
Parsed TextCodec::begin_get(const Line& line, std::string_view in, const GetHead& head, Request* out) {
  const std::string_view words = line.text.substr(head.size);
  size_t keys = 0;  // where they begin in `words`
  if (head.with_touch) {
    const size_t begin = skip_spaces(words, 0);
    keys = find_space(words, begin);
    if (skip_spaces(words, keys) == words.size()) return refused(Failure::bad_line, line.size, out);
    if (!parse_exptime(words.substr(begin, keys - begin), &exptime_)) {
      return refused(Failure::bad_exptime, line.size, out);
    }
  }
  if (skip_spaces(words, keys) == words.size() || has_overlong_word(words.substr(keys))) {
    return refused(Failure::bad_line, line.size, out);
  }
  enter_keys(head);
  Parsed parsed = next_key(in.substr(head.size + keys), false, out);
  parsed.consumed += head.size + keys;
  return parsed;
}

// A line whose newline has not come: it may yet, or the line is a get that is too long for the buffer, or it is nothing
// that could be saved.
Parsed TextCodec::begin_endless_line(std::string_view in, bool at_capacity, Request* out) {
  if (in.empty() || (in.size() <= kMaxLine && !at_capacity)) return {ParseStatus::need_more, 0};
  const size_t spaces = skip_spaces(in, 0);
  const GetHead head = spaces <= kMaxLeadingSpaces ? get_head(in.substr(spaces)) : GetHead{};
  const bool word_ended = in.size() > spaces + head.size;
  if (head.size == 0 || !word_ended) return {ParseStatus::close, 0};
  if (!at_capacity) return {ParseStatus::need_more, 0};
  if (spaces > 0) return refuse_rest(Failure::unknown_command, in.size(), out);

  size_t keys = head.size;
  if (head.with_touch) {
    const size_t begin = skip_spaces(in, keys);
    keys = find_space(in, begin);
    if (keys == in.size() || !parse_exptime(in.substr(begin, keys - begin), &exptime_)) {
      return refuse_rest(Failure::bad_exptime, in.size(), out);
    }
  }
  enter_keys(head);
  Parsed parsed = next_key(in.substr(keys), false, out);
  parsed.consumed += keys;
  return parsed;
}

// The next key of a get line, or its end. A key's own ending is left for the next call, so that CR LF is seen whole.
Parsed TextCodec::next_key(std::string_view in, bool at_capacity, Request* out) {
  if (in.size() >= 2 && in[0] == '\r' && in[1] == '\n') return end_keys(2, out);
  const size_t begin = skip_spaces(in, 0);
  const size_t end = find_space_or_newline(in, begin);
  if (end == in.size()) {
    // One byte more than a key may have can still be the CR of the line's ending.
    const bool overlong = end - begin > kMaxKeySize + 1;
    const bool stuck = at_capacity && begin == 0 && !in.empty();
    if (overlong || stuck) return refuse_rest(Failure::bad_line, in.size(), out);
    return {ParseStatus::need_more, begin};
  }
  return take_key(in, begin, end, out);
}

// The word from `begin` to `end`, where a space or a newline stands: a key, or nothing but the line's ending.
Parsed TextCodec::take_key(std::string_view in, size_t begin, size_t end, Request* out) {
  const bool last = in[end] == '\n';
  std::string_view key = in.substr(begin, end - begin);
  if (last && !key.empty() && key.back() == '\r') key.remove_suffix(1);
  if (key.empty()) return end_keys(end + 1, out);
  if (key.size() > kMaxKeySize) {
    if (!last) return refuse_rest(Failure::bad_line, end, out);
    mode_ = Mode::line;
    return refused(Failure::bad_line, end + 1, out);
  }
  any_key_ = true;
  out->clear();
  out->verb = Verb::get;
  out->wire = get_form_;
  out->with_touch = with_touch_;
  out->exptime = exptime_;
  out->key = key;
  return {ParseStatus::request, begin + key.size()};
}

Parsed TextCodec::end_keys(size_t consumed, Request* out) {
  mode_ = Mode::line;
  if (!any_key_) return refused(Failure::bad_line, consumed, out);
  out->clear();
  out->verb = Verb::noop;
  out->wire = WireForm::classic_end;
  return {ParseStatus::request, consumed};
}

Parsed TextCodec::refuse_rest(Failure failure, size_t consumed, Request* out) {
  mode_ = Mode::skip_line;
  return refused(failure, consumed, out);
}

Trailer TextCodec::finish_value(std::string_view trailer) {
  if (trailer == "\r\n") return Trailer::good;
  if (trailer.empty() || trailer.back() != '\n') {
    mode_ = Mode::skip_value;
    skipped_ = 0;
  }
  return Trailer::bad;
}

bool TextCodec::write_reply(const Request& request, Response&& response, ReplySink& sink) {
  if (request.wire == WireForm::meta) return write_meta(request, std::move(response), sink);
  return write_classic(request, std::move(response), sink);
}

}  // namespace martlet::protocol
