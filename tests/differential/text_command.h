// A command of the text protocols, taken apart the way a reader of the protocol's document would: words, value, errors.
// It knows nothing of either server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace martlet::differential {

class TextCommand {
 public:
  explicit TextCommand(std::string_view bytes);

  std::string_view line() const { return line_; }          // without its end
  std::string_view raw_line() const { return raw_line_; }  // with it
  std::string_view after_line() const { return after_; }   // the value and what ends it
  std::string_view verb() const { return word(0); }        // empty for a line that begins with a space
  std::string_view word(size_t at) const { return at < words_.size() ? words_[at] : std::string_view(); }
  size_t words() const { return words_.size(); }
  bool leading_space() const { return line_.starts_with(' '); }
  bool noreply() const { return words_.size() > 1 && words_.back() == "noreply"; }

  bool is_store() const;       // set, add, replace, append, prepend, cas
  bool is_fetch() const;       // get, gets, gat, gats
  bool is_arithmetic() const;  // incr, decr
  bool is_meta() const;        // mg, ms, md, ma, me
  // Words that the verb needs, itself included; empty for verbs that are not known.
  std::optional<size_t> words_needed() const;
  bool overlong_key() const;  // any of its keys

 private:
  std::string_view raw_line_;
  std::string_view line_;
  std::string_view after_;
  std::vector<std::string_view> words_;
};

// How memcached's strtol and strtoul would take the word: a sign is allowed, nothing may follow.
struct LooseNumber {
  bool negative = false;
  bool plus = false;
  uint64_t magnitude = 0;
};
std::optional<LooseNumber> loose_number(std::string_view word);

inline bool fits_u32(const LooseNumber& number) { return !number.negative && number.magnitude <= 0xFFFFFFFFU; }
inline bool fits_i32(const LooseNumber& number) {
  return number.magnitude <= (number.negative ? uint64_t{0x80000000U} : uint64_t{0x7FFFFFFFU});
}
inline bool fits_i64(const LooseNumber& number) { return number.magnitude <= 0x7FFFFFFFFFFFFFFFU; }

// Empty where `text` is no base64.
std::string base64_decoded(std::string_view text);

// Sign or blank: no digits, but strtol passes over it.
inline bool has_prefix(std::string_view word) { return word.starts_with('+') || word.starts_with('\t'); }

}  // namespace martlet::differential
