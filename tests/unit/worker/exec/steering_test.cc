#include "worker/exec/steering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "common/file.h"
#include "common/safetensors.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/model/golden_model.h"
#include "worker/exec/steering_directions.h"

namespace probesweep::worker {
namespace {

using ::testing::ElementsAre;

template <typename T>
absl::string_view Bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

class SteeringFileTest : public ::testing::Test {
 protected:
  SteeringFileTest() {
    const std::vector<float> floats = {1, -2, 0.5f};
    const std::vector<uint16_t> bfloats = {0x3f80, 0xc000, 0x3f00};  // the same, as bf16
    const std::vector<float> damaged = {1, std::nanf("")};
    const std::vector<int64_t> integers = {1, 2};
    const std::vector<double> doubles = {1, -2, 0.5};
    const auto bytes = SerializeSafetensors({{"odd", DType::kBool, {1}, "\1"},
                                             {"released.layer_3", DType::kF32, {3}, Bytes(floats)},
                                             {"released.layer_4", DType::kBF16, {3}, Bytes(bfloats)},
                                             {"double", DType::kF64, {3}, Bytes(doubles)},
                                             {"matrix", DType::kF32, {3, 1}, Bytes(floats)},
                                             {"damaged", DType::kF32, {2}, Bytes(damaged)},
                                             {"integers", DType::kI64, {2}, Bytes(integers)}},
                                            {});
    EXPECT_OK(bytes);
    EXPECT_OK(WriteFileAtomically(path_, *bytes));
  }

  const testing::TempDir folder_;
  const std::string path_ = folder_.File("steering.safetensors");
};

TEST_F(SteeringFileTest, ReadsAVectorOfAnyFloatingType) {
  for (const char* key : {"released.layer_3", "released.layer_4", "double"}) {
    SCOPED_TRACE(key);
    ASSERT_OK_AND_ASSIGN(const std::vector<float> vector, ReadSteeringVector(path_, key));
    EXPECT_THAT(vector, ElementsAre(1, -2, 0.5f));
  }
}

TEST_F(SteeringFileTest, NamesFileAndKeyOfWhatItCannotUse) {
  EXPECT_STATUS(ReadSteeringVector(path_, "released.layer3"), kInvalidArgument, path_, "'released.layer3'",
                "did you mean 'released.layer_3'?");
  EXPECT_STATUS(ReadSteeringVector(path_, "x"), kInvalidArgument, path_,
                "it holds 'damaged', 'double', 'integers'");
  EXPECT_STATUS(ReadSteeringVector(path_, "matrix"), kInvalidArgument, path_, "'matrix'", "[3, 1]");
  EXPECT_STATUS(ReadSteeringVector(path_, "integers"), kInvalidArgument, path_, "'integers'", "I64");
  EXPECT_STATUS(ReadSteeringVector(path_, "damaged"), kInvalidArgument, path_, "'damaged'", "NaN");
  EXPECT_STATUS(ReadSteeringVector(folder_.File("absent"), "x"), kNotFound, "absent");
  EXPECT_OK(WriteFileAtomically(path_, "no safetensors file"));
  EXPECT_STATUS(ReadSteeringVector(path_, "x"), kDataLoss, path_);
}

TEST_F(SteeringFileTest, ShowsNoControlCharactersOfItsNames) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes,
                       SerializeSafetensors({{"bell\a", DType::kBool, {1}, "\1"}}, {}));
  ASSERT_OK(WriteFileAtomically(path_, bytes));
  for (const char* key : {"x", "bell"}) {  // listed, and the nearest
    const absl::Status status = ReadSteeringVector(path_, key).status();
    EXPECT_STATUS(status, kInvalidArgument, "bell\\");
    EXPECT_EQ(status.message().find('\a'), absl::string_view::npos) << status;
  }
}

TEST(CheckSteeringTest, RefusesWhatIsAnotherModels) {
  const testing::CheckpointCopy checkpoint;
  const OpenedModel opened(checkpoint.path());
  const std::vector<float> fits(32);
  EXPECT_OK(CheckSteering({2, fits, -4, SteerPositions::kAll}, *opened.model));
  EXPECT_STATUS(CheckSteering({3, fits}, *opened.model), kInvalidArgument, "no layer 3", "has 3");
  EXPECT_STATUS(CheckSteering({-1, fits}, *opened.model), kInvalidArgument, "no layer -1");
  EXPECT_STATUS(CheckSteering({1, std::vector<float>(31)}, *opened.model), kInvalidArgument, "layer 1", "31",
                "32");
  EXPECT_STATUS(CheckSteering({1, fits, std::numeric_limits<double>::infinity()}, *opened.model),
                kInvalidArgument, "alpha");
}

TEST(SteeringDirectionsTest, AddAlphaTimesTheVectorWhereTheyBelong) {
  const testing::CheckpointCopy checkpoint;
  const OpenedModel opened(checkpoint.path());
  const std::vector<float> vector(32, 2);
  ASSERT_OK_AND_ASSIGN(const SteeringDirections directions,
                       SteeringDirections::Create({{1, vector, 1.5, SteerPositions::kLast},
                                                   {2, vector, -1, SteerPositions::kAll},
                                                   {2, vector, 10, SteerPositions::kLast}},
                                                  *opened.model));
  const PackedLayout layout{{{2, 2}, {1, 1, 5}}};
  const auto change = [&](int64_t layer) {
    at::Tensor residual = at::zeros({5, 32});
    directions.Apply(layer, layout, residual);
    EXPECT_TRUE(at::equal(residual, residual.narrow(1, 0, 1).expand({5, 32})));
    const float* first = residual.data_ptr<float>();
    return std::vector<float>{first[0], first[32], first[64], first[96], first[128]};
  };
  EXPECT_THAT(change(0), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(change(1), ElementsAre(0, 3, 0, 3, 3));
  EXPECT_THAT(change(2), ElementsAre(-2, 18, -2, 18, 18));
}

}  // namespace
}  // namespace probesweep::worker
