// A stream of replies is lines, some with a value behind them. What a line's words mean depends on its first.
#include "tests/differential/text_reply.h"

#include <optional>
#include <utility>
#include <vector>

#include "server/base/parse_int.h"

namespace martlet::differential {
namespace {

using Kind = ReplyPart::Kind;

struct Word {
  std::string_view text;
  size_t mutable_at = std::string_view::npos;  // where in it the server's own number begins
  Kind kind = Kind::literal;
};

struct Line {
  std::vector<Word> words;
  size_t value_size = 0;  // with its line end
  std::string_view key;
  std::optional<uint64_t> cas;
};

std::vector<Word> split(std::string_view line) {
  std::vector<Word> words;
  for (;;) {
    const size_t space = line.find(' ');
    words.push_back({line.substr(0, space)});
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

// Id 0 means "none" and is nobody's choice.
void mark_cas(std::string_view digits, size_t at, Word* word, Line* line) {
  uint64_t id = 0;
  if (!parse_u64(digits, &id) || id == 0) return;
  word->mutable_at = at;
  word->kind = Kind::cas;
  line->cas = id;
}

void mark_seconds(std::string_view digits, size_t at, Word* word) {
  uint64_t seconds = 0;
  if (!parse_u64(digits, &seconds)) return;  // -1: never
  word->mutable_at = at;
  word->kind = Kind::seconds;
}

void read_value_size(std::string_view digits, Line* line) {
  uint64_t size = 0;
  if (parse_u64(digits, &size)) line->value_size = static_cast<size_t>(size) + 2;
}

// VALUE <key> <flags> <bytes> [<cas id>]
void read_value_line(Line* line) {
  if (line->words.size() < 4) return;
  line->key = line->words[1].text;
  read_value_size(line->words[3].text, line);
  if (line->words.size() > 4) mark_cas(line->words[4].text, 0, &line->words[4], line);
}

// <code> [<size>] <flag>*
void read_meta_line(size_t first_flag, Line* line) {
  for (size_t i = first_flag; i < line->words.size(); ++i) {
    Word& word = line->words[i];
    if (word.text.size() < 2) continue;
    const std::string_view rest = word.text.substr(1);
    switch (word.text.front()) {
      case 'k':
        line->key = rest;
        break;
      case 'c':
        mark_cas(rest, 1, &word, line);
        break;
      case 't':
      case 'l':
        mark_seconds(rest, 1, &word);
        break;
      default:
        break;
    }
  }
}

// ME <key> <name>=<number>*
void read_debug_line(Line* line) {
  if (line->words.size() > 1) line->key = line->words[1].text;
  for (size_t i = 2; i < line->words.size(); ++i) {
    Word& word = line->words[i];
    if (word.text.starts_with("cas=")) mark_cas(word.text.substr(4), 4, &word, line);
    if (word.text.starts_with("la=")) mark_seconds(word.text.substr(3), 3, &word);
    if (word.text.starts_with("exp=")) mark_seconds(word.text.substr(4), 4, &word);
  }
}

Line read_line(std::string_view text) {
  Line line;
  line.words = split(text);
  const std::string_view code = line.words.front().text;
  if (code == "VALUE") {
    read_value_line(&line);
  } else if (code == "VA" && line.words.size() > 1) {
    read_value_size(line.words[1].text, &line);
    read_meta_line(2, &line);
  } else if (code == "HD" || code == "EN" || code == "NF" || code == "NS" || code == "EX") {
    read_meta_line(1, &line);
  } else if (code == "ME") {
    read_debug_line(&line);
  }
  return line;
}

// Calls `take(line, raw)` for every line, `raw` being its bytes with its end and its value.
template <typename Take>
void for_each_line(std::string_view bytes, Take take) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const size_t size = end == std::string_view::npos ? bytes.size() : end + 1;
    std::string_view text = bytes.substr(0, size);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    const Line line = read_line(text);
    const std::string_view raw = bytes.substr(0, size + line.value_size);
    take(line, raw);
    bytes.remove_prefix(raw.size());
  }
}

void append_literal(std::string_view text, ReplyParts* parts) {
  if (text.empty()) return;
  if (!parts->empty() && parts->back().kind == Kind::literal) {
    parts->back().text.append(text);
  } else {
    parts->push_back({Kind::literal, std::string(text)});
  }
}

}  // namespace

ReplyParts text_parts(std::string_view bytes) {
  ReplyParts parts;
  for_each_line(bytes, [&parts](const Line& line, std::string_view raw) {
    size_t done = 0;
    for (const Word& word : line.words) {
      if (word.kind == Kind::literal) continue;
      const auto begin = static_cast<size_t>(word.text.data() - raw.data()) + word.mutable_at;
      const auto end = static_cast<size_t>(word.text.data() - raw.data()) + word.text.size();
      append_literal(raw.substr(done, begin - done), &parts);
      parts.push_back({word.kind, std::string(raw.substr(begin, end - begin))});
      done = end;
    }
    append_literal(raw.substr(done), &parts);
  });
  return parts;
}

void learn_text_cas(std::string_view bytes, KnownCas* known) {
  for_each_line(bytes, [known](const Line& line, std::string_view) {
    if (line.cas.has_value() && !line.key.empty()) (*known)[std::string(line.key)] = *line.cas;
  });
}

}  // namespace martlet::differential
