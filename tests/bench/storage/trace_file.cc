// Listing, unpacking (by gzip) and parsing.
#include "tests/bench/storage/trace_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "tests/bench/errors.h"
#include "tests/bench/process.h"
#include "tests/bench/storage/numbered_data.h"

namespace martlet::bench {
namespace {

constexpr std::string_view kHead = "key_id,key_size,value_size,ttl,op,ts";
constexpr std::string_view kPacked = ".gz";
constexpr Milliseconds kUnpackTimeout{60'000};
constexpr std::size_t kFields = 6;

using Fields = std::array<std::string_view, kFields>;

std::optional<Fields> split(std::string_view line) {
  Fields out;
  for (std::size_t i = 0; i < kFields; ++i) {
    const std::size_t comma = line.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == kFields)) return std::nullopt;
    out[i] = line.substr(0, comma);
    line.remove_prefix(std::min(line.size(), out[i].size() + 1));
  }
  return out;
}

template <typename Number>
bool parse(std::string_view text, Number least, Number most, Number& out) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc() && end == text.data() + text.size() && out >= least && out <= most;
}

struct Line {
  std::uint64_t id = 0;
  TraceRequest request;
};

std::optional<Line> parse_line(std::string_view text) {
  const auto fields = split(text);
  if (!fields) return std::nullopt;
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  constexpr auto kMostValue = static_cast<std::uint32_t>(NumberedValues::kLongest);
  const auto& [id, key_size, value_size, ttl, op, seconds] = *fields;
  Line out;
  const bool good = parse<std::uint64_t>(id, 0, std::numeric_limits<std::uint64_t>::max(), out.id) &&
                    parse<std::uint8_t>(key_size, 1, kLongestKey, out.request.key_size) &&
                    parse<std::uint32_t>(value_size, 0, kMostValue, out.request.value_size) &&
                    parse<std::uint32_t>(ttl, 0, kMost, out.request.ttl) && (op == "g" || op == "s") &&
                    parse<std::uint32_t>(seconds, 0, kMost, out.request.seconds);
  out.request.is_set = op == "s";
  return good ? std::optional(out) : std::nullopt;
}

std::string unpacked(const std::string& path) {
  auto gzip = ChildProcess::start({"gzip", "-dc", path});
  if (gzip.wait(kUnpackTimeout) != 0) throw BenchError(fmt::format("gzip -dc {}: {}", path, gzip.error_output()));
  return gzip.output();
}

std::string plain(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw BenchError(fmt::format("cannot read {}", path));
  return text.str();
}

}  // namespace

std::vector<std::string> trace_files(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string path = entry.path().string();
    if (path.ends_with(".csv") || path.ends_with(".csv.gz")) out.push_back(path);
  }
  if (failed || out.empty()) throw BenchError(fmt::format("no *.csv or *.csv.gz in '{}'", folder));
  std::sort(out.begin(), out.end());
  return out;
}

Trace read_trace(const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  return parse_trace(file.substr(0, file.find('.')), path.ends_with(kPacked) ? unpacked(path) : plain(path));
}

Trace parse_trace(std::string name, std::string_view text) {
  Trace out{.name = std::move(name), .keys = 0, .requests = {}};
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  std::uint32_t last = 0;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1 && line == kHead) continue;
    auto parsed = number == 1 ? std::nullopt : parse_line(line);
    if (!parsed || parsed->request.seconds < last) {
      throw BenchError(fmt::format("{}, line {}: '{}' is not {}", out.name, number, line.substr(0, 60), kHead));
    }
    last = parsed->request.seconds;
    parsed->request.key = numbers.emplace(parsed->id, static_cast<std::uint32_t>(numbers.size())).first->second;
    out.requests.push_back(parsed->request);
  }
  if (out.requests.empty()) throw BenchError(fmt::format("{}: an empty trace", out.name));
  out.keys = static_cast<std::uint32_t>(numbers.size());
  return out;
}

}  // namespace martlet::bench
