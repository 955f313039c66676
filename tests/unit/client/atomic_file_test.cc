#include "client/atomic_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::client {
namespace {

int FilesIn(const testing::TempDir& folder) {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(AtomicFileTest, AppearsWholeOnCommitAndReplacesWhatWasThere) {
  const testing::TempDir folder;
  const std::string path = folder.File("out.csv");
  ASSERT_OK(WriteFileAtomically(path, "old"));
  ASSERT_OK_AND_ASSIGN(auto file, AtomicFile::Create(path));
  ASSERT_OK(file->Append("new "));
  ASSERT_OK(file->Append("text"));
  EXPECT_EQ(*ReadFile(path), "old");
  ASSERT_OK(file->Commit());
  EXPECT_EQ(*ReadFile(path), "new text");
  EXPECT_EQ(FilesIn(folder), 1);
}

TEST(AtomicFileTest, LeavesNothingWithoutCommit) {
  const testing::TempDir folder;
  {
    ASSERT_OK_AND_ASSIGN(auto file, AtomicFile::Create(folder.File("out.csv")));
    ASSERT_OK(file->Append(std::string(1 << 20, 'x')));
  }
  EXPECT_EQ(FilesIn(folder), 0);
}

TEST(AtomicFileTest, WritesThroughASymbolicLink) {
  const testing::TempDir folder;
  ASSERT_OK(WriteFileAtomically(folder.File("target"), "old"));
  std::filesystem::create_symlink(folder.File("target"), folder.File("link"));
  ASSERT_OK_AND_ASSIGN(auto file, AtomicFile::Create(folder.File("link")));
  ASSERT_OK(file->Append("new"));
  ASSERT_OK(file->Commit());
  EXPECT_TRUE(std::filesystem::is_symlink(folder.File("link")));
  EXPECT_EQ(*ReadFile(folder.File("target")), "new");
}

TEST(AtomicFileTest, WritesADeviceInPlace) {
  ASSERT_OK_AND_ASSIGN(auto file, AtomicFile::Create("/dev/null"));
  ASSERT_OK(file->Append("x"));
  EXPECT_OK(file->Commit());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(AtomicFileTest, NamesAFolderThatIsNoneOrIsInTheWay) {
  const testing::TempDir folder;
  EXPECT_STATUS(AtomicFile::Create(folder.File("none/out.csv")), kNotFound, "none/out.csv");
  EXPECT_STATUS(AtomicFile::Create(folder.path()), kInvalidArgument, "it is a folder");
}

TEST(AtomicFileTest, TellsAFullDisk) {
  ASSERT_OK_AND_ASSIGN(auto file, AtomicFile::Create("/dev/full"));
  ASSERT_OK(file->Append("x"));
  EXPECT_STATUS(file->Commit(), kResourceExhausted, "/dev/full");
}

}  // namespace
}  // namespace probesweep::client
