#include "common/rpc/token_source.h"

#include <sys/stat.h>

#include "common/file.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

const std::string kOld(32, 'a');
const std::string kNew(32, 'b');

class TokenSourceTest : public ::testing::Test {
 protected:
  void Write(const std::string& token) {
    ASSERT_OK(WriteFileAtomically(security_.token_file, token));
    ASSERT_EQ(::chmod(security_.token_file.c_str(), 0600), 0);
  }

  const testing::TempDir folder_;
  testing::ManualClock clock_;
  ChannelSecurity security_{{}, "", folder_.File("token")};
};

TEST_F(TokenSourceTest, AnotherTokenInTheFileIsTakenAfterAWhile) {
  Write(kOld);
  ASSERT_OK_AND_ASSIGN(const auto source, TokenSource::Open(security_, &clock_));
  Write(kNew);
  EXPECT_EQ(source->Current(), kOld);
  clock_.Advance(TokenSource::kRefresh);
  EXPECT_EQ(source->Current(), kNew);
}

TEST_F(TokenSourceTest, AFileThatCannotBeReadLeavesTheFormerToken) {
  Write(kOld);
  ASSERT_OK_AND_ASSIGN(const auto source, TokenSource::Open(security_, &clock_));
  Write("too short");
  clock_.Advance(TokenSource::kRefresh);
  EXPECT_EQ(source->Current(), kOld);
}

TEST_F(TokenSourceTest, AGivenTokenWinsOverTheFile) {
  Write(kOld);
  security_.token = kNew;
  ASSERT_OK_AND_ASSIGN(const auto source, TokenSource::Open(security_, &clock_));
  EXPECT_EQ(source->Current(), kNew);
}

TEST_F(TokenSourceTest, WithoutATokenThereIsNoSource) {
  EXPECT_EQ(TokenSource::Open({}, &clock_).value(), nullptr);
  EXPECT_STATUS(TokenSource::Open(security_, &clock_), kNotFound, "--token-file");
  security_.token = "short";
  EXPECT_STATUS(TokenSource::Open(security_, &clock_), kInvalidArgument, "PROBESWEEP_TOKEN");
}

}  // namespace
}  // namespace probesweep
