#include "tests/server/cache/model/linearizability.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>

namespace martlet::cache::model {
namespace {

// Id 0: absent.
struct Register {
  uint64_t id = 0;
  uint64_t number = 0;
};

struct Configuration {
  Register state;
  uint64_t effective = 0;  // threads whose unfinished operation has taken effect

  auto order() const { return std::tie(state.id, state.number, effective); }
  bool operator<(const Configuration& other) const { return order() < other.order(); }
};

using Configurations = std::set<Configuration>;

// The state after the operation took effect with its answer; nothing when it cannot have.
std::optional<Register> after(const Operation& operation, const Register& state) {
  const bool present = state.id != 0;
  const Register written = {operation.id, operation.number};
  if (operation.effect == Effect::absent) return present ? std::nullopt : std::optional(state);
  const bool done = operation.effect == Effect::done;
  switch (operation.step) {
    case Step::get:
      if (!present || operation.id != state.id || operation.number != state.number) return std::nullopt;
      return state;
    case Step::set:
      return written;
    case Step::add:
      if (done == present) return std::nullopt;
      return done ? written : state;
    case Step::cas:
      if (!present || done != (operation.old_id == state.id)) return std::nullopt;
      return done ? written : state;
    case Step::remove:
      return present ? std::optional(Register{}) : std::nullopt;
    case Step::incr:
      if (!present) return std::nullopt;
      if (!done) return state;
      return state.number + operation.delta == operation.number ? std::optional(written) : std::nullopt;
  }
  return std::nullopt;
}

class Search {
 public:
  explicit Search(bool may_forget) : may_forget_(may_forget) { now_.insert(Configuration{}); }

  void call(const Operation& operation) { unfinished_[operation.thread] = &operation; }

  // False: no configuration is left.
  bool finish(const Operation& operation) {
    const uint64_t bit = uint64_t{1} << operation.thread;
    Configurations looked_at;
    Configurations next;
    std::vector<Configuration> open(now_.begin(), now_.end());
    while (!open.empty()) {
      Configuration at = open.back();
      open.pop_back();
      take_what_changes_nothing(at);
      if (!looked_at.insert(at).second) continue;
      if ((at.effective & bit) != 0) {
        at.effective &= ~bit;
        next.insert(at);
      } else {
        take_one_more(at, open);
      }
    }
    most_ = std::max(most_, looked_at.size());
    unfinished_[operation.thread] = nullptr;
    now_ = std::move(next);
    return !now_.empty();
  }

  const Configurations& now() const { return now_; }
  size_t most() const { return most_; }

 private:
  template <typename Use>
  void for_each_open(const Configuration& at, Use&& use) const {
    for (const Operation* operation : unfinished_) {
      if (operation == nullptr) continue;
      const uint64_t bit = uint64_t{1} << operation->thread;
      if ((at.effective & bit) == 0) use(*operation, bit);
    }
  }

  // What only looks may as well have looked at once: nothing that is possible later becomes impossible by it.
  void take_what_changes_nothing(Configuration& at) const {
    for_each_open(at, [&](const Operation& operation, uint64_t bit) {
      const auto state = after(operation, at.state);
      if (state && state->id == at.state.id) at.effective |= bit;
    });
  }

  // A key is forgotten where an operation has found it absent, not before.
  void take_one_more(const Configuration& at, std::vector<Configuration>& open) const {
    for_each_open(at, [&](const Operation& operation, uint64_t bit) {
      if (const auto state = after(operation, at.state)) {
        open.push_back({*state, at.effective | bit});
      } else if (const auto forgotten = after(operation, {}); may_forget_ && forgotten) {
        open.push_back({*forgotten, at.effective | bit});
      }
    });
  }

  const bool may_forget_;
  std::array<const Operation*, 64> unfinished_{};
  Configurations now_;
  size_t most_ = 0;
};

std::string explain(const Operation& wrong, const Configurations& before) {
  std::ostringstream out;
  out << describe(wrong) << "; before it returned the key may have been";
  for (const Configuration& at : before) {
    out << (at.state.id == 0 ? " absent" : " " + std::to_string(at.state.number) + "/" + std::to_string(at.state.id));
  }
  return out.str();
}

}  // namespace

std::string describe(const Operation& operation) {
  static constexpr const char* kSteps[] = {"get", "set", "add", "cas", "remove", "incr"};
  static constexpr const char* kEffects[] = {"done", "absent", "refused"};
  std::ostringstream out;
  out << "thread " << operation.thread << " " << kSteps[static_cast<size_t>(operation.step)] << " number "
      << operation.number << " delta " << operation.delta << " old id " << operation.old_id << " -> "
      << kEffects[static_cast<size_t>(operation.effect)] << " id " << operation.id << " from " << operation.called
      << " to " << operation.returned;
  return out.str();
}

Verdict check_history(std::vector<Operation>& history, bool may_forget) {
  std::sort(history.begin(), history.end(), [](const Operation& a, const Operation& b) { return a.called < b.called; });
  std::vector<size_t> by_return(history.size());
  for (size_t i = 0; i < by_return.size(); ++i) by_return[i] = i;
  std::sort(by_return.begin(), by_return.end(),
            [&](size_t a, size_t b) { return history[a].returned < history[b].returned; });
  Search search(may_forget);
  Verdict out;
  size_t called = 0;
  for (const size_t index : by_return) {
    // What was called in the same instant may have come before.
    while (called < history.size() && history[called].called <= history[index].returned) {
      // A thread's next call waits for the return of the one before.
      if (history[called].thread == history[index].thread && called > index) break;
      search.call(history[called++]);
    }
    const Configurations before = search.now();
    if (search.finish(history[index])) continue;
    out.linearizable = false;
    out.first_wrong = index;
    out.what = explain(history[index], before);
    break;
  }
  out.most_configurations = search.most();
  return out;
}

}  // namespace martlet::cache::model
