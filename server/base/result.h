// Result<T>: what a factory gives back at start-up, a value or the reason why there is none. The request path does not
// use it: there failures are statuses of a Response.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace martlet {

// Why something could not be had: one line for the operator, and the exit code that goes with it (sysexits where
// memcached uses them: 1 refused while parsing options, 64 refused by later checks, 67 no such user, 71 OS error).
struct Error {
  int exit_code = 71;
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only when ok().
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T&& take() { return std::move(std::get<0>(state_)); }

  // Only when !ok().
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// A Result without a value.
struct Ok {};
using Status = Result<Ok>;

}  // namespace martlet
