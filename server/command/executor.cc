// Every request is counted once, where it gets its one Response.
#include "server/command/executor.h"

#include <utility>

#include "server/command/command_table.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;

void Executor::count(const Request& request) {
  context_.stats.requests.add();
  if (request.wire == protocol::WireForm::meta) context_.stats.cmd_meta.add();
}

Response Executor::execute(const Request& request) {
  const CommandRow& row = command_row(request.verb);
  if (row.counted) count(request);
  // A store without its value is a caller's error; ERROR keeps the stream of replies in step.
  if (row.handler == nullptr) return Response::of(Outcome::error);
  return row.handler(context_, request);
}

std::optional<Response> Executor::admit(const Request& request) {
  std::optional<Response> refusal = store_admit(context_, request);
  if (refusal) count(request);
  return refusal;
}

Response Executor::store(const Request& request, std::string_view value) {
  count(request);
  return store_value(context_, request, value);
}

std::unique_ptr<cache::Upload> Executor::begin_upload(const Request& request) {
  return store_begin_upload(context_, request);
}

Response Executor::publish(const Request& request, std::unique_ptr<cache::Upload> upload) {
  count(request);
  return store_publish(context_, request, std::move(upload));
}

Response Executor::refuse(const Request& request, bool during_read) {
  count(request);
  return store_refuse(context_, request, during_read);
}

Response Executor::bad_chunk(const Request& request) {
  count(request);
  return store_bad_chunk(context_);
}

}  // namespace martlet::command
