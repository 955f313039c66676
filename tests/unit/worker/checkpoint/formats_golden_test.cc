// The same model in every kind of file.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/golden/checkpoint_copy.h"
#include "tests/golden/tensor_file.h"
#include "tests/support/status_matchers.h"
#include "worker/checkpoint/checkpoint_weights.h"

namespace probesweep::worker {
namespace {

struct FormatCase {
  std::string folder;
  at::ScalarType type;
};
void PrintTo(const FormatCase& c, std::ostream* out) { *out << c.folder; }

std::unique_ptr<CheckpointWeights> ReadAll(const std::string& folder) {
  auto weights = OpenWeights(folder, {});
  EXPECT_TRUE(weights.ok()) << weights.status();
  for (const std::string& name : (*weights)->Names()) {
    const auto shape = (*weights)->Shape(name);
    EXPECT_TRUE(shape.ok() && (*weights)->Read(name, *shape).ok()) << name;
  }
  return *std::move(weights);
}

class FormatsGoldenTest : public ::testing::TestWithParam<FormatCase> {
 protected:
  const std::string folder_ = testing::GoldenFolder("formats/" + GetParam().folder);
};

TEST_P(FormatsGoldenTest, EqualsItsSourceAtItsPrecision) {
  const testing::TensorFile source(testing::GoldenFolder("llama/model.safetensors"));
  ASSERT_OK_AND_ASSIGN(const auto weights, OpenWeights(folder_, {}));
  ASSERT_EQ(weights->Names().size(), source.header().tensors.size());
  for (const auto& [name, entry] : source.header().tensors) {
    ASSERT_OK_AND_ASSIGN(const at::Tensor read, weights->Read(name, entry.shape));
    const at::Tensor expected = at::tensor(source.Floats(name)).view(entry.shape).to(GetParam().type);
    EXPECT_TRUE(read.equal(expected.to(at::kFloat))) << name;
  }
  EXPECT_TRUE(weights->Leftovers().empty());
}

INSTANTIATE_TEST_SUITE_P(Formats, FormatsGoldenTest,
                         ::testing::Values(FormatCase{"bf16", at::kBFloat16}, FormatCase{"fp16", at::kHalf},
                                           FormatCase{"safetensors_sharded", at::kFloat},
                                           FormatCase{"bin", at::kFloat},
                                           FormatCase{"bin_sharded", at::kFloat}),
                         [](const auto& info) { return info.param.folder; });

TEST(FormatsDigestTest, IsTheSameForEveryKindOfFile) {
  const auto source = ReadAll(testing::GoldenFolder("llama"));
  for (const char* folder : {"formats/safetensors_sharded", "formats/bin", "formats/bin_sharded"}) {
    const auto other = ReadAll(testing::GoldenFolder(folder));
    EXPECT_EQ(other->ContentDigest(), source->ContentDigest()) << folder;
    EXPECT_EQ(other->Fingerprints(), source->Fingerprints()) << folder;
    EXPECT_EQ(other->bytes_read(), source->bytes_read()) << folder;
  }
  const auto half = ReadAll(testing::GoldenFolder("formats/fp16"));
  EXPECT_NE(half->ContentDigest(), source->ContentDigest());
}

}  // namespace
}  // namespace probesweep::worker
