#include "server/process/file_replace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

using testing::HasSubstr;

TEST(FileReplace, NewContentTakesThePlaceOfTheOldWhole) {
  const ScratchDir scratch;
  put_content(scratch.file("f"), "a longer content than the new one");
  EXPECT_EQ(replace_file(scratch.file("f"), "new"), std::nullopt);
  EXPECT_EQ(content_of(scratch.file("f")), "new");
  EXPECT_EQ(scratch.size(), 1U);
}

TEST(FileReplace, AReaderOfTheOldFileKeepsIt) {
  const ScratchDir scratch;
  put_content(scratch.file("f"), "old");
  std::ifstream reader(scratch.file("f"));
  EXPECT_EQ(replace_file(scratch.file("f"), "new"), std::nullopt);
  std::string word;
  reader >> word;
  EXPECT_EQ(word, "old");
}

TEST(FileReplace, AFailureLeavesNothingBeside) {
  const ScratchDir scratch;
  std::filesystem::create_directory(scratch.file("f"));
  EXPECT_THAT(replace_file(scratch.file("f"), "new").value_or(""), HasSubstr("cannot write"));
  EXPECT_EQ(scratch.size(), 1U);
  EXPECT_THAT(replace_file(scratch.file("no/such/f"), "new").value_or(""), HasSubstr("cannot write"));
}

TEST(FileReplace, AFullDeviceIsToldAndTheOldFileStands) {
  const ScratchDir scratch;
  put_content(scratch.file("f"), "old");
  const std::string said = in_child([&scratch] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_FSIZE, &none) != 0) return std::string("cannot set the limit");
    return replace_file(scratch.file("f"), "new").value_or("written");
  });
  EXPECT_THAT(said, HasSubstr("cannot write"));
  EXPECT_EQ(content_of(scratch.file("f")), "old");
  EXPECT_EQ(scratch.size(), 1U);
}

TEST(FileReplace, ALinkPlantedBesideIsNotWrittenThrough) {
  const ScratchDir scratch;
  put_content(scratch.file("victim"), "precious");
  std::filesystem::create_symlink(scratch.file("victim"), scratch.file("f." + std::to_string(::getpid()) + ".tmp"));
  EXPECT_EQ(replace_file(scratch.file("f"), "new"), std::nullopt);
  EXPECT_EQ(content_of(scratch.file("victim")), "precious");
  EXPECT_EQ(content_of(scratch.file("f")), "new");
}

}  // namespace
}  // namespace martlet::process
