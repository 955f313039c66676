// Passes over a golden checkpoint, and an observer that keeps what it is told.
#ifndef PROBESWEEP_TESTS_UNIT_WORKER_ENGINE_PASS_FIXTURE_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_ENGINE_PASS_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "tests/golden/checkpoint_copy.h"
#include "tests/support/status_matchers.h"
#include "worker/engine/pass.h"

namespace probesweep::worker {

class RecordingObserver : public PassObserver {
 public:
  void OnProgress(int layers_done, int layers_total) override {
    progress.emplace_back(layers_done, layers_total);
  }
  void OnDimension(int index, absl::StatusOr<DimensionResult> result) override {
    EXPECT_TRUE(dimensions.emplace(index, std::move(result)).second) << index << " is reported twice";
  }
  bool Cancelled() override { return cancelled != nullptr && cancelled(); }

  std::vector<std::pair<int, int>> progress;
  std::map<int, absl::StatusOr<DimensionResult>> dimensions;
  std::function<bool()> cancelled;
};

// `rows` made-up statements of printable ASCII, of many lengths; both labels stand in every fifth.
inline std::string MakeCsv(int rows, int seed) {
  std::string csv = "statement,label\n";
  for (int row = 0; row < rows; ++row) {
    const int label = (row * 7 / 3) % 2;
    absl::StrAppend(&csv, label == 1 ? "so " : "no ", (row * 31 + seed * 17) % 997,
                    std::string(static_cast<size_t>((row * 5 + seed) % 11), 'a'), ",", label, "\n");
  }
  return csv;
}

inline PassDimension MakeDimension(const std::string& name, const std::string& csv) {
  PassDimension dimension;
  dimension.name = name;
  dimension.dataset = name + "-set";
  dimension.dataset_csv = csv;
  dimension.dataset_digest = Sha256Hex(csv);
  return dimension;
}

inline PassRequest MakeRequest(const std::string& checkpoint, std::vector<PassDimension> dimensions) {
  PassRequest request;
  request.checkpoint_path = checkpoint;
  request.model = "tiny";
  request.checkpoint = "step7";
  request.dimensions = std::move(dimensions);
  return request;
}

inline std::unique_ptr<Engine> MakeEngine(int threads) {
  EngineOptions options;
  options.threads = threads;
  auto engine = CreateEngine(options);
  EXPECT_TRUE(engine.ok()) << engine.status();
  return engine.ok() ? *std::move(engine) : nullptr;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_ENGINE_PASS_FIXTURE_H_
