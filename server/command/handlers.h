// The handlers behind the command table: one function per verb, called on the worker's thread. Each counts what its
// command stands for in `stats` and returns one Response. They never throw and never block.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "server/command/executor.h"

namespace martlet::command {

protocol::Response handle_invalid(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_get(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_inspect(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_arith(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_remove(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_touch(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_noop(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_flush_all(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_version(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_verbosity(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_stats(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_cache_memlimit(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_lru_crawler(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_lru(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_slabs(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_extstore(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_shutdown(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_quit(const CommandContext& context, const protocol::Request& request);
protocol::Response handle_watch(const CommandContext& context, const protocol::Request& request);

// The steps of a store; what each means is said at the Executor's function of that name.
std::optional<protocol::Response> store_admit(const CommandContext& context, const protocol::Request& request);
protocol::Response store_value(const CommandContext& context, const protocol::Request& request, std::string_view value);
std::unique_ptr<cache::Upload> store_begin_upload(const CommandContext& context, const protocol::Request& request);
protocol::Response store_publish(const CommandContext& context, const protocol::Request& request,
                                 std::unique_ptr<cache::Upload> upload);
protocol::Response store_refuse(const CommandContext& context, const protocol::Request& request, bool during_read);
protocol::Response store_bad_chunk(const CommandContext& context);

// Rows of `stats` without a sub-command.
protocol::StatRows general_stats(const CommandContext& context);

// `stats cachedump <class> <limit>`, `stats detail on|off|dump`: their words begin at args[1].
protocol::Response cachedump(const CommandContext& context, const protocol::Request& request);
protocol::Response stats_detail(const CommandContext& context, const protocol::Request& request);

// Rows by size class: `stats items`, `stats slabs`.
protocol::StatRows item_class_rows(const CommandContext& context);
protocol::StatRows slab_class_rows(const CommandContext& context);

// Rows of `stats segments`.
protocol::StatRows segment_rows(const CommandContext& context);

}  // namespace martlet::command
