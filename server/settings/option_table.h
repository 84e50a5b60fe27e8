// The option table: one row for every flag, and one for every sub-option of -o. The parser, the usage text of -h and
// docs/settings.md are all made from these rows, so an option is known everywhere or nowhere.
//
// To add a flag: a field in its room's settings, a row here, and the docs printed again (target settings_doc).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "server/settings/draft.h"
#include "server/settings/option_value.h"

namespace martlet::settings {

enum class ArgumentKind : uint8_t { none, required, optional };

enum class OptionStatus : uint8_t {
  works,
  no_effect,  // accepted and checked, for what it tunes does not exist here; said once with -v
  not_built,  // refused: exit 64
  not_here,   // checked, then refused: exit 1
};

struct OptionRow {
  char letter;       // 0 for a sub-option
  const char* name;  // of the long form, or of the sub-option; empty: none
  ArgumentKind kind;
  const char* argument;      // how the usage text shows the value; empty: none
  const char* default_text;  // empty: none to speak of
  const char* words;         // what it does
  OptionStatus status;
  const char* reason;  // no_effect, not_here: why; not_built: what is missing; empty otherwise

  // Takes the option over into the draft, or refuses it. Null for what is not built.
  Refusal (*set)(Draft&, const Argument&);
};

std::span<const OptionRow> flags();
std::span<const OptionRow> sub_options();

// Null when there is no such row.
const OptionRow* find_flag(int letter);
const OptionRow* find_sub_option(std::string_view name);

}  // namespace martlet::settings
