// What the steps of drive_machine.cc are made of: reading, values, replies, sleeping.
#include "server/conn/connection.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "server/conn/pending_store.h"
#include "server/conn/request_log.h"
#include "server/protocol/negotiate.h"

namespace martlet::conn {
namespace {

// What one connection may do in one turn before the others get theirs: bytes read and sent. -R, where it is given, also
// bounds the requests.
constexpr uint32_t kTurnBytes = 64 * 1024;

std::string_view kind_of_client(protocol::Dialect demanded) {
  switch (demanded) {
    case protocol::Dialect::ascii:
      return "ascii";
    case protocol::Dialect::binary:
      return "binary";
    case protocol::Dialect::automatic:
      break;
  }
  return "auto-negotiating";
}

}  // namespace

Connection::Connection(ConnContext& context, net::Transport& transport, ConnRow& row, threads::ConnSlot slot)
    : context_(context), transport_(transport), row_(row), slot_(std::move(slot)), out_(context.buffers) {
  row_.set_state(ConnState::handshake);
  context_.diag.log(2, "<{} new {} client connection", transport_.fd(), kind_of_client(context_.settings.protocol));
}

Connection::~Connection() {
  forget_request();
  in_.release(context_.buffers);
}

bool Connection::budget_spent() const {
  return turn_bytes_ >= kTurnBytes ||
         (context_.settings.reqs_per_event_given && turn_requests_ >= context_.settings.reqs_per_event);
}

// ---- reading

Connection::Fill Connection::received(const net::IoResult& got) {
  drained_ = got.drained;
  switch (got.status) {
    case net::IoResult::Status::ok:
      break;
    case net::IoResult::Status::again:
      drained_ = true;
      return Fill::wait;
    case net::IoResult::Status::end:
      return Fill::end;
    case net::IoResult::Status::error:
      return Fill::failed;
  }
  context_.stats.bytes_read.add(got.bytes);
  turn_bytes_ += static_cast<uint32_t>(got.bytes);
  last_chance_ = CloseReason::none;
  if (state() != ConnState::read) request_since_ms_ = 0;  // a value that goes on arriving does not stall
  return Fill::more;
}

Connection::Fill Connection::fill() {
  if (drained_ || budget_spent()) return Fill::wait;
  const std::span<char> space = in_.space(context_.buffers, context_.max_read);
  if (space.empty()) {
    context_.stats.read_buf_oom.add();
    return Fill::failed;
  }
  const net::IoResult got = transport_.read(space);
  if (got.status == net::IoResult::Status::ok) in_.commit(got.bytes);
  return received(got);
}

// What is buffered goes first; then the socket is read straight into the item's memory.
Connection::Fill Connection::fill_upload(cache::Upload& upload) {
  const std::span<char> space = upload.space(context_.cache_context);
  if (space.empty()) return Fill::starved;
  if (!in_.empty()) {
    const size_t count = std::min(space.size(), in_.size());
    std::memcpy(space.data(), in_.pending().data(), count);
    in_.consume(count);
    upload.advance(count);
    return Fill::more;
  }
  if (drained_ || budget_spent()) return Fill::wait;
  const net::IoResult got = transport_.read(space.first(std::min(space.size(), context_.max_read)));
  if (got.status == net::IoResult::Status::ok) upload.advance(got.bytes);
  return received(got);
}

bool Connection::agrees_on_dialect() {
  if (negotiated_) return true;
  negotiated_ = true;
  const char first = in_.pending().front();
  codec_.speak(protocol::negotiate(first));
  if (protocol::fits(context_.settings.protocol, first)) {
    context_.diag.log(2, "{}: Client using the {} protocol", transport_.fd(), codec_.name());
    return true;
  }
  context_.diag.log(2, "{}: Client speaks the {} protocol, which is not served here", transport_.fd(), codec_.name());
  close_reason_ = CloseReason::error;
  return false;
}

// ---- sleeping and closing

// Every sleep sends what is queued first, gives back what is not needed meanwhile, and notes since when it sleeps for
// what. A sleep for input that is already there (the budget was spent) is a yield.
Connection::Step Connection::sleep_in(ConnState state, Wait wait) {
  if (wait != Wait::writable && !out_.empty()) return {ConnState::mwrite};
  if (wait == Wait::readable && !drained_) wait = Wait::yield;
  if (wait == Wait::readable && last_chance_ != CloseReason::none) return close_for(last_chance_);

  const bool in_request = state != ConnState::waiting || !in_.empty() || codec_.mid_request();
  if (wait == Wait::readable && in_request && request_since_ms_ == 0) {
    request_since_ms_ = context_.clock.monotonic_ms();
  }
  if (wait == Wait::writable && send_since_ms_ == 0) send_since_ms_ = context_.clock.monotonic_ms();
  row_.set_replies_waiting(!out_.empty());
  in_.park(context_.buffers);
  return {state, wait};
}

// What this turn did, for the row. A client is not idle while its replies are still leaving.
void Connection::account_turn() {
  if (turn_requests_ == 0 && !turn_sent_) return;
  row_.set_last_command(context_.clock.monotonic_ms());
  row_.set_requests(row_.requests() + turn_requests_);
}

Connection::Step Connection::close_for(CloseReason reason) {
  if (close_reason_ == CloseReason::none) close_reason_ = reason;
  return {ConnState::closing};
}

// A client that has finished sending still gets every reply it has earned.
Connection::Step Connection::close_for(Fill lost) {
  if (lost != Fill::end) return close_for(CloseReason::error);
  if (out_.empty()) return close_for(CloseReason::normal);
  close_after_write_ = true;
  return {ConnState::mwrite};
}

Connection::Step Connection::resume() {
  if (swallow_left_ > 0) return {ConnState::swallow};
  return {pending_ != nullptr ? ConnState::nread : ConnState::new_cmd};
}

// ---- requests

Connection::Step Connection::execute(const protocol::Request& request) {
  protocol::Response response = context_.executor.execute(request);
  const bool close_after = request.close_after || response.close_after;
  if (response.watcher > 0) {
    watcher_ = response.watcher;
    completed();
    return {ConnState::watch, Wait::moved};
  }
  source_ = std::move(response.source);
  if (!reply(request, std::move(response))) return close_for(CloseReason::error);
  if (request.swallow > 0) {
    swallow_left_ = request.swallow;
    return {ConnState::swallow};
  }
  // The end of a multi-get is no request of its own: its keys were counted.
  completed(request.wire == protocol::WireForm::classic_end ? 0 : 1);
  if (!close_after) return {source_ == nullptr ? ConnState::new_cmd : ConnState::mwrite};
  close_after_write_ = true;
  return {ConnState::mwrite};
}

// A piece a turn: others have theirs between two of them.
Connection::Step Connection::next_piece() {
  const protocol::ReplySource::Progress progress = source_->next(out_);
  if (progress == protocol::ReplySource::Progress::no_memory) {
    context_.stats.response_obj_oom.add();
    return close_for(CloseReason::error);
  }
  if (progress == protocol::ReplySource::Progress::done) source_.reset();
  return {ConnState::mwrite, Wait::yield};
}

Connection::Step Connection::begin_value(const protocol::Request& request) {
  const uint64_t whole = uint64_t{request.value_size} + codec_.trailer_size();
  request_since_ms_ = 0;  // the line came in time; the value has time of its own
  if (std::optional<protocol::Response> refusal = context_.executor.admit(request)) {
    if (!reply(request, std::move(*refusal))) return close_for(CloseReason::error);
    swallow_left_ = whole;
    return {ConnState::swallow};
  }
  if (in_.size() >= whole) return store_buffered(request);

  const bool large = request.value_size > cache::kPinThreshold;
  std::unique_ptr<cache::Upload> upload;
  if (large) upload = context_.executor.begin_upload(request);
  if ((large && upload == nullptr) || !keep_request(request)) {
    if (!reply(request, context_.executor.refuse(request, false))) return close_for(CloseReason::error);
    swallow_left_ = whole;
    return {ConnState::swallow};
  }
  pending_->upload = std::move(upload);
  return {ConnState::nread};
}

Connection::Step Connection::store_buffered(const protocol::Request& request) {
  const std::string_view value = in_.pending().substr(0, request.value_size);
  const std::string_view trailer = in_.pending().substr(request.value_size, codec_.trailer_size());
  protocol::Response response = codec_.finish_value(trailer) == protocol::Trailer::good
                                    ? context_.executor.store(request, value)
                                    : context_.executor.bad_chunk(request);
  in_.consume(value.size() + trailer.size());
  completed();
  return reply(request, std::move(response)) ? Step{ConnState::new_cmd} : close_for(CloseReason::error);
}

// The value and its trailer are there.
Connection::Step Connection::finish_value() {
  const protocol::Request& request = pending_->restore(context_.request);
  Step next{ConnState::new_cmd};
  if (pending_->upload == nullptr) {
    next = store_buffered(request);
  } else {
    const std::string_view trailer = in_.pending().substr(0, codec_.trailer_size());
    protocol::Response response = codec_.finish_value(trailer) == protocol::Trailer::good
                                      ? context_.executor.publish(request, std::move(pending_->upload))
                                      : context_.executor.bad_chunk(request);
    in_.consume(trailer.size());
    completed();
    if (!reply(request, std::move(response))) next = close_for(CloseReason::error);
  }
  forget_request();
  return next;
}

// The item's memory gave out in the midst of a value.
Connection::Step Connection::drop_value(uint64_t bytes) {
  const protocol::Request& request = pending_->restore(context_.request);
  const bool queued = reply(request, context_.executor.refuse(request, true));
  forget_request();
  swallow_left_ = bytes;
  return queued ? Step{ConnState::swallow} : close_for(CloseReason::error);
}

bool Connection::keep_request(const protocol::Request& request) {
  char* block = context_.buffers.take(sizeof(PendingStore));
  if (block == nullptr) return false;
  pending_ = new (block) PendingStore(request);
  return true;
}

void Connection::forget_request() {
  if (pending_ == nullptr) return;
  pending_->~PendingStore();
  context_.buffers.give(reinterpret_cast<char*>(pending_));
  pending_ = nullptr;
}

bool Connection::reply(const protocol::Request& request, protocol::Response&& response) {
  const bool queued = write_reply(context_.diag, transport_.fd(), codec_, request, std::move(response), out_);
  if (!queued) context_.stats.response_obj_oom.add();
  return queued;
}

void Connection::completed(uint32_t requests) {
  turn_requests_ += requests;
  request_since_ms_ = 0;
}

void Connection::log_transition(ConnState next) const {
  context_.diag.log(3, "{}: going from {} to {}", transport_.fd(), name_of(state()), name_of(next));
}

}  // namespace martlet::conn
