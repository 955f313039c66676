#include "worker/analysis/representations_artifact.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/file.h"
#include "tests/golden/tensor_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

class RepresentationsArtifactTest : public ::testing::Test {
 protected:
  RepresentationsArtifactTest() {
    statements_.labels = {0, 1, 1};
    statements_.groups = {0, 1, 0};
  }
  testing::TensorFile Take(RepresentationsArtifact& artifact, int64_t layer) {
    const absl::StatusOr<std::string> bytes = artifact.Take(layer, {{"kind", "k"}});
    EXPECT_OK(bytes);
    const std::string path = folder_.File("a.safetensors");
    EXPECT_OK(WriteFileAtomically(path, bytes.value_or("")));
    return testing::TensorFile(path);
  }

  Statements statements_;
  const testing::TempDir folder_;
};

TEST_F(RepresentationsArtifactTest, HoldsALayerAndWhatItsProbesWereJudgedOn) {
  RepresentationsArtifact artifact(statements_, {{"released", {2}}, {"paper", {0, 1}}});
  ASSERT_OK(artifact.Expect(2, 2));
  artifact.Add(1, at::arange(6, at::kFloat).view({2, 3}).t());  // not contiguous
  artifact.Add(0, at::full({3, 2}, 7.0, at::kFloat));
  const testing::TensorFile file = Take(artifact, 1);
  EXPECT_EQ(file.header().tensors.size(), 5u);
  EXPECT_EQ(file.header().metadata.at("kind"), "k");
  EXPECT_THAT(file.Shape("layer_1"), ElementsAre(3, 2));
  EXPECT_THAT(file.Floats("layer_1"), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(file.Integers("labels"), ElementsAre(0, 1, 1));
  EXPECT_THAT(file.Integers("groups"), ElementsAre(0, 1, 0));
  EXPECT_THAT(file.Integers("released.test_rows"), ElementsAre(2));
  EXPECT_THAT(file.Integers("paper.test_rows"), ElementsAre(0, 1));
  EXPECT_THAT(Take(artifact, 0).Floats("layer_0"), ElementsAre(7, 7, 7, 7, 7, 7));
}

TEST_F(RepresentationsArtifactTest, RefusesWhatTheCoordinatorWouldNotTake) {
  RepresentationsArtifact artifact(statements_, {{"released", {2}}});
  constexpr int64_t kBytes = 3 * (4 * 100 + 8 * 3) + 4096;
  EXPECT_OK(artifact.Expect(1, 100, kBytes));
  EXPECT_STATUS(artifact.Expect(1, 100, kBytes - 1), kInvalidArgument, "3 statements × 100 features",
                "leave analysis.keep_representations out");
}

}  // namespace
}  // namespace probesweep::worker
