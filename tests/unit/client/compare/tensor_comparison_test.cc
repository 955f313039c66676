#include "client/compare/tensor_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/file.h"
#include "common/safetensors.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::client {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

template <typename T>
TensorToWrite Tensor(const std::string& name, DType dtype, const std::vector<T>& values,
                     std::vector<int64_t> shape = {}) {
  if (shape.empty()) shape = {static_cast<int64_t>(values.size())};
  return {name, dtype, shape, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}};
}

class TensorComparisonTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::vector<TensorToWrite>& tensors) {
    EXPECT_OK(
        WriteFileAtomically(folder_.File(name), SerializeSafetensors(tensors, {{"made by", name}}).value()));
    return folder_.File(name);
  }
  std::vector<TensorDifference> Compare(const std::vector<TensorToWrite>& a,
                                        const std::vector<TensorToWrite>& b, double tolerance = 1e-6) {
    const auto differences = CompareTensors(Write("a", a), Write("b", b), tolerance);
    EXPECT_OK(differences);
    return differences.ok() ? *differences : std::vector<TensorDifference>();
  }

  testing::TempDir folder_;
};

TEST_F(TensorComparisonTest, EqualTensorsInFilesWithOtherMetadataAreTheSame) {
  const std::vector<float> values = {0, -1, 2.5};
  const std::vector<int64_t> rows = {3, 4};
  const std::vector<TensorToWrite> tensors = {Tensor("w", DType::kF32, values),
                                              Tensor("rows", DType::kI64, rows)};
  EXPECT_THAT(Compare(tensors, tensors, 0), IsEmpty());
}

TEST_F(TensorComparisonTest, TheWorstValueIsShownAndTheOthersCounted) {
  const std::vector<float> a = {1, 2, 4, 0, 8}, b = {1, 2.25, 5, 0, 8.000001F};
  const auto differences = Compare({Tensor("w", DType::kF32, a)}, {Tensor("w", DType::kF32, b)}, 1e-3);
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_EQ(differences[0].tensor, "w");
  EXPECT_EQ(differences[0].a, "4");
  EXPECT_EQ(differences[0].b, "5");
  EXPECT_EQ(differences[0].differing, 2);
  EXPECT_EQ(differences[0].values, 5);
  EXPECT_NEAR(differences[0].excess, 200, 1e-9);
  EXPECT_THAT(Compare({Tensor("w", DType::kF32, a)}, {Tensor("w", DType::kF32, b)}, 0.5), IsEmpty());
}

TEST_F(TensorComparisonTest, OtherTypesMustBeEqual) {
  const std::vector<int64_t> a = {1, 1000000000}, b = {1, 1000000001};
  const auto differences = Compare({Tensor("rows", DType::kI64, a)}, {Tensor("rows", DType::kI64, b)}, 1);
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_EQ(differences[0].differing, 1);
  EXPECT_TRUE(std::isinf(differences[0].excess));
}

TEST_F(TensorComparisonTest, WhatIsNoNumberIsADifference) {
  const std::vector<float> a = {1, NAN}, b = {1, 2};
  const auto differences = Compare({Tensor("w", DType::kF32, a)}, {Tensor("w", DType::kF32, b)}, 1);
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_TRUE(std::isinf(differences[0].excess));
}

TEST_F(TensorComparisonTest, ATensorOfAnotherShapeOrOnOneSideOnlyIsNamed) {
  const std::vector<float> four = {1, 2, 3, 4}, one = {1};
  const auto differences = Compare({Tensor("w", DType::kF32, four), Tensor("z", DType::kF32, one)},
                                   {Tensor("w", DType::kF32, four, {2, 2}), Tensor("v", DType::kF32, one)});
  ASSERT_THAT(differences, SizeIs(3));
  EXPECT_EQ(differences[0].tensor + differences[0].a + differences[0].b, "v(none)F32 [1]");
  EXPECT_EQ(differences[1].tensor + differences[1].a + differences[1].b, "wF32 [4]F32 [2, 2]");
  EXPECT_EQ(differences[2].tensor + differences[2].a + differences[2].b, "zF32 [1](none)");
}

TEST_F(TensorComparisonTest, LargeTensorsAreComparedToTheirEnd) {
  std::vector<float> a(700'001, 1), b = a;
  b.back() = 2;
  const auto differences = Compare({Tensor("w", DType::kF32, a)}, {Tensor("w", DType::kF32, b)});
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_EQ(differences[0].differing, 1);
  EXPECT_EQ(differences[0].values, 700'001);
}

TEST_F(TensorComparisonTest, ADamagedFileIsRefused) {
  EXPECT_OK(WriteFileAtomically(folder_.File("damaged"), "no safetensors"));
  EXPECT_FALSE(CompareTensors(folder_.File("damaged"), folder_.File("damaged"), 0).ok());
}

}  // namespace
}  // namespace probesweep::client
