// The rows of the flags, in the order of the usage text. Exit codes of bad values are memcached's where it checks them,
// and 1 where it does not.
#include <climits>
#include <cstdint>

#include "server/settings/option_table.h"

namespace martlet::settings {
namespace {

constexpr int kUsageError = 64;
constexpr int64_t kMaxMegabytes = int64_t{1} << 27;  // -m: all that a process can address, 128 TiB
constexpr ArgumentKind kNone = ArgumentKind::none;
constexpr ArgumentKind kRequired = ArgumentKind::required;
constexpr OptionStatus kWorks = OptionStatus::works;
constexpr OptionStatus kNoEffect = OptionStatus::no_effect;
constexpr OptionStatus kNotBuilt = OptionStatus::not_built;

// Reads a number into a field of any integral type that can hold the range.
template <typename T>
Refusal read_into(const Argument& argument, int64_t low, int64_t high, int exit_code, T* field) {
  int64_t number = 0;
  if (Refusal refused = read_integer(argument, low, high, exit_code, &number)) return refused;
  *field = static_cast<T>(number);
  return {};
}

Refusal set_port(Draft& draft, const Argument& argument) {
  draft.settings.net.explicit_port = true;
  return read_into(argument, -1, 65535, kUsageError, &draft.settings.net.tcp_port);
}

Refusal set_udp_port(Draft& draft, const Argument& argument) {
  return read_into(argument, -1, 65535, 1, &draft.settings.net.udp_port);
}

Refusal set_unix_path(Draft& draft, const Argument& argument) {
  if (argument.text.empty()) return refusal(1, argument, "needs the path of a socket");
  draft.settings.net.unix_path = argument.text;
  return {};
}

Refusal set_unix_mask(Draft& draft, const Argument& argument) {
  const auto mask = parse_octal(argument.text);
  if (!mask || *mask > 07777) return refusal(1, argument, quoted(argument.text) + " is not an octal file mode");
  draft.settings.net.unix_mask = static_cast<unsigned>(*mask) & 0777U;
  return {};
}

Refusal set_prefix_delimiter(Draft& draft, const Argument& argument) {
  if (argument.text.size() != 1) return refusal(1, argument, "needs one character that is no blank");
  draft.settings.stat_prefix_delimiter = argument.text[0];
  draft.settings.prefix_stats = true;
  return {};
}

Refusal set_threads(Draft& draft, const Argument& argument) {
  if (Refusal refused = read_into(argument, 1, INT_MAX, 1, &draft.settings.threads)) return refused;
  if (draft.settings.threads > 64) draft.warnings.emplace_back("-t: more than 64 workers seldom serve faster");
  return {};
}

Refusal set_reqs_per_event(Draft& draft, const Argument& argument) {
  draft.settings.conn.reqs_per_event_given = true;
  return read_into(argument, 1, INT_MAX, 1, &draft.settings.conn.reqs_per_event);
}

Refusal set_memory_limit(Draft& draft, const Argument& argument) {
  int64_t megabytes = 0;
  if (Refusal refused = read_integer(argument, 1, kMaxMegabytes, kUsageError, &megabytes)) return refused;
  draft.settings.cache.memory_limit = static_cast<uint64_t>(megabytes) << 20;
  return {};
}

Refusal set_item_size(Draft& draft, const Argument& argument) {
  const auto size = parse_size(argument.text);
  if (!size) return refusal(kUsageError, argument, quoted(argument.text) + " is not a size (a number, then k, m or g)");
  draft.item_size_max = *size;
  return {};
}

Refusal set_protocol(Draft& draft, const Argument& argument) {
  if (argument.text == "auto") {
    draft.settings.conn.protocol = protocol::Dialect::automatic;
  } else if (argument.text == "ascii") {
    draft.settings.conn.protocol = protocol::Dialect::ascii;
  } else if (argument.text == "binary") {
    draft.settings.conn.protocol = protocol::Dialect::binary;
  } else {
    return refusal(kUsageError, argument, quoted(argument.text) + " is none of auto, ascii, binary");
  }
  return {};
}

Refusal set_growth_factor(Draft& draft, const Argument& argument) {
  const auto factor = parse_decimal(argument.text);
  if (!factor || !(*factor > 1.0)) return refusal(1, argument, quoted(argument.text) + " is not a number above 1");
  draft.settings.cache.class_factor = *factor;
  return {};
}

// memcached's smallest chunk holds so many bytes besides its item header of 48.
Refusal set_smallest_class(Draft& draft, const Argument& argument) {
  if (Refusal refused = read_integer(argument, 1, INT_MAX, 1, &draft.slab_min_size)) return refused;
  draft.settings.cache.smallest_class = static_cast<uint32_t>(draft.slab_min_size) + cache::kClassHeader;
  return {};
}

Refusal set_napi_ids(Draft& draft, const Argument& argument) {
  int64_t ids = 0;
  if (Refusal refused = read_integer(argument, 1, INT_MAX, 1, &ids)) return refused;
  draft.napi_ids = ids;
  return {};
}

// Sub-options are taken apart by the parser, before the row would be asked.
Refusal accept(Draft&, const Argument&) { return {}; }

constexpr OptionRow kFlags[] = {
    {'p', "port", kRequired, "<num>", "11211", "TCP port; 0: no TCP, -1: the kernel picks one", kWorks, "", set_port},
    {'U', "udp-port", kRequired, "<num>", "0, off",
     "UDP port; 0: no UDP, -1: the kernel picks one; without -p TCP moves to that port, too", kWorks, "", set_udp_port},
    {'s', "unix-socket", kRequired, "<file>", "none",
     "unix socket to listen on; alone it takes the place of TCP, with an explicit -p or -l both are served", kWorks, "",
     set_unix_path},
    {'a', "unix-mask", kRequired, "<mask>", "0700", "mode of the unix socket's file, in octal", kWorks, "",
     set_unix_mask},
    {'A', "enable-shutdown", kNone, "", "off", "enable the shutdown command", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.command.shutdown_enabled = true;
       return {};
     }},
    {'l', "listen", kRequired, "<list>", "127.0.0.1 and ::1",
     "addresses to listen on, separated by commas: [proto[ascii|negotiating]:][tag[NAME]:]host[:port]; IPv6 with a "
     "port "
     "as [addr]:port; * is any address. May be repeated, every one counts",
     kWorks, "",
     [](Draft& draft, const Argument& argument) -> Refusal {
       draft.settings.net.explicit_listen = true;
       draft.listen_lists.emplace_back(argument.text);
       return {};
     }},
    {'d', "daemon", kNone, "", "off", "run in the background", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.process.daemon = true;
       return {};
     }},
    {'r', "enable-coredumps", kNone, "", "off",
     "raise the limit of core files as far as it goes; with -d the working directory stays", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.process.core_dumps = true;
       return {};
     }},
    {'u', "user", kRequired, "<user>", "none", "user to become; required when started by root, ignored otherwise",
     kWorks, "",
     [](Draft& draft, const Argument& argument) -> Refusal {
       draft.settings.process.user = argument.text;
       return {};
     }},
    {'m', "memory-limit", kRequired, "<MB>", "64", "memory for items and their index; at least twice -I", kWorks, "",
     set_memory_limit},
    {'M', "disable-evictions", kNone, "", "off", "refuse to store when full instead of evicting", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.cache.evict = false;
       return {};
     }},
    {'c', "conn-limit", kRequired, "<num>", "1024", "clients served at the same time", kWorks, "",
     [](Draft& draft, const Argument& argument) -> Refusal {
       return read_into(argument, 1, INT_MAX, 1, &draft.settings.conn.max_connections);
     }},
    {'k', "lock-memory", kNone, "", "off", "lock all memory; a failure is only a warning", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.process.lock_memory = true;
       return {};
     }},
    {'v', "verbose", kNone, "", "off",
     "say more on stderr: -v errors and warnings, -vv commands and replies, -vvv states", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       ++draft.settings.verbosity;
       return {};
     }},
    {'h', "help", kNone, "", "", "print this text", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.action = Action::show_help;
       return {};
     }},
    {'i', "license", kNone, "", "", "print the licenses of what this server is made of", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.action = Action::show_license;
       return {};
     }},
    {'V', "version", kNone, "", "", "print the version", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.action = Action::show_version;
       return {};
     }},
    {'P', "pidfile", kRequired, "<file>", "none",
     "write the process id to this file; with -d the file is removed at the end", kWorks, "",
     [](Draft& draft, const Argument& argument) -> Refusal {
       draft.settings.process.pidfile = argument.text;
       return {};
     }},
    {'f', "slab-growth-factor", kRequired, "<factor>", "1.25",
     "ratio of the sizes of the classes that items are listed by, above 1", kWorks, "", set_growth_factor},
    {'n', "slab-min-size", kRequired, "<bytes>", "48", "bytes of key, value and flags in the smallest of these classes",
     kWorks, "", set_smallest_class},
    {'L', "enable-largepages", kNone, "", "off", "preallocate item memory in large pages", kNoEffect,
     "item memory is taken in ordinary pages", accept},
    {'D', "", kRequired, "<char>", ":",
     "delimiter between the prefix of a key and the rest; turns statistics by prefix on", kWorks, "",
     set_prefix_delimiter},
    {'t', "threads", kRequired, "<num>", "4", "worker threads", kWorks, "", set_threads},
    {'R', "max-reqs-per-event", kRequired, "<num>", "20",
     "requests served for one connection before the next has its turn", kWorks, "", set_reqs_per_event},
    {'C', "disable-cas", kNone, "", "off", "no CAS ids: they read as 0 and never match", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.cache.cas_enabled = false;
       return {};
     }},
    {'b', "listen-backlog", kRequired, "<num>", "1024", "length of the listeners' queues", kWorks, "",
     [](Draft& draft, const Argument& argument) -> Refusal {
       return read_into(argument, INT_MIN, INT_MAX, 1, &draft.settings.net.backlog);
     }},
    {'B', "protocol", kRequired, "<name>", "auto", "protocol: auto, ascii or binary", kWorks, "", set_protocol},
    {'I', "max-item-size", kRequired, "<size>", "1m", "largest value, from 1k to 1g and at most half of -m", kWorks, "",
     set_item_size},
    {'S', "enable-sasl", kNone, "", "off", "authenticate with SASL", kNotBuilt, "authentication", nullptr},
    {'F', "disable-flush-all", kNone, "", "off", "refuse the flush_all command", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.command.flush_enabled = false;
       return {};
     }},
    {'X', "disable-dumping", kNone, "", "off", "refuse the commands that list keys", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.command.dumping_enabled = false;
       return {};
     }},
    {'W', "disable-watch", kNone, "", "off", "refuse the watch command", kWorks, "",
     [](Draft& draft, const Argument&) -> Refusal {
       draft.settings.command.watch_enabled = false;
       return {};
     }},
    {'Y', "auth-file", kRequired, "<file>", "none", "authenticate with the users of this file", kNotBuilt,
     "authentication", nullptr},
    {'e', "memory-file", kRequired, "<file>", "none", "keep items in this file over a restart", kNotBuilt,
     "warm restart", nullptr},
    {'Z', "enable-ssl", kNone, "", "off", "serve over TLS", kNotBuilt, "TLS", nullptr},
    {'N', "napi-ids", kRequired, "<num>", "0, off", "choose workers by the receiving queue", OptionStatus::not_here,
     "connections are balanced by load", set_napi_ids},
    {'o', "extended", kRequired, "<list>", "", "sub-options, separated by commas", kWorks, "", accept},
};

}  // namespace

std::span<const OptionRow> flags() { return kFlags; }

const OptionRow* find_flag(int letter) {
  for (const OptionRow& row : kFlags) {
    if (row.letter == letter) return &row;
  }
  return nullptr;
}

}  // namespace martlet::settings
