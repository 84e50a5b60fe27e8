// Reading the replies of the text protocols, classic and meta.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tests/differential/reply.h"

namespace martlet::differential {

// The parts of a stream of replies. A value is passed over by its announced size, so its bytes are never taken for a
// line. What does not look like a reply at all is literal.
ReplyParts text_parts(std::string_view bytes);

// The newest CAS ids by key.
using KnownCas = std::map<std::string, uint64_t, std::less<>>;

// Takes note of ids that the stream shows together with their keys: VALUE lines with an id, meta lines with c and k.
void learn_text_cas(std::string_view bytes, KnownCas* known);

}  // namespace martlet::differential
