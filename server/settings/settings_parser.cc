#include "server/settings/settings_parser.h"

#include <fmt/format.h>
#include <getopt.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "server/settings/cross_checks.h"
#include "server/settings/option_table.h"
#include "server/settings/option_value.h"
#include "server/settings/usage.h"

namespace martlet::settings {
namespace {

constexpr int kParseError = 1;
constexpr int kUsageError = 64;
constexpr const char* kPortFileVariable = "MEMCACHED_PORT_FILENAME";

// The table in the form getopt_long takes. The leading colon keeps getopt quiet and tells a missing value apart.
struct GetoptTable {
  std::string letters = ":";
  std::vector<option> names;

  GetoptTable() {
    for (const OptionRow& row : flags()) {
      const bool takes_value = row.kind == ArgumentKind::required;
      letters += row.letter;
      if (takes_value) letters += ':';
      if (*row.name != '\0') {
        names.push_back({row.name, takes_value ? required_argument : no_argument, nullptr, row.letter});
      }
    }
    names.push_back({nullptr, 0, nullptr, 0});
  }
};

std::string_view without_leading_blanks(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n\v\f");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

void add_note(Draft& draft, std::string note) {
  if (std::find(draft.notes.begin(), draft.notes.end(), note) == draft.notes.end()) {
    draft.notes.push_back(std::move(note));
  }
}

Refusal apply(Draft& draft, const OptionRow& row, const Argument& argument) {
  if (row.status == OptionStatus::not_built) {
    return refusal(kUsageError, argument, fmt::format("{} is not built into this server", row.reason));
  }
  if (Refusal no = row.set(draft, argument)) return no;
  if (row.status == OptionStatus::no_effect) {
    add_note(draft, fmt::format("{}: accepted without effect, {}", argument.option, row.reason));
  }
  return {};
}

// One "name" or "name=value" of -o.
Refusal apply_sub_option(Draft& draft, std::string_view item) {
  const size_t equals = std::min(item.find('='), item.size());
  const std::string_view name = item.substr(0, equals);
  const bool has_value = equals < item.size();
  const OptionRow* const row = find_sub_option(name);
  if (row == nullptr) return Error{kParseError, fmt::format("-o: unknown sub-option {}", quoted(name))};

  const std::string option = fmt::format("-o {}", name);
  const Argument argument{option, has_value ? without_leading_blanks(item.substr(equals + 1)) : std::string_view{}};
  const bool built = row->status != OptionStatus::not_built;
  if (built && row->kind == ArgumentKind::required && argument.text.empty()) {
    return refusal(kParseError, argument, "needs a value");
  }
  if (built && row->kind == ArgumentKind::optional && has_value && argument.text.empty()) {
    return refusal(kParseError, argument, "has an empty value");
  }
  if (built && row->kind == ArgumentKind::none && has_value) {
    add_note(draft, fmt::format("{}: takes no value, {} is ignored", option, quoted(argument.text)));
  }
  return apply(draft, *row, argument);
}

Refusal apply_sub_options(Draft& draft, std::string_view list) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    if (Refusal no = apply_sub_option(draft, list.substr(0, end))) return no;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return {};
}

// What getopt could not read. `word` is where it stopped, or one further; `letter` is 0 for an unknown long form.
Error unreadable(int code, int letter, std::string_view word) {
  std::string option = quoted(word);
  if (letter != 0 && find_flag(letter) == nullptr) {
    option = quoted(std::string{'-', static_cast<char>(letter)});
  } else if (letter != 0 && !word.starts_with("--")) {
    option = fmt::format("-{}", static_cast<char>(letter));
  }
  if (code == ':') return Error{kParseError, fmt::format("{}: needs a value (see -h)", option)};
  return Error{kParseError, fmt::format("{}: unknown option, or a value it does not take (see -h)", option)};
}

Refusal read_options(Draft& draft, const std::vector<const char*>& words) {
  const GetoptTable table;
  std::vector<char*> argv;
  for (const char* const word : words) argv.push_back(const_cast<char*>(word));  // getopt reorders, never writes
  argv.push_back(nullptr);
  const int argc = static_cast<int>(words.size());

  optind = 0;  // GNU getopt: begin anew
  while (draft.action == Action::serve) {
    const int code = getopt_long(argc, argv.data(), table.letters.c_str(), table.names.data(), nullptr);
    if (code == -1) break;
    const OptionRow* const row = find_flag(code);
    if (row == nullptr) {
      const int at = std::clamp(optind - 1, 0, argc - 1);
      return unreadable(code, optopt, argv[static_cast<size_t>(at)]);
    }
    const std::string name = fmt::format("-{}", row->letter);
    const Argument argument{name, without_leading_blanks(optarg == nullptr ? "" : optarg)};
    if (Refusal no = apply(draft, *row, argument)) return no;
    if (row->letter == 'o') {
      if (Refusal no = apply_sub_options(draft, argument.text)) return no;
    }
  }
  if (draft.action == Action::serve && optind < argc) {
    return Error{kParseError, fmt::format("{}: not an option (see -h)", quoted(argv[static_cast<size_t>(optind)]))};
  }
  return {};
}

std::string text_of(Action action) {
  switch (action) {
    case Action::show_help:
      return usage_text();
    case Action::show_version:
      return version_text();
    case Action::show_license:
      return license_text();
    case Action::serve:
      break;
  }
  return {};
}

}  // namespace

Result<ParsedCommandLine> parse_command_line(int argc, const char* const* argv) {
  Draft draft;
  if (Refusal no = read_options(draft, std::vector<const char*>(argv, argv + argc))) return *no;
  if (draft.action == Action::serve) {
    if (const char* const path = std::getenv(kPortFileVariable)) draft.settings.process.port_file = path;
    const Status finished = finish(draft);
    if (!finished) return finished.error();
  }
  return ParsedCommandLine{draft.action, text_of(draft.action), std::move(draft.settings), std::move(draft.warnings),
                           std::move(draft.notes)};
}

}  // namespace martlet::settings
