#include "worker/exec/torch_boundary.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "tests/support/status_matchers.h"

namespace probesweep::worker {
namespace {

TEST(RunTorchTest, PassesStatusesThrough) {
  EXPECT_OK(RunTorch([] { return absl::OkStatus(); }));
  EXPECT_STATUS(RunTorch([] { return absl::DataLossError("damaged"); }), kDataLoss, "damaged");
}

TEST(RunTorchTest, ExceptionsBecomeStatuses) {
  EXPECT_STATUS(RunTorch([]() -> absl::Status { throw std::bad_alloc(); }), kResourceExhausted,
                "out of memory", "smaller dataset");
  EXPECT_STATUS(RunTorch([]() -> absl::Status { throw std::runtime_error("odd"); }), kInternal, "torch: odd");
  EXPECT_STATUS(RunTorch([] {
                  at::zeros({2}).view({3});
                  return absl::OkStatus();
                }),
                kInternal, "torch:", "shape");
}

TEST(RunTorchTest, AnAllocationThatTorchCannotMakeIsOutOfMemory) {
  EXPECT_STATUS(RunTorch([] {
                  at::empty({int64_t{1} << 46}, at::kDouble);
                  return absl::OkStatus();
                }),
                kResourceExhausted, "out of memory", "smaller dataset");
}

TEST(RunTorchTest, RecordsNoGradients) {
  EXPECT_OK(RunTorch([] {
    EXPECT_TRUE(c10::InferenceMode::is_enabled());
    return absl::OkStatus();
  }));
  EXPECT_FALSE(c10::InferenceMode::is_enabled());
}

}  // namespace
}  // namespace probesweep::worker
