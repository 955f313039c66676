#include "worker/checkpoint/torch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/golden/checkpoint_copy.h"
#include "tests/golden/tensor_file.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/checkpoint/weight_files.h"

namespace probesweep::worker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

std::string Golden(const std::string& file) { return testing::GoldenFolder("formats/torch/" + file); }

// What tests/golden/make_formats_golden.py wrote in one form.
class TorchFormTest : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string path_ = Golden("state." + GetParam() + ".bin");
};

TEST_P(TorchFormTest, GivesEveryFloatingTensorExactly) {
  const testing::TensorFile expected(Golden("expected.safetensors"));
  ASSERT_EQ(expected.header().tensors.size(), 21u);
  const auto weights = OpenTensors(path_);
  for (const auto& [name, entry] : expected.header().tensors) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(const at::Tensor read, weights->Read(name, entry.shape));
    EXPECT_TRUE(read.equal(at::tensor(expected.Floats(name)).view(entry.shape)));
  }
}

TEST_P(TorchFormTest, KnowsTypesAndShapesOfAll) {
  ASSERT_OK_AND_ASSIGN(const auto file, OpenTorchFile(path_));
  const std::vector<std::pair<std::string, std::string>> types = {
      {"type.float32", "F32"},  {"type.float16", "F16"},     {"type.bfloat16", "BF16"},
      {"type.float64", "F64"},  {"other.int64", "I64"},      {"other.int32", "I32"},
      {"other.int16", "I16"},   {"other.int8", "I8"},        {"other.uint8", "U8"},
      {"other.bool", "BOOL"},   {"other.float8", "F8_E4M3"}, {"other.complex", "C64"},
      {"view.permuted", "F16"},
  };
  for (const auto& [name, type] : types) {
    const auto info = file->Find(name);
    ASSERT_TRUE(info.has_value()) << name;
    EXPECT_EQ(DTypeName(info->dtype), type) << name;
  }
  EXPECT_THAT(file->Find("view.permuted")->shape, ElementsAre(4, 2, 3));
  EXPECT_THAT(file->Find("shape.scalar")->shape, ElementsAre());
  EXPECT_FALSE(file->Find("not_a_tensor").has_value());
  EXPECT_FALSE(file->Find("_metadata").has_value());
  EXPECT_THAT(file->Names(), SizeIs(31));
  EXPECT_THAT(file->Names(), Contains("tied.b"));
}

TEST_P(TorchFormTest, ReadsFromAnyElementOn) {
  ASSERT_OK_AND_ASSIGN(const auto file, OpenTorchFile(path_));
  const testing::TensorFile expected(Golden("expected.safetensors"));
  for (const char* name : {"view.rows", "view.columns", "view.transposed", "view.every_other"}) {
    const std::vector<float> all = expected.Floats(name);
    for (uint64_t first = 0; first < all.size(); ++first) {
      ASSERT_OK_AND_ASSIGN(const auto stream, file->Open(name, {first, all.size() - first}));
      for (size_t i = first; i < all.size(); ++i) {
        float value = 0;
        ASSERT_OK(stream->Read(absl::MakeSpan(reinterpret_cast<char*>(&value), sizeof value)));
        ASSERT_EQ(value, all[i]) << name << " from " << first << " at " << i;
      }
    }
  }
}

TEST_P(TorchFormTest, RefusesElementsThatLieInOnePlace) {
  ASSERT_OK_AND_ASSIGN(const auto file, OpenTorchFile(path_));
  EXPECT_STATUS(file->Open("other.repeated", {0, 6}), kDataLoss, path_, "'other.repeated'", "in one place");
}

INSTANTIATE_TEST_SUITE_P(Forms, TorchFormTest,
                         ::testing::Values("zip", "zip_protocol4", "zip_protocol5", "zip_deflated",
                                           "zip_older", "legacy", "legacy_protocol4"),
                         [](const auto& form) { return form.param; });

TEST(TorchFileTest, RefusesWhatIsNoStateDict) {
  for (const char* what : {"training_state", "list", "no_tensor"}) {
    const std::string path = Golden(std::string("refused.") + what + ".bin");
    EXPECT_STATUS(OpenTorchFile(path), kUnimplemented, path, "something else than a dict of tensors");
  }
  EXPECT_STATUS(OpenTorchFile(Golden("refused.training_state.bin")), kUnimplemented, "'model'");
}

TEST(TorchFileTest, RefusesByNameWhatWouldRunCode) {
  const std::string path = Golden("refused.os.system.bin");
  EXPECT_STATUS(OpenTorchFile(path), kUnimplemented, path, "'posix.system'", "would run code", "safetensors");
  for (const char* name : {"_rebuild_sparse_tensor", "_rebuild_qtensor"}) {
    EXPECT_STATUS(OpenTorchFile(Golden(std::string("refused.") + name + ".bin")), kUnimplemented,
                  std::string("'torch._utils.") + name + "'");
  }
  EXPECT_STATUS(OpenTorchFile(Golden("refused.TorchScript.bin")), kUnimplemented, "TorchScript");
}

TEST(TorchFileTest, RefusesOtherFiles) {
  const auto open = [](const std::string& bytes) { return OpenTorch(MemoryBytes("w.bin", bytes)).status(); };
  EXPECT_STATUS(open(""), kDataLoss, "w.bin", "neither a zip archive nor a pickle");
  EXPECT_STATUS(open("version 1"), kDataLoss, "w.bin", "neither a zip archive nor a pickle");
  EXPECT_STATUS(open(std::string(257, '\0') + "ustar" + std::string(250, '\0')), kUnimplemented, "w.bin",
                "tar");
  EXPECT_STATUS(open("\x80\x02K\x01."), kDataLoss, "w.bin", "not by torch.save");
  EXPECT_STATUS(open("\x80\x02K"), kDataLoss, "w.bin", "ends early");
}

}  // namespace
}  // namespace probesweep::worker
