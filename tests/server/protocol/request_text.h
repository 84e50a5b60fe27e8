// A Request as one line of text, with every field that is not as in a fresh one: tests compare these.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>

#include "server/protocol/request.h"

namespace martlet::protocol {

inline const char* name_of(Verb verb) {
  constexpr const char* kNames[] = {"invalid",   "get",      "store",          "arith",       "remove",
                                    "touch",     "noop",     "inspect",        "flush_all",   "version",
                                    "verbosity", "stats",    "cache_memlimit", "lru_crawler", "lru",
                                    "slabs",     "extstore", "shutdown",       "quit",        "watch"};
  static_assert(std::size(kNames) == static_cast<size_t>(Verb::kCount));
  return kNames[static_cast<size_t>(verb)];
}

inline const char* name_of(StoreMode mode) {
  constexpr const char* kNames[] = {"set", "add", "replace", "append", "prepend", "cas"};
  return kNames[static_cast<size_t>(mode)];
}

inline const char* name_of(WireForm wire) {
  constexpr const char* kNames[] = {"classic", "get", "gets", "end", "meta", "binary"};
  return kNames[static_cast<size_t>(wire)];
}

inline const char* name_of(Failure failure) {
  constexpr const char* kNames[] = {"none",           "unknown_command",   "bad_line",          "bad_chunk",
                                    "bad_exptime",    "bad_delta",         "flags_too_long",    "invalid_flag",
                                    "duplicate_flag", "arith_flags",       "bad_token",         "opaque_too_long",
                                    "bad_base64_key", "bad_initial_value", "bad_delta_value",   "bad_store_mode",
                                    "bad_arith_mode", "unknown_opcode",    "invalid_arguments", "unknown_stats"};
  static_assert(std::size(kNames) == static_cast<size_t>(Failure::unknown_stats) + 1);
  return kNames[static_cast<size_t>(failure)];
}

inline std::string text_of(const Request& request) {
  std::string text = name_of(request.verb);
  const auto add = [&text](const std::string& word) { text += " " + word; };
  if (request.failure != Failure::none) add(name_of(request.failure));
  if (request.verb == Verb::store) add(name_of(request.mode));
  if (request.wire != WireForm::classic) add(std::string("as:") + name_of(request.wire));
  if (!request.key.empty()) add("key:" + std::string(request.key));
  if (request.flags != 0 && request.verb != Verb::invalid) add("flags:" + std::to_string(request.flags));
  if (request.with_touch) add("with_touch");
  if (request.exptime != 0 && request.verb != Verb::invalid) add("exptime:" + std::to_string(request.exptime));
  if (request.has_value) add("bytes:" + std::to_string(request.value_size));
  if (request.cas != 0 && request.verb != Verb::invalid) add("cas:" + std::to_string(request.cas));
  if (request.negative) add("negative");
  if (request.verb == Verb::arith) add("delta:" + std::to_string(request.delta));
  if (request.quiet) add("quiet");
  if (request.base64) add("base64");
  if (!request.want_value) add("no_value");
  if (request.peek) add("peek");
  if (request.invalidate) add("invalidate");
  if (request.clear_value) add("clear_value");
  if (request.compare_cas) add("compare_cas");
  if (request.has_new_cas) add("new_cas:" + std::to_string(request.new_cas));
  if (request.vivify) add("vivify:" + std::to_string(request.vivify_exptime));
  if (request.recache) add("recache:" + std::to_string(request.recache_ttl));
  if (request.initial != 0) add("initial:" + std::to_string(request.initial));
  if (request.return_count != 0) add("return:" + std::string(request.return_flags.data(), request.return_count));
  if (!request.opaque.empty()) add("opaque:" + std::string(request.opaque));
  for (size_t i = 0; i < request.arg_count; ++i) add("arg:" + std::string(request.args[i]));
  if (request.noreply) add("noreply");
  if (request.swallow != 0) add("swallow:" + std::to_string(request.swallow));
  if (request.close_after) add("close_after");
  if (request.binary_opaque != 0) add("echo:" + std::to_string(request.binary_opaque));
  return text;
}

}  // namespace martlet::protocol
