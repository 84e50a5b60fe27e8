// Connection: one client, on its worker's thread. A state machine that is told nothing but "go on" and answers what it
// waits for; it knows no event loop, so a test can drive it by hand.
//
//              ┌─────────────────────────────── new_cmd ◄──────────────────────────────┐
//              │ nothing buffered │ replies due      │ bytes buffered                   │
//              ▼                  ▼                  ▼                                  │
//   waiting ◄─ read ─────────► mwrite           parse_cmd ── executed, reply queued ───►┤
//      │  ▲     ▲ bytes needed    │                 ├─ value to come ──► nread ─────────►┤
//      └──┘     └─────────────────┼─────────────────┤                     │ refused      │
//   until the client sends        │                 ├─ value refused ─► swallow ───────►┘
//                                 │                 └─ watch: leaves for the log drain
//                                 └─ all sent: back to new_cmd, nread or swallow; after quit: closing ─► closed
//
// | state     | does                                              | next                                  |
// |-----------|---------------------------------------------------|---------------------------------------|
// | handshake | the transport's handshake                         | new_cmd                               |
// | new_cmd   | budget spent: send what is queued, then yield     | parse_cmd, mwrite, read               |
// | waiting   | sleeps without a buffer; idle_timeout applies     | read                                  |
// | read      | fills the buffer                                  | parse_cmd, waiting                    |
// | parse_cmd | takes a request, executes it when it has no value | new_cmd, nread, swallow, mwrite, read |
// | nread     | a value: small in the buffer, large into its item | new_cmd, swallow, mwrite              |
// | swallow   | drops a refused value                             | new_cmd, mwrite                       |
// | mwrite    | one gathered write                                | new_cmd, nread, swallow               |
// | closing   | lets go of everything                             | closed                                |
// | watch     | the socket is the log drain's from here on        | –                                     |
//
// Every state may end in closing. Replies queued are sent before the machine sleeps for more input, and before it
// closes of its own accord.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "server/cache/cache.h"
#include "server/conn/conn_context.h"
#include "server/conn/conn_log.h"
#include "server/conn/conn_row.h"
#include "server/conn/conn_state.h"
#include "server/conn/read_buffer.h"
#include "server/conn/reply_queue.h"
#include "server/net/transport.h"
#include "server/protocol/any_codec.h"
#include "threads/conn_slot.h"

namespace martlet::conn {

// What drive() waits for.
enum class Wait : uint8_t {
  none,      // nothing: the machine goes on (never returned by drive)
  readable,  // the descriptor
  writable,
  yield,   // its budget is spent: others first, then drive again
  moved,   // it is a watcher: its transport and its slot go to watcher()'s place of the log drain, then destroy it
  closed,  // the end: destroy it
};

class Connection {
 public:
  // `transport` and `row` outlive the connection. The slot is given back when it is destroyed.
  Connection(ConnContext& context, net::Transport& transport, ConnRow& row, threads::ConnSlot slot);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Goes on until it must wait. Called when what it waited for has come, or to act on request_close().
  Wait drive();

  // The next drive() closes, without sending what is queued.
  void request_close(CloseReason reason) { close_reason_ = reason; }

  // The next drive() that finds nothing to read closes with `reason` instead of sleeping; bytes that are there are
  // served.
  void close_unless_readable(CloseReason reason) { last_chance_ = reason; }

  // After drive() answered `moved`.
  size_t watcher() const { return watcher_ - 1U; }
  threads::ConnSlot take_slot() { return std::move(slot_); }

  ConnState state() const { return row_.state(); }
  CloseReason close_reason() const { return close_reason_; }

  // Times in monotonic ms. The last complete command, or the last bytes of its reply (or the connect); since when the
  // rest of a request is owed, counted from the line's begin or the value's last bytes, 0 for none; the last progress
  // of a blocked write.
  uint64_t last_command_ms() const { return row_.last_command_ms(); }
  uint64_t request_since_ms() const { return request_since_ms_; }
  uint64_t send_since_ms() const { return send_since_ms_; }

 private:
  struct Step {
    ConnState next;
    Wait wait = Wait::none;
  };
  struct PendingStore;

  // drive_machine.cc: the step functions, in state order.
  Step step();
  Step step_handshake();
  Step step_new_cmd();
  Step step_waiting();
  Step step_read();
  Step step_parse_cmd();
  Step step_nread();
  Step step_swallow();
  Step step_mwrite();
  Step step_closing();

  // connection.cc: what the steps are made of.
  enum class Fill : uint8_t { more, wait, starved, end, failed };
  Fill fill();                              // one read into the buffer
  Fill fill_upload(cache::Upload& upload);  // one read straight into the item
  bool agrees_on_dialect();

  Step sleep_in(ConnState state, Wait wait);
  void account_turn();
  void count_close();
  Step close_for(CloseReason reason);
  Step close_for(Fill lost);
  Step resume();  // after a write: to whatever was under way

  Step execute(const protocol::Request& request);
  Step begin_value(const protocol::Request& request);
  Step store_buffered(const protocol::Request& request);
  Step finish_value();
  Step drop_value(uint64_t bytes);
  Step next_piece();
  bool keep_request(const protocol::Request& request);
  void forget_request();
  bool reply(const protocol::Request& request, protocol::Response&& response);
  void completed(uint32_t requests = 1);
  bool budget_spent() const;
  Fill received(const net::IoResult& got);

  void log_transition(ConnState next) const;

  // Constant after construction, but that the slot may be taken.
  ConnContext& context_;
  net::Transport& transport_;
  ConnRow& row_;
  threads::ConnSlot slot_;

  ReadBuffer in_;
  ReplyQueue out_;
  protocol::AnyCodec codec_;
  PendingStore* pending_ = nullptr;                // a store whose value is arriving; in a pool block of its own
  std::unique_ptr<protocol::ReplySource> source_;  // the rest of a reply that is made while it is sent

  uint64_t swallow_left_ = 0;
  uint64_t request_since_ms_ = 0;
  uint64_t send_since_ms_ = 0;
  uint32_t turn_requests_ = 0;  // done since this drive() began
  uint32_t turn_bytes_ = 0;     // read and sent since this drive() began
  Wait asleep_ = Wait::none;    // what the last drive() returned
  uint8_t watcher_ = 0;         // above 0: it becomes this one of the log drain's watchers
  bool turn_sent_ = false;      // bytes were sent since this drive() began
  bool drained_ = true;         // nothing more can be read until the descriptor is ready
  bool negotiated_ = false;
  bool close_after_write_ = false;
  CloseReason close_reason_ = CloseReason::none;
  CloseReason last_chance_ = CloseReason::none;
};

}  // namespace martlet::conn
