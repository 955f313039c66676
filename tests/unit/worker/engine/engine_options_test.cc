#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {
namespace {

absl::StatusOr<std::unique_ptr<Engine>> Create(const std::string& device, const std::string& dtype,
                                               int threads = 1) {
  EngineOptions options;
  options.device = device;
  options.dtype = dtype;
  options.threads = threads;
  return CreateEngine(options);
}

TEST(CreateEngineTest, ResolvesAutoToWhatIsHere) {
  for (const char* device : {"auto", "cpu"}) {
    for (const char* dtype : {"auto", "fp32"}) {
      ASSERT_OK_AND_ASSIGN(const auto engine, Create(device, dtype));
      EXPECT_EQ(engine->device(), "cpu");
    }
  }
}

TEST(CreateEngineTest, RefusesUnknownOptions) {
  EXPECT_STATUS(Create("gpu", "auto"), kInvalidArgument, "'gpu'", "auto, cpu, cuda:N");
  EXPECT_STATUS(Create("cpu", "int8"), kInvalidArgument, "'int8'", "auto, fp32, bf16");
  EXPECT_STATUS(Create("cpu", "fp32", -1), kInvalidArgument, "threads", "-1", "0 means all");
}

TEST(CreateEngineTest, RefusesWhatThisMachineLacks) {
  EXPECT_STATUS(Create("cuda:7", "auto"), kFailedPrecondition, "'cuda:7'", "--device cpu");
  EXPECT_STATUS(Create("cpu", "bf16"), kFailedPrecondition, "'bf16'", "--dtype fp32");
}

}  // namespace
}  // namespace probesweep::worker
