// Is there one order of the operations on a key that explains all their answers and keeps each within its own time?
//
// Just-in-time linearization (Lowe, "Testing for linearizability", 2017, after Wing and Gong, 1993): calls and returns
// are gone through in the order of time, with the set of all configurations that the answers so far allow: the state of
// the key, and which of the unfinished operations have taken effect. Where an operation returns, it must have; a
// configuration in which it cannot is dropped, and when none is left there is no such order.
//
// The key is a register that holds a number under an id that is new with every change. It may forget, if the checker is
// told so: a cache evicts. It may never lie. Takes time exponential in the operations on the key that overlap.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace martlet::cache::model {

enum class Step : uint8_t { get, set, add, cas, remove, incr };

// What came of it. `refused`: add on a present key, cas with another id, incr on what is no number.
enum class Effect : uint8_t { done, absent, refused };

// One operation of one thread on one key.
struct Operation {
  Step step = Step::get;
  Effect effect = Effect::done;
  uint32_t thread = 0;    // below 64
  uint64_t called = 0;    // ns, by a clock that all threads share
  uint64_t returned = 0;  // ns
  uint64_t number = 0;    // set, add, cas: the new one; get, incr: the one in the answer
  uint64_t delta = 0;     // incr
  uint64_t old_id = 0;    // cas: the id it must have
  uint64_t id = 0;        // the id in the answer
};

struct Verdict {
  bool linearizable = true;
  size_t first_wrong = 0;  // the operation that could not return; of the history as it was sorted
  std::string what;        // in words
  size_t most_configurations = 0;
};

// `history`: of one key, absent in the beginning; all operations have returned, those of a thread one after the other.
// Sorts it by the time of the calls.
Verdict check_history(std::vector<Operation>& history, bool may_forget);

std::string describe(const Operation& operation);

}  // namespace martlet::cache::model
