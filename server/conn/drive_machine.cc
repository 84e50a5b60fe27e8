// drive_machine: the loop, its one assignment of the state, and a function per state in the table's order.
#include <algorithm>
#include <array>

#include "server/conn/connection.h"
#include "server/conn/pending_store.h"
#include "server/conn/request_log.h"

namespace martlet::conn {
namespace {

// Replies beyond this are sent before more requests are executed, so that what one client can make the server hold is
// bounded and a client that does not read stops being read.
constexpr uint64_t kFlushBytes = 64 * 1024;

// What one connection may send in one turn before the others get theirs: it matters for values of many megabytes.
constexpr uint32_t kTurnSendBytes = 1024 * 1024;

constexpr size_t kPiecesPerWrite = 64;

// Closed by the server while the client may be about to speak: it is to read the end of the stream, not a reset.
constexpr bool ends_in_order(CloseReason reason) {
  return reason == CloseReason::idle_timeout || reason == CloseReason::request_timeout ||
         reason == CloseReason::reclaimed || reason == CloseReason::shutdown;
}

}  // namespace

// Ends that the figures tell of.
void Connection::count_close() {
  switch (close_reason_) {
    case CloseReason::idle_timeout:
      context_.stats.idle_kicks.add();
      break;
    case CloseReason::request_timeout:
      context_.stats.request_timeouts.add();
      break;
    case CloseReason::send_timeout:
      context_.stats.send_timeouts.add();
      break;
    case CloseReason::reclaimed:
      context_.stats.conns_reclaimed_idle.add();
      break;
    case CloseReason::none:
    case CloseReason::normal:
    case CloseReason::error:
    case CloseReason::shutdown:
      break;
  }
}

Wait Connection::drive() {
  if (asleep_ == Wait::readable) drained_ = false;
  context_.log.set_client(transport_.fd());
  turn_requests_ = 0;
  turn_bytes_ = 0;
  turn_sent_ = false;
  for (;;) {
    const Step done = step();
    if (done.next != state()) {
      if (context_.diag.wants(3)) log_transition(done.next);
      row_.set_state(done.next);
    }
    if (done.wait == Wait::none) continue;
    account_turn();
    if (done.wait == Wait::yield) context_.stats.conn_yields.add();
    return asleep_ = done.wait;
  }
}

Connection::Step Connection::step() {
  if (close_reason_ != CloseReason::none && state() != ConnState::closing) return {ConnState::closing};
  switch (state()) {
    case ConnState::handshake:
      return step_handshake();
    case ConnState::new_cmd:
      return step_new_cmd();
    case ConnState::waiting:
      return step_waiting();
    case ConnState::read:
      return step_read();
    case ConnState::parse_cmd:
      return step_parse_cmd();
    case ConnState::nread:
      return step_nread();
    case ConnState::swallow:
      return step_swallow();
    case ConnState::mwrite:
      return step_mwrite();
    case ConnState::closing:
    case ConnState::closed:
    case ConnState::watch:
    case ConnState::kCount:
      break;
  }
  return step_closing();
}

Connection::Step Connection::step_handshake() {
  switch (transport_.handshake()) {
    case net::Handshake::done:
      return {ConnState::new_cmd};
    case net::Handshake::want_read:
      drained_ = true;  // the transport has looked
      return sleep_in(ConnState::handshake, Wait::readable);
    case net::Handshake::want_write:
      return sleep_in(ConnState::handshake, Wait::writable);
    case net::Handshake::failed:
      break;
  }
  return close_for(CloseReason::error);
}

Connection::Step Connection::step_new_cmd() {
  if (out_.bytes() >= kFlushBytes) return {ConnState::mwrite};
  if (budget_spent()) {
    if (!out_.empty()) return {ConnState::mwrite};
    if (!in_.empty() || !drained_) return sleep_in(ConnState::new_cmd, Wait::yield);
  }
  if (!in_.empty()) return {ConnState::parse_cmd};
  return {out_.empty() ? ConnState::read : ConnState::mwrite};
}

Connection::Step Connection::step_waiting() { return {ConnState::read}; }

Connection::Step Connection::step_read() {
  const Fill fill = this->fill();
  switch (fill) {
    case Fill::more:
      return {agrees_on_dialect() ? ConnState::parse_cmd : ConnState::closing};
    case Fill::wait:
      return sleep_in(ConnState::waiting, Wait::readable);
    case Fill::starved:
    case Fill::end:
    case Fill::failed:
      break;
  }
  return close_for(fill);
}

Connection::Step Connection::step_parse_cmd() {
  protocol::Request& request = context_.request;
  const std::string_view bytes = in_.pending();
  const protocol::Parsed parsed = codec_.parse(bytes, in_.full(), &request);
  in_.consume(parsed.consumed);
  switch (parsed.status) {
    case protocol::ParseStatus::need_more:
      return {out_.empty() ? ConnState::read : ConnState::mwrite};
    case protocol::ParseStatus::close:
      close_after_write_ = true;
      return {ConnState::mwrite};
    case protocol::ParseStatus::request:
      break;
  }
  request.pipelined = !out_.empty();
  if (context_.diag.wants(2)) {
    log_request(context_.diag, transport_.fd(), codec_.is_binary(), bytes.substr(0, parsed.consumed));
  }
  return request.has_value ? begin_value(request) : execute(request);
}

Connection::Step Connection::step_nread() {
  PendingStore& pending = *pending_;
  if (pending.upload != nullptr && pending.upload->remaining() > 0) {
    switch (const Fill fill = fill_upload(*pending.upload); fill) {
      case Fill::more:
        return {ConnState::nread};
      case Fill::wait:
        return sleep_in(ConnState::nread, Wait::readable);
      case Fill::starved:
        return drop_value(pending.upload->remaining() + codec_.trailer_size());
      case Fill::end:
      case Fill::failed:
        return close_for(fill);
    }
  }
  const size_t needed = codec_.trailer_size() + (pending.upload != nullptr ? 0 : pending.request.value_size);
  if (in_.size() >= needed) return finish_value();
  const Fill fill = this->fill();
  if (fill == Fill::more) return {ConnState::nread};
  return fill == Fill::wait ? sleep_in(ConnState::nread, Wait::readable) : close_for(fill);
}

Connection::Step Connection::step_swallow() {
  const uint64_t dropped = std::min<uint64_t>(swallow_left_, in_.size());
  in_.consume(dropped);
  swallow_left_ -= dropped;
  if (swallow_left_ == 0) {
    completed();
    return {ConnState::new_cmd};
  }
  const Fill fill = this->fill();
  if (fill == Fill::more) return {ConnState::swallow};
  return fill == Fill::wait ? sleep_in(ConnState::swallow, Wait::readable) : close_for(fill);
}

Connection::Step Connection::step_mwrite() {
  while (!out_.empty()) {
    std::array<iovec, kPiecesPerWrite> pieces;
    const size_t count = out_.gather(pieces);
    const net::IoResult sent = transport_.write({pieces.data(), count});
    if (sent.status == net::IoResult::Status::again) return sleep_in(ConnState::mwrite, Wait::writable);
    if (sent.status != net::IoResult::Status::ok) return close_for(CloseReason::error);
    out_.consume(sent.bytes);
    context_.stats.bytes_written.add(sent.bytes);
    turn_bytes_ += static_cast<uint32_t>(sent.bytes);
    turn_sent_ = true;
    send_since_ms_ = 0;
    if (turn_bytes_ >= kTurnSendBytes && !out_.empty()) return {ConnState::mwrite, Wait::yield};
  }
  if (source_ != nullptr) return next_piece();
  if (close_after_write_) {
    transport_.finish();
    return close_for(CloseReason::normal);
  }
  return resume();
}

Connection::Step Connection::step_closing() {
  count_close();  // before the client can see that it is over
  if (ends_in_order(close_reason_)) transport_.finish();
  forget_request();
  source_.reset();
  in_.release(context_.buffers);
  out_.clear();
  return {ConnState::closed, Wait::closed};
}

}  // namespace martlet::conn
