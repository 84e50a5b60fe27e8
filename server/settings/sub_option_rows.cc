// The rows of -o's sub-options. A bad value of any of them ends with exit code 1.
#include <algorithm>
#include <cstdint>

#include "server/settings/option_table.h"

namespace martlet::settings {
namespace {

constexpr int64_t kMaxUint32 = UINT32_MAX;
constexpr ArgumentKind kNone = ArgumentKind::none;
constexpr ArgumentKind kRequired = ArgumentKind::required;
constexpr OptionStatus kWorks = OptionStatus::works;
constexpr OptionStatus kNoEffect = OptionStatus::no_effect;
constexpr OptionStatus kNotBuilt = OptionStatus::not_built;

constexpr const char* kNoSlabs = "there are no slab classes";
constexpr const char* kNoLists = "items are not kept in LRU lists";
constexpr const char* kNoCrawler = "expired items are looked for at a pace of their own";
constexpr const char* kFlash = "flash storage";
constexpr const char* kTls = "TLS";
constexpr const char* kProxy = "the proxy";

Refusal accept(Draft&, const Argument&) { return {}; }

Refusal read_uint32(const Argument& argument, int64_t low, int64_t high, uint32_t* field) {
  int64_t number = 0;
  if (Refusal refused = read_integer(argument, low, high, 1, &number)) return refused;
  *field = static_cast<uint32_t>(number);
  return {};
}

Refusal read_factor(const Argument& argument, double high, const char* expected) {
  const auto factor = parse_decimal(argument.text);
  if (factor && *factor > 0 && *factor <= high) return {};
  return refusal(1, argument, quoted(argument.text) + " is not a number " + expected);
}

Refusal check_ratio(Draft&, const Argument& argument) { return read_factor(argument, 1.0, "above 0 and up to 1"); }
Refusal check_factor(Draft&, const Argument& argument) { return read_factor(argument, 1e300, "above 0"); }

Refusal set_hashpower(Draft& draft, const Argument& argument) {
  uint32_t power = 0;
  if (Refusal refused = read_uint32(argument, 12, 32, &power)) return refused;
  draft.settings.cache.hash_power = power;
  return {};
}

Refusal check_hash_algorithm(Draft&, const Argument& argument) {
  if (argument.text == "jenkins" || argument.text == "murmur3" || argument.text == "xxh3") return {};
  return refusal(1, argument, quoted(argument.text) + " is none of jenkins, murmur3, xxh3");
}

Refusal check_slab_automove(Draft&, const Argument& argument) {
  int64_t level = 1;  // what it means without a value
  return argument.text.empty() ? Refusal{} : read_integer(argument, 0, 2, 1, &level);
}

Refusal set_slab_chunk_max(Draft& draft, const Argument& argument) {
  int64_t kilobytes = 0;
  if (Refusal refused = read_integer(argument, 1, kSlabPageSize >> 10, 1, &kilobytes)) return refused;
  draft.slab_chunk_max = kilobytes << 10;
  draft.slab_chunk_max_given = true;
  return {};
}

Refusal set_no_chunked_items(Draft& draft, const Argument&) {
  draft.slab_chunk_max = kSlabPageSize;
  return {};
}

// The defaults of memcached 1.4, as far as they exist here or take part in a check.
Refusal set_no_modern(Draft& draft, const Argument&) {
  draft.settings.net.maxconns_fast = false;
  draft.lru_maintainer = false;
  draft.settings.command.lru_maintainer = false;
  draft.settings.command.slab_reassign = false;
  draft.settings.command.lru_crawler = false;
  if (!draft.slab_chunk_max_given) draft.slab_chunk_max = kSlabPageSize;
  return {};
}

template <bool kFast>
Refusal set_maxconns_fast(Draft& draft, const Argument&) {
  draft.settings.net.maxconns_fast = kFast;
  return {};
}

template <bool kReclaim>
Refusal set_idle_reclaim(Draft& draft, const Argument&) {
  draft.settings.conn.idle_reclaim = kReclaim;
  return {};
}

template <bool kMaintainer>
Refusal set_lru_maintainer(Draft& draft, const Argument&) {
  draft.lru_maintainer = kMaintainer;
  draft.settings.command.lru_maintainer = kMaintainer;
  return {};
}

template <bool command::CommandSettings::*kField, bool kOn>
Refusal set_command(Draft& draft, const Argument&) {
  draft.settings.command.*kField = kOn;
  return {};
}

template <uint32_t command::CommandSettings::*kField, int64_t kHigh>
Refusal set_command_number(Draft& draft, const Argument& argument) {
  return read_uint32(argument, 0, kHigh, &(draft.settings.command.*kField));
}

Refusal set_track_sizes(Draft& draft, const Argument&) {
  draft.settings.command.sizes_tracked = true;
  draft.settings.cache.track_sizes = true;
  return {};
}

// A limit in seconds, 0 for none.
template <uint32_t conn::ConnSettings::*kField>
Refusal set_seconds(Draft& draft, const Argument& argument) {
  return read_uint32(argument, 0, kMaxUint32, &(draft.settings.conn.*kField));
}

// A share in percent.
template <int64_t Draft::*kField>
Refusal set_share(Draft& draft, const Argument& argument) {
  return read_integer(argument, 1, 79, 1, &(draft.*kField));
}

// In kilobytes; what is too small for a line is raised.
template <uint64_t log::LogSettings::*kField>
Refusal set_log_buffer(Draft& draft, const Argument& argument) {
  uint32_t kilobytes = 0;
  if (Refusal refused = read_uint32(argument, 0, kMaxUint32, &kilobytes)) return refused;
  draft.settings.log.*kField = std::max(uint64_t{kilobytes} << 10, log::kLeastBuffer);
  return {};
}

Refusal set_temporary_ttl(Draft& draft, const Argument& argument) {
  draft.temporary_ttl = true;
  return check_integer<0, kMaxUint32>(draft, argument);
}

Refusal set_read_buf_mem_limit(Draft& draft, const Argument& argument) {
  uint32_t megabytes = 0;
  if (Refusal refused = read_uint32(argument, 0, kMaxUint32, &megabytes)) return refused;
  draft.settings.conn.read_buf_mem_limit = uint64_t{megabytes} << 20;
  return {};
}

// clang-format off
constexpr OptionRow kSubOptions[] = {
    {0, "maxconns_fast", kNone, "", "on", "beyond -c: tell the client and close", kWorks, "", set_maxconns_fast<true>},
    {0, "no_maxconns_fast", kNone, "", "off", "beyond -c: stop accepting until a client leaves", kWorks, "", set_maxconns_fast<false>},
    {0, "idle_timeout", kRequired, "<seconds>", "0, off", "close clients that wait this long without a command", kWorks, "", set_seconds<&conn::ConnSettings::idle_timeout_s>},
    {0, "request_timeout", kRequired, "<seconds>", "0, off", "close clients that stall this long within a request", kWorks, "", set_seconds<&conn::ConnSettings::request_timeout_s>},
    {0, "send_timeout", kRequired, "<seconds>", "0, off", "close clients that do not read their replies for this long", kWorks, "", set_seconds<&conn::ConnSettings::send_timeout_s>},
    {0, "idle_reclaim", kNone, "", "off", "beyond -c: the longest-idle client gives way", kWorks, "", set_idle_reclaim<true>},
    {0, "no_idle_reclaim", kNone, "", "on", "beyond -c: nobody gives way", kWorks, "", set_idle_reclaim<false>},
    {0, "read_buf_mem_limit", kRequired, "<MB>", "0, none", "bound of all read and reply buffers together", kWorks, "", set_read_buf_mem_limit},
    {0, "sock_cookie_id", kRequired, "<num>", "0, none", "SO_MARK of the listening sockets", kWorks, "",
     [](Draft& draft, const Argument& argument) -> Refusal { return read_uint32(argument, 0, kMaxUint32, &draft.settings.net.sock_cookie_id); }},
    {0, "hashpower", kRequired, "<power>", "0, chosen", "log2 of the index's initial buckets, 12 to 32, above the power of memcached's lock table for -t", kWorks, "", set_hashpower},
    {0, "modern", kNone, "", "on", "the defaults as they are", kWorks, "", accept},
    {0, "no_modern", kNone, "", "off", "older defaults: no_maxconns_fast", kWorks, "", set_no_modern},
    {0, "no_drop_privileges", kNone, "", "on", "no system call filter", kWorks, "", accept},
    {0, "no_hashexpand", kNone, "", "off", "never grow the index", kNoEffect, "the index grows as it must", accept},
    {0, "hash_algorithm", kRequired, "<name>", "murmur3", "jenkins, murmur3 or xxh3", kNoEffect, "the index has a hash of its own", check_hash_algorithm},
    {0, "tail_repair_time", kRequired, "<seconds>", "0, off", "age at which a leaked item is freed, at least 10", kNoEffect, kNoLists, check_integer<10, INT32_MAX>},
    {0, "slab_reassign", kNone, "", "on", "move pages between slab classes", kNoEffect, kNoSlabs, set_command<&command::CommandSettings::slab_reassign, true>},
    {0, "no_slab_reassign", kNone, "", "off", "keep pages where they are: slabs reassign refuses", kNoEffect, kNoSlabs, set_command<&command::CommandSettings::slab_reassign, false>},
    {0, "slab_automove", ArgumentKind::optional, "<0-2>", "1", "how eagerly pages move", kNoEffect, kNoSlabs, check_slab_automove},
    {0, "no_slab_automove", kNone, "", "off", "pages do not move by themselves", kNoEffect, kNoSlabs, accept},
    {0, "slab_automove_ratio", kRequired, "<ratio>", "0.80", "age ratio that moves a page, above 0 up to 1", kNoEffect, kNoSlabs, check_ratio},
    {0, "slab_automove_window", kRequired, "<num>", "10", "samples averaged, 3 to 1800", kNoEffect, kNoSlabs, check_integer<3, 1800>},
    {0, "slab_automove_freeratio", kRequired, "<ratio>", "0.01", "share of pages kept free, above 0 up to 1", kNoEffect, kNoSlabs, check_ratio},
    {0, "slab_sizes", kRequired, "<a-b-c>", "none", "sizes of the slab classes, growing by more than 8, at most 62", kNoEffect, kNoSlabs,
     [](Draft& draft, const Argument& argument) -> Refusal { draft.slab_sizes = argument.text; return {}; }},
    {0, "slab_chunk_max", kRequired, "<KB>", "512", "largest slab chunk, 1 to 1024, a divisor of 1024", kNoEffect, kNoSlabs, set_slab_chunk_max},
    {0, "no_chunked_items", kNone, "", "off", "no items of several chunks", kNoEffect, kNoSlabs, set_no_chunked_items},
    {0, "lru_crawler", kNone, "", "on", "look for expired items in the background; the lru_crawler commands", kWorks, "", set_command<&command::CommandSettings::lru_crawler, true>},
    {0, "no_lru_crawler", kNone, "", "off", "refuse to list keys and to crawl until lru_crawler enable", kWorks, "", set_command<&command::CommandSettings::lru_crawler, false>},
    {0, "lru_crawler_sleep", kRequired, "<microseconds>", "100", "pause of the crawler, 0 to 1000000", kNoEffect, kNoCrawler, set_command_number<&command::CommandSettings::lru_crawler_sleep_us, 1000000>},
    {0, "lru_crawler_tocrawl", kRequired, "<num>", "0, all", "items a run looks at", kNoEffect, kNoCrawler, set_command_number<&command::CommandSettings::lru_crawler_tocrawl, kMaxUint32>},
    {0, "lru_maintainer", kNone, "", "on", "segmented LRU lists", kNoEffect, kNoLists, set_lru_maintainer<true>},
    {0, "no_lru_maintainer", kNone, "", "off", "flat LRU lists", kNoEffect, kNoLists, set_lru_maintainer<false>},
    {0, "hot_lru_pct", kRequired, "<percent>", "20", "share of the HOT list, 1 to 79", kNoEffect, kNoLists, set_share<&Draft::hot_lru_pct>},
    {0, "warm_lru_pct", kRequired, "<percent>", "40", "share of the WARM list, 1 to 79", kNoEffect, kNoLists, set_share<&Draft::warm_lru_pct>},
    {0, "hot_max_factor", kRequired, "<factor>", "0.2", "age cap of the HOT list, above 0", kNoEffect, kNoLists, check_factor},
    {0, "warm_max_factor", kRequired, "<factor>", "2.0", "age cap of the WARM list, above 0", kNoEffect, kNoLists, check_factor},
    {0, "temporary_ttl", kRequired, "<seconds>", "off", "TTL up to which items have a list of their own", kNoEffect, kNoLists, set_temporary_ttl},
    {0, "watcher_logbuf_size", kRequired, "<KB>", "256", "lines kept for a client of watch, at least 4", kWorks, "", set_log_buffer<&log::LogSettings::watcher_buffer>},
    {0, "worker_logbuf_size", kRequired, "<KB>", "64", "events of a worker on their way to the log, at least 4", kWorks, "", set_log_buffer<&log::LogSettings::worker_buffer>},
    {0, "track_sizes", kNone, "", "off", "histogram for stats sizes", kWorks, "", set_track_sizes},
    {0, "inline_ascii_resp", kNone, "", "off", "without meaning in memcached, too", kNoEffect, "items hold no reply text", accept},
    {0, "no_inline_ascii_resp", kNone, "", "on", "without meaning in memcached, too", kNoEffect, "items hold no reply text", accept},
    {0, "resp_obj_mem_limit", kRequired, "<MB>", "0, none", "without meaning in memcached, too", kNoEffect, "read_buf_mem_limit bounds reply buffers as well", check_integer<0, kMaxUint32>},
    {0, "drop_privileges", kNone, "", "off", "system call filter", kNotBuilt, "a system call filter", nullptr},
    {0, "relaxed_privileges", kNone, "", "off", "system call filter that lets tests pass", kNotBuilt, "a system call filter", nullptr},
    {0, "ssl_chain_cert", kRequired, "<file>", "none", "certificate chain", kNotBuilt, kTls, nullptr},
    {0, "ssl_key", kRequired, "<file>", "none", "private key", kNotBuilt, kTls, nullptr},
    {0, "ssl_ca_cert", kRequired, "<file>", "none", "certificates to trust", kNotBuilt, kTls, nullptr},
    {0, "ssl_ciphers", kRequired, "<list>", "none", "ciphers", kNotBuilt, kTls, nullptr},
    {0, "ssl_keyformat", kRequired, "<num>", "1", "format of the key", kNotBuilt, kTls, nullptr},
    {0, "ssl_verify_mode", kRequired, "<0-3>", "0", "what is asked of clients' certificates", kNotBuilt, kTls, nullptr},
    {0, "ssl_min_version", kRequired, "<0-3>", "2", "oldest TLS version", kNotBuilt, kTls, nullptr},
    {0, "ssl_wbuf_size", kRequired, "<KB>", "16", "write buffer of a worker", kNotBuilt, kTls, nullptr},
    {0, "ssl_session_cache", kNone, "", "off", "server-side session cache", kNotBuilt, kTls, nullptr},
    {0, "ssl_kernel_tls", kNone, "", "off", "TLS in the kernel", kNotBuilt, kTls, nullptr},
    {0, "ext_path", kRequired, "<file:size>", "none", "file of the flash tier", kNotBuilt, kFlash, nullptr},
    {0, "ext_page_size", kRequired, "<MB>", "64", "page of the flash tier", kNotBuilt, kFlash, nullptr},
    {0, "ext_wbuf_size", kRequired, "<MB>", "4", "write buffer of the flash tier", kNotBuilt, kFlash, nullptr},
    {0, "ext_threads", kRequired, "<num>", "1", "threads of the flash tier", kNotBuilt, kFlash, nullptr},
    {0, "ext_io_depth", kRequired, "<num>", "1", "requests on their way to flash", kNotBuilt, kFlash, nullptr},
    {0, "ext_item_size", kRequired, "<bytes>", "512", "smallest item that goes to flash", kNotBuilt, kFlash, nullptr},
    {0, "ext_item_age", kRequired, "<seconds>", "none", "age from which items go to flash", kNotBuilt, kFlash, nullptr},
    {0, "ext_low_ttl", kRequired, "<seconds>", "0", "TTL below which items are kept apart", kNotBuilt, kFlash, nullptr},
    {0, "ext_recache_rate", kRequired, "<num>", "2000", "one read of so many comes back to memory", kNotBuilt, kFlash, nullptr},
    {0, "ext_drop_unread", kNone, "", "off", "drop items that were not read", kNotBuilt, kFlash, nullptr},
    {0, "ext_compact_under", kRequired, "<pages>", "1 %", "free pages below which flash is compacted", kNotBuilt, kFlash, nullptr},
    {0, "ext_drop_under", kRequired, "<pages>", "1 %", "free pages below which items are dropped", kNotBuilt, kFlash, nullptr},
    {0, "ext_max_frag", kRequired, "<ratio>", "0.8", "fragmentation that is left alone", kNotBuilt, kFlash, nullptr},
    {0, "ext_max_sleep", kRequired, "<microseconds>", "1000000", "longest pause of the flash writer", kNotBuilt, kFlash, nullptr},
    {0, "proxy_config", kRequired, "<file>", "none", "routes of the proxy", kNotBuilt, kProxy, nullptr},
    {0, "proxy_arg", kRequired, "<text>", "none", "argument of the routes", kNotBuilt, kProxy, nullptr},
    {0, "proxy_uring", kNone, "", "off", "io_uring in the proxy", kNotBuilt, kProxy, nullptr},
    {0, "proxy_memprofile", kNone, "", "off", "memory profile of the proxy", kNotBuilt, kProxy, nullptr},
};
// clang-format on

}  // namespace

std::span<const OptionRow> sub_options() { return kSubOptions; }

const OptionRow* find_sub_option(std::string_view name) {
  for (const OptionRow& row : kSubOptions) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

}  // namespace martlet::settings
