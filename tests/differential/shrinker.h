// Shrinking: from a long list that fails to a short one that still does.
//
// Zeller and Hildebrandt's minimizing delta debugging ("Simplifying and Isolating Failure-Inducing Input", 2002),
// without its step that tries subsets first: chunks are left out, large ones before small ones, until no single element
// can be spared.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace martlet::differential {

// `fails(list)` is true for `list` itself. It is asked at most `attempts` times. The result fails and keeps the order.
template <typename Element, typename Fails>
std::vector<Element> shrink(std::vector<Element> list, Fails fails, size_t attempts) {
  for (size_t chunk = std::max<size_t>(list.size() / 2, 1);; chunk = std::max<size_t>(chunk / 2, 1)) {
    bool dropped = false;
    for (size_t at = 0; at < list.size();) {
      if (attempts-- == 0) return list;
      std::vector<Element> candidate(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(at));
      const size_t end = std::min(at + chunk, list.size());
      candidate.insert(candidate.end(), list.begin() + static_cast<std::ptrdiff_t>(end), list.end());
      if (!candidate.empty() && fails(candidate)) {
        list = std::move(candidate);
        dropped = true;
      } else {
        at = end;
      }
    }
    if (chunk == 1 && !dropped) return list;
  }
}

}  // namespace martlet::differential
