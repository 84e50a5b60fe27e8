// Traces in files: CSV with the head `key_id,key_size,value_size,ttl,op,ts`, plain or packed by gzip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/storage/trace.h"

namespace martlet::bench {

// Paths of the *.csv and *.csv.gz in a folder, by name. Throws BenchError when there are none.
std::vector<std::string> trace_files(const std::string& folder);

// Throws BenchError when the file cannot be read, the head is another, or a line is not six fields in range: key_size 1
// to 250, value_size up to 1 MiB, op g or s, ts not smaller than the line's before. Key ids are any 64-bit numbers;
// they are numbered in the order of their first use. Columns: ttl and ts in seconds.
Trace read_trace(const std::string& path);

// The same from text.
Trace parse_trace(std::string name, std::string_view text);

}  // namespace martlet::bench
