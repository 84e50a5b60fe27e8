// The one error type of the benchmark: a step that could not be done or a reply that was not the one promised.
// A scenario throws it, the runner catches it and reports it in the table, so no failed step can pass as a figure.
#pragma once

#include <stdexcept>

namespace martlet::bench {

class BenchError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The peer ended the stream, in order or by a reset.
class StreamEnded : public BenchError {
 public:
  using BenchError::BenchError;
};

}  // namespace martlet::bench
