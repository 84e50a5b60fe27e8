// lru_crawler, lru, slabs, extstore: what memcached's tools ask of its lists, pages and flash. The words are checked
// and answered as there; where this server has nothing that they could steer they change nothing (docs/protocol.md says
// which). lru_crawler also lists keys.
#include <array>
#include <charconv>
#include <cmath>

#include "server/base/parse_int.h"
#include "server/command/handlers.h"
#include "server/command/key_dump.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;

namespace {

constexpr uint32_t kMaxSleepUs = 1'000'000;
constexpr int64_t kMaxListPercent = 80;  // hot and warm together
constexpr uint32_t kMinWindow = 3;       // samples
constexpr uint32_t kMaxWindow = 1800;

Response bad_line() { return Response::of(Outcome::client_error, "bad command line format"); }
Response error() { return Response::of(Outcome::error); }
Response ok() { return Response::of(Outcome::ok); }
Response line(std::string_view text) { return Response::of(Outcome::line, text); }
Response crawler_disabled() { return Response::of(Outcome::client_error, "lru crawler disabled"); }

// A decimal number without blanks around it.
bool parse_double(std::string_view word, double* out) {
  const char* const end = word.data() + word.size();
  const auto [stop, failure] = std::from_chars(word.data(), end, *out);
  return failure == std::errc() && stop == end && std::isfinite(*out);
}

bool parse_share(std::string_view word) {
  double share = 0;
  return parse_double(word, &share) && share > 0 && share <= 1;
}

struct DumpWords {
  DumpForm form;
  std::string_view pipelined;
  std::string_view not_allowed;
};

constexpr DumpWords kMetadump{DumpForm::metadump, "ERROR cannot pipeline other commands before metadump",
                              "ERROR metadump not allowed"};
constexpr DumpWords kMgdump{DumpForm::mgdump, "ERROR cannot pipeline other commands before mgdump",
                            "ERROR key dump not allowed"};

Response list_keys(const CommandContext& context, const Request& request, const DumpWords& words) {
  if (request.arg_count < 2) return error();
  if (!context.settings.dumping_enabled) return line(words.not_allowed);
  if (!context.tuning.crawler_enabled) return crawler_disabled();
  if (request.pipelined) return line(words.pipelined);
  const auto classes = parse_classes(request.args[1]);
  if (!classes) return line("BADCLASS invalid class id");
  DumpOrder order;
  order.form = words.form;
  order.classes = *classes;
  Response response = ok();
  response.source = make_key_dump(context.cache, context.cache_context, context.clock, order);
  if (response.source != nullptr) return response;
  context.stats.malloc_fails.add();
  return Response::of(Outcome::out_of_memory);
}

// Expired items are looked for all the time; a crawl that is asked for finds them at work.
Response crawl(const CommandContext& context, const Request& request) {
  if (request.arg_count < 2) return error();
  if (!context.tuning.crawler_enabled) return crawler_disabled();
  if (request.args[1] == "hash") return line("ERROR an unknown error happened");
  return parse_classes(request.args[1]) ? ok() : line("BADCLASS invalid class id");
}

Response set_number(const Request& request, std::atomic<uint32_t>& number, uint32_t most) {
  uint32_t value = 0;
  if (request.arg_count < 2) return error();
  if (!parse_u32(request.args[1], &value)) return bad_line();
  if (value > most) return Response::of(Outcome::client_error, "sleep must be one second or less");
  number = value;
  return ok();
}

Response tune_lists(const Request& request) {
  uint32_t hot = 0;
  uint32_t warm = 0;
  double hot_factor = 0;
  double warm_factor = 0;
  if (request.arg_count < 5 || !parse_u32(request.args[1], &hot) || !parse_u32(request.args[2], &warm) ||
      !parse_double(request.args[3], &hot_factor) || !parse_double(request.args[4], &warm_factor)) {
    return error();
  }
  if (int64_t{hot} + warm > kMaxListPercent) return line("ERROR hot and warm pcts must not exceed 80");
  if (hot_factor <= 0 || warm_factor <= 0) return line("ERROR hot/warm age factors must be greater than 0");
  return ok();
}

// Classes own no pages, so one that exists never has a page to spare.
Response reassign(const CommandContext& context, const Request& request) {
  if (request.arg_count < 3) return error();
  if (!context.settings.slab_reassign) return Response::of(Outcome::client_error, "slab reassignment disabled");
  int64_t from = 0;
  int64_t to = 0;
  if (!parse_i64(request.args[1], &from) || !parse_i64(request.args[2], &to)) return bad_line();
  if (from == to) return line("SAME src and dst class are identical");
  const auto classes = static_cast<int64_t>(context.cache.class_figures().size());
  const bool known = (from == -1 || (from >= 1 && from <= classes)) && to >= 1 && to <= classes;
  return known ? line("NOSPARE source class has no spare pages") : line("BADCLASS invalid src or dst class id");
}

Response automove(const Request& request) {
  if (request.arg_count < 2) return error();
  const std::string_view word = request.args[1];
  if (word == "ratio" || word == "freeratio") {
    return request.arg_count >= 3 && parse_share(request.args[2]) ? ok() : error();
  }
  uint32_t number = 0;
  if (word == "window") {
    if (request.arg_count < 3 || !parse_u32(request.args[2], &number)) return error();
    if (number >= kMinWindow && number <= kMaxWindow) return ok();
    return Response::of(Outcome::client_error, "automove window too low or too high");
  }
  if (!parse_u32(word, &number)) return bad_line();
  return number <= 2 ? ok() : error();
}

}  // namespace

Response handle_lru_crawler(const CommandContext& context, const Request& request) {
  if (request.arg_count < 1) return error();
  RunningTuning& tuning = context.tuning;
  const std::string_view word = request.args[0];
  if (word == "metadump") return list_keys(context, request, kMetadump);
  if (word == "mgdump") return list_keys(context, request, kMgdump);
  if (word == "crawl") return crawl(context, request);
  if (word == "sleep") return set_number(request, tuning.crawler_sleep_us, kMaxSleepUs);
  if (word == "tocrawl") return set_number(request, tuning.crawler_tocrawl, UINT32_MAX);
  if (word == "enable") {
    return tuning.crawler_enabled.exchange(true) ? line("ERROR failed to start lru crawler thread") : ok();
  }
  if (word != "disable") return error();
  tuning.crawler_enabled = false;
  return ok();
}

Response handle_lru(const CommandContext& context, const Request& request) {
  if (request.arg_count < 2) return error();
  const std::string_view word = request.args[0];
  const std::string_view argument = request.args[1];
  if (word == "tune") return tune_lists(request);
  if (!context.settings.lru_maintainer) return error();
  int64_t seconds = 0;
  const bool mode = word == "mode" && (argument == "flat" || argument == "segmented");
  const bool temporary = word == "temp_ttl" && parse_i64(argument, &seconds);
  return mode || temporary ? ok() : error();
}

Response handle_slabs(const CommandContext& context, const Request& request) {
  if (request.arg_count < 1) return error();
  if (request.args[0] == "reassign") return reassign(context, request);
  return request.args[0] == "automove" ? automove(request) : error();
}

// There is no flash tier: a good value for one of its settings is taken and changes nothing.
Response handle_extstore(const CommandContext&, const Request& request) {
  constexpr std::array<std::string_view, 8> kNumbers{"item_size",     "item_age",   "low_ttl",   "recache_rate",
                                                     "compact_under", "drop_under", "max_sleep", "drop_unread"};
  if (request.arg_count < 2) return error();
  const std::string_view name = request.args[0];
  if (name == "max_frag") return parse_share(request.args[1]) ? ok() : error();
  uint32_t number = 0;
  if (!parse_u32(request.args[1], &number)) return error();
  for (const std::string_view known : kNumbers) {
    if (name == known) return ok();
  }
  return error();
}

}  // namespace martlet::command
