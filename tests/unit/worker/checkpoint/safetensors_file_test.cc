#include "worker/checkpoint/safetensors_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/test_data.h"
#include "tests/unit/worker/checkpoint/weight_files.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

class SafetensorsFileTest : public ::testing::Test {
 protected:
  // The file's only tensor, "w" [2, 2], with the given bytes.
  std::unique_ptr<WeightSource> Open(DType dtype, const std::string& bytes) {
    WriteTensors(path_, {{"w", dtype, {2, 2}, bytes}});
    return OpenTensors(path_);
  }

  testing::TempDir folder_;
  const std::string path_ = folder_.File("model.safetensors");
};

TEST_F(SafetensorsFileTest, ReadsEveryFloatingTypeAsFp32Exactly) {
  // 1, −2.5, 2⁻¹⁴ and 3 in each type.
  const std::vector<float> values = {1.0f, -2.5f, 0x1p-14f, 3.0f};
  struct Case {
    DType dtype;
    std::string bytes;
  };
  const std::vector<Case> cases = {
      {DType::kF32, Bytes(values)},
      {DType::kF64, Bytes<double>({1.0, -2.5, 0x1p-14, 3.0})},
      {DType::kF16, Bytes<uint16_t>({0x3C00, 0xC100, 0x0400, 0x4200})},
      {DType::kBF16, Bytes<uint16_t>({0x3F80, 0xC020, 0x3880, 0x4040})},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(DTypeName(c.dtype));
    const auto weights = Open(c.dtype, c.bytes);
    ASSERT_OK_AND_ASSIGN(const at::Tensor read, weights->Read("w", {2, 2}));
    EXPECT_EQ(read.scalar_type(), at::kFloat);
    EXPECT_TRUE(read.equal(at::tensor(values).view({2, 2})));
    EXPECT_EQ(weights->bytes_read(), static_cast<int64_t>(c.bytes.size()));
  }
}

TEST_F(SafetensorsFileTest, RefusesWholeNumbers) {
  const auto weights = Open(DType::kI32, Bytes<int32_t>({1, 2, 3, 4}));
  EXPECT_STATUS(weights->Read("w", {2, 2}), kDataLoss, path_, "'w'", "I32", "not a floating-point type");
}

TEST_F(SafetensorsFileTest, NamesAMissingTensor) {
  const auto weights = Open(DType::kF32, std::string(16, '\0'));
  EXPECT_TRUE(weights->Has("w"));
  EXPECT_FALSE(weights->Has("embed_out.weight"));
  EXPECT_STATUS(weights->Read("embed_out.weight", {2}), kDataLoss, "'embed_out.weight'", path_);
  EXPECT_STATUS(weights->Shape("embed_out.weight"), kDataLoss, "'embed_out.weight'");
}

TEST_F(SafetensorsFileTest, RefusesAnotherShape) {
  const auto weights = Open(DType::kF32, std::string(16, '\0'));
  EXPECT_THAT(*weights->Shape("w"), ElementsAre(2, 2));
  EXPECT_STATUS(weights->Read("w", {4}), kDataLoss, path_, "'w'", "[2, 2]", "[4]", "config.json");
}

TEST_F(SafetensorsFileTest, RefusesATruncatedFile) {
  WriteTensor(path_, "w", 1, 2);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  EXPECT_STATUS(OpenSafetensorsFile(path_), kDataLoss, path_, "'w'");
  std::filesystem::resize_file(path_, 5);
  EXPECT_STATUS(OpenSafetensorsFile(path_), kDataLoss, path_);
}

TEST_F(SafetensorsFileTest, NoticesAFileThatIsCutShortLater) {
  const auto weights = Open(DType::kF32, std::string(16, '\0'));
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  EXPECT_STATUS(weights->Read("w", {2, 2}), kDataLoss, path_, "shorter");
}

TEST_F(SafetensorsFileTest, KeepsReadingTheFileThatItOpened) {
  WriteTensor(path_, "w", 1, 2);
  const auto weights = OpenTensors(path_);
  WriteTensor(path_, "w", 3, 4);  // another file under the same name
  ASSERT_OK_AND_ASSIGN(const at::Tensor read, weights->Read("w", {2}));
  EXPECT_TRUE(read.equal(at::tensor({1.0f, 2.0f})));
}

}  // namespace
}  // namespace probesweep::worker
