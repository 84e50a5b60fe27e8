// What is no trace must not be replayed as one.
#include "tests/bench/storage/trace_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/bench/errors.h"
#include "tests/bench/process.h"

namespace martlet::bench {
namespace {

const std::string kHead = "key_id,key_size,value_size,ttl,op,ts\n";

// A folder of this test's own, removed with what is in it.
class BenchTraceFiles : public testing::Test {
 protected:
  BenchTraceFiles() : folder_(testing::TempDir() + fmt::format("traces-{}", getpid())) {
    std::filesystem::create_directory(folder_);
  }
  ~BenchTraceFiles() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ + "/" + name) << text; }

  std::string folder_;
};

TEST(BenchTrace, ColumnsAreReadAndKeysNumberedAsTheyAppear) {
  const Trace trace =
      parse_trace("t", kHead + "900,20,300,0,g,0\r\n18446744073709551615,1,0,60,s,3\n900,20,300,0,g,3\n");
  ASSERT_EQ(trace.requests.size(), 3U);
  EXPECT_EQ(trace.keys, 2U);
  EXPECT_EQ(trace.requests[0].key, 0U);
  EXPECT_EQ(trace.requests[0].key_size, 20);
  EXPECT_EQ(trace.requests[0].value_size, 300U);
  EXPECT_FALSE(trace.requests[0].is_set);
  EXPECT_EQ(trace.requests[1].key, 1U);
  EXPECT_EQ(trace.requests[1].ttl, 60U);
  EXPECT_TRUE(trace.requests[1].is_set);
  EXPECT_EQ(trace.requests[1].seconds, 3U);
  EXPECT_EQ(trace.requests[2].key, 0U);
}

TEST(BenchTrace, AnythingElseIsRefused) {
  for (const std::string_view line : {"", "1,20,300,0,g", "1,20,300,0,g,0,0", "x,20,300,0,g,0", "1,0,300,0,g,0",
                                      "1,251,300,0,g,0", "1,20,1048577,0,g,0", "1,20,-1,0,g,0", "1,20,300,0,d,0",
                                      "1,20,300,0,,0", "1,20,300,4294967296,g,0", "1,20,300,0,g,1 "}) {
    EXPECT_THROW(static_cast<void>(parse_trace("t", fmt::format("{}{}\n", kHead, line))), BenchError) << line;
  }
  EXPECT_THROW(static_cast<void>(parse_trace("t", "1,20,300,0,g,0\n")), BenchError) << "no head";
  EXPECT_THROW(static_cast<void>(parse_trace("t", kHead)), BenchError) << "no request";
  EXPECT_THROW(static_cast<void>(parse_trace("t", kHead + "1,20,30,0,g,5\n1,20,30,0,g,4\n")), BenchError) << "back";
}

TEST_F(BenchTraceFiles, PlainAndPackedOnesReadTheSame) {
  write("b.csv", kHead + "1,20,300,0,g,0\n");
  write("a.csv", kHead + "1,20,300,0,g,0\n");
  write("notes.txt", "nothing");
  ASSERT_EQ(ChildProcess::start({"gzip", folder_ + "/a.csv"}).wait(Milliseconds(5000)), 0);
  const auto files = trace_files(folder_);
  EXPECT_EQ(files, (std::vector{folder_ + "/a.csv.gz", folder_ + "/b.csv"}));
  for (const std::string& file : files) EXPECT_EQ(read_trace(file).requests.size(), 1U) << file;
  EXPECT_EQ(read_trace(files[0]).name, "a");
}

TEST_F(BenchTraceFiles, FoldersWithoutTracesAndBrokenFilesAreErrors) {
  EXPECT_THROW(static_cast<void>(trace_files(folder_)), BenchError);
  EXPECT_THROW(static_cast<void>(trace_files(folder_ + "/absent")), BenchError);
  EXPECT_THROW(static_cast<void>(read_trace(folder_ + "/absent.csv")), BenchError);
  write("c.csv.gz", "not packed at all");
  EXPECT_THROW(static_cast<void>(read_trace(folder_ + "/c.csv.gz")), BenchError);
}

}  // namespace
}  // namespace martlet::bench
