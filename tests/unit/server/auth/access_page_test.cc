#include "server/auth/access_page.h"

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

TEST(AccessPageTest, TheDocumentedMatrixIsTheOneInForce) {
  ASSERT_OK_AND_ASSIGN(const std::string page, ReadFile(testing::SourceDir() + "/docs/security.md"));
  ASSERT_OK_AND_ASSIGN(const std::string rewritten, WithAccessMatrix(page));
  EXPECT_EQ(page, rewritten) << "run: build/release/bin/probesweep-access-matrix docs/security.md";
}

TEST(AccessPageTest, EachRowHasOneCellForEachRole) {
  EXPECT_THAT(AccessMatrix(),
              ::testing::StartsWith("| RPC | no login | read | submit | worker | admin | audited |\n"
                                    "|---|---|---|---|---|---|---|\n"
                                    "| `SweepService/CreateSweep` | – | – | yes | – | yes | yes |\n"
                                    "| `SweepService/GetSweep` | – | yes | yes | – | yes | – |\n"));
  EXPECT_THAT(AccessMatrix(), ::testing::HasSubstr("| `grpc.health.v1.Health/Check` | yes |"));
}

TEST(AccessPageTest, APageWithoutMarksIsRefused) {
  EXPECT_STATUS(WithAccessMatrix("# Security\n"), kInvalidArgument, "<!-- access matrix");
}

}  // namespace
}  // namespace probesweep::server
