#include "server/settings/usage.h"

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string_view>

#include "server/settings/option_table.h"

namespace martlet::settings {
namespace {

constexpr size_t kColumn = 38;  // where the words of the usage text begin
constexpr size_t kWidth = 110;  // of the usage text

std::string_view separator(const OptionRow& row) { return row.letter == 0 || *row.name != '\0' ? "=" : " "; }

// "-p, --port=<num>", "-D <char>", "idle_timeout=<seconds>", "slab_automove[=<0-2>]".
std::string heading(const OptionRow& row) {
  std::string out;
  if (row.letter != 0) out = fmt::format("-{}{}", row.letter, *row.name != '\0' ? ", --" : "");
  out += row.name;
  if (row.kind == ArgumentKind::required) out += fmt::format("{}{}", separator(row), row.argument);
  if (row.kind == ArgumentKind::optional) out += fmt::format("[={}]", row.argument);
  return out;
}

std::string status_text(const OptionRow& row) {
  switch (row.status) {
    case OptionStatus::works:
      return "works";
    case OptionStatus::no_effect:
      return fmt::format("checked, no effect: {}", row.reason);
    case OptionStatus::not_built:
      return fmt::format("refused: {} is not built", row.reason);
    case OptionStatus::not_here:
      return fmt::format("checked, then refused: {}", row.reason);
  }
  return {};
}

// Appends words from `column` on, broken at blanks so that no line is longer than kWidth.
void append_wrapped(std::string* out, std::string_view words, size_t column) {
  size_t used = column;
  bool first = true;
  while (!words.empty()) {
    const size_t blank = words.find(' ');
    const std::string_view word = words.substr(0, blank);
    words.remove_prefix(blank == std::string_view::npos ? words.size() : blank + 1);
    if (!first && used + 1 + word.size() > kWidth) {
      *out += '\n' + std::string(column, ' ');
      used = column;
    } else if (!first) {
      *out += ' ';
      ++used;
    }
    *out += word;
    used += word.size();
    first = false;
  }
  *out += '\n';
}

void append_usage(std::string* out, const OptionRow& row, size_t indent) {
  std::string line = std::string(indent, ' ') + heading(row);
  if (line.size() + 1 > kColumn) {
    *out += line + '\n';
    line.clear();
  }
  line.resize(kColumn, ' ');
  std::string words = row.words;
  if (*row.default_text != '\0') words += fmt::format(" (default: {})", row.default_text);
  if (row.status != OptionStatus::works) words += fmt::format(" [{}]", status_text(row));
  *out += line;
  append_wrapped(out, words, kColumn);
}

// Words as a cell of a Markdown table.
std::string cell(std::string_view words) {
  std::string out;
  for (const char c : words) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

void append_page_rows(std::string* out, std::span<const OptionRow> rows) {
  *out += "| Option | Default | Meaning | Status |\n|---|---|---|---|\n";
  for (const OptionRow& row : rows) {
    const std::string_view default_text = *row.default_text != '\0' ? row.default_text : "–";
    fmt::format_to(std::back_inserter(*out), "| `{}` | {} | {} | {} |\n", heading(row), default_text, cell(row.words),
                   status_text(row));
  }
}

}  // namespace

std::string version_text() { return "martlet " MARTLET_VERSION " (memcached 1.6.45 compatible)\n"; }

std::string license_text() {
  return "martlet is distributed under the terms that come with its source. It is linked with libevent (3-clause BSD "
         "license) and fmt (MIT license).\n";
}

std::string usage_text() {
  std::string out = version_text();
  for (const OptionRow& row : flags()) append_usage(&out, row, 0);
  for (const OptionRow& row : sub_options()) append_usage(&out, row, 3);
  return out;
}

std::string settings_page() {
  std::string out =
      "# Settings\n\n"
      "Every option, printed from the option table (`server/settings/flag_rows.cc`, `sub_option_rows.cc`) by the "
      "`settings_doc` program;\na test compares this page with the table. Flags are memcached's; an option it has and "
      "this server does not is refused, never ignored.\n\n"
      "* **works**: as described.\n"
      "* **checked, no effect**: accepted for the sake of existing command lines, with memcached's checks of the "
      "value; "
      "said once with `-v`.\n"
      "* **refused**: the server does not start, exit code 64; where the value is checked first, 1.\n\n"
      "Numbers are read strictly: junk, trailing junk and numbers out of range are refused, never read as 0. Leading "
      "blanks of a value are skipped.\n\n"
      "| Exit code | Meaning |\n|---|---|\n"
      "| 0 | `-h`, `-V`, `-i`, or an orderly end |\n"
      "| 1 | refused while parsing options |\n"
      "| 64 | refused by the checks that follow, or not built |\n"
      "| 67 | no such user |\n"
      "| 71 | the operating system refused: address, descriptors, socket |\n\n"
      "## Flags\n\n";
  append_page_rows(&out, flags());
  out += "\n## Sub-options of `-o`\n\n";
  append_page_rows(&out, sub_options());
  out +=
      "\n## Where the server listens\n\n"
      "| Given | TCP | Unix socket |\n|---|---|---|\n"
      "| nothing | 127.0.0.1 and ::1, port 11211 (a host without IPv6 does without ::1) | no |\n"
      "| `-p N` | 127.0.0.1 and ::1, port N | no |\n"
      "| `-l LIST` (every one counts) | the addresses listed | no |\n"
      "| `-s PATH` | no | yes |\n"
      "| `-s PATH` with `-p` or `-l` | as without `-s` | yes |\n"
      "| `-s PATH -p 0` | no | yes |\n\n"
      "`-U N` adds UDP on the addresses of TCP: those of `-l`, with their ports where they name one and else with port "
      "N, "
      "or 127.0.0.1 and ::1. Without `-p` TCP is on port N, too; beside `-p 0`, or `-s` without `-p` and `-l`, there "
      "is "
      "UDP and no TCP.\n\n"
      "`-l 0.0.0.0` opens the server to every IPv4 network of the host, `-l '*'` to IPv6 as well.\n\n"
      "## Environment\n\n"
      "| Variable | Meaning |\n|---|---|\n"
      "| `MEMCACHED_PORT_FILENAME` | file that receives a line `TCP INET: port` or `TCP INET6: port` for each TCP "
      "listener, and such a line with `UDP` for each UDP address, once all are bound |\n";
  return out;
}

}  // namespace martlet::settings
