#include "server/scheduling/cost.h"

#include <gtest/gtest.h>

namespace probesweep::server {
namespace {

constexpr int64_t kGiga = 1'000'000'000;

TEST(Cost, IsThatOfTheHeader) {
  const struct {
    const char* what;
    int64_t checkpoint_bytes, dataset_bytes;
    double pass, task;
  } table[] = {
      {"a tiny model costs its fixed share", 1'000, 1'000, 1.000001, 1},
      {"one billion parameters, 50k tokens: 1e14 operations", 2 * kGiga, 200'000, 3, 11},
      {"70 billion parameters, 25k tokens: 3.5e15 operations", 140 * kGiga, 100'000, 141, 351},
      {"an unknown checkpoint counts as one of a billion parameters", 0, 200'000, 3, 11},
      {"an unknown dataset counts as one of 200 kB", 2 * kGiga, 0, 3, 11},
  };
  for (const auto& row : table) {
    EXPECT_NEAR(PassCost(row.checkpoint_bytes), row.pass, 1e-6) << row.what;
    EXPECT_NEAR(TaskCost(row.checkpoint_bytes, row.dataset_bytes), row.task, 1e-6) << row.what;
  }
}

}  // namespace
}  // namespace probesweep::server
