#include "server/scheduling/folder_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FolderViewTest : public ::testing::Test {
 protected:
  FolderViewTest() {
    for (const char* name : {"step2", "step10", "step1"}) EXPECT_OK(MakeFolders(root_.File(name)));
    EXPECT_OK(WriteFileAtomically(root_.File("step3"), "a file, not a folder"));
  }
  testing::TempDir root_;
  const FolderView& view_ = *FolderView::Local();
};

TEST_F(FolderViewTest, AGlobFindsFoldersOnlySortedByName) {
  ASSERT_OK_AND_ASSIGN(const auto folders, view_.Glob(root_.File("step*")));
  EXPECT_THAT(folders, ElementsAre(root_.File("step1"), root_.File("step10"), root_.File("step2")));
  ASSERT_OK_AND_ASSIGN(const auto some, view_.Glob(root_.File("step[2-9]")));
  EXPECT_THAT(some, ElementsAre(root_.File("step2")));
}

TEST_F(FolderViewTest, AGlobWithoutMatchIsEmpty) {
  ASSERT_OK_AND_ASSIGN(const auto folders, view_.Glob(root_.File("none*")));
  EXPECT_THAT(folders, IsEmpty());
}

// A hundred links that lead back to their folder make a hundred million paths of four folders.
TEST_F(FolderViewTest, AGlobThatWalksWithoutEndIsGivenUp) {
  ASSERT_OK(MakeFolders(root_.File("loop")));
  for (int i = 0; i < 100; ++i) {
    std::filesystem::create_directory_symlink(".", root_.File("loop/" + std::to_string(i)));
  }
  EXPECT_STATUS(view_.Glob(root_.File("loop/*/*/*/*")), kResourceExhausted, "loop/*/*/*/*",
                "name the folders more closely");
  EXPECT_EQ(view_.Glob(root_.File("loop/*")).value().size(), 100u) << "the next one begins anew";
}

TEST_F(FolderViewTest, FilesFollowLinksAsTheHuggingFaceCacheLaysThemOut) {
  const std::string folder = root_.File("step1");
  ASSERT_OK(WriteFileAtomically(root_.File("blob"), "12345"));
  ASSERT_OK(WriteFileAtomically(folder + "/config.json", "{}"));
  ASSERT_OK(MakeFolders(folder + "/sub"));
  std::filesystem::create_symlink(root_.File("blob"), folder + "/model.safetensors");
  std::filesystem::create_symlink("/nowhere", folder + "/dangling");
  ASSERT_OK_AND_ASSIGN(const std::vector<FileFact> files, view_.Files(folder));
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "config.json");
  EXPECT_EQ(files[1].name, "model.safetensors");
  EXPECT_EQ(files[1].size, 5u);
  EXPECT_GT(files[1].modified_ns, int64_t{1'000'000'000} * 1'000'000'000) << "nanoseconds since 1970";
}

TEST_F(FolderViewTest, AMissingFolderIsNotFound) {
  EXPECT_STATUS(view_.Files(root_.File("gone")), kNotFound, "gone");
}

}  // namespace
}  // namespace probesweep::server
