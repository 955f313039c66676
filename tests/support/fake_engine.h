// An engine that computes nothing: for tests of everything around it, with passes as short as wanted.
#ifndef PROBESWEEP_TESTS_SUPPORT_FAKE_ENGINE_H_
#define PROBESWEEP_TESTS_SUPPORT_FAKE_ENGINE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ids.h"
#include "worker/engine/pass.h"

namespace probesweep::testing {

struct FakeEngineOptions {
  int layers = 4;
  // A pass takes it for each layer, and then again for each dimension.
  absl::Duration layer_time = absl::Milliseconds(20);
  int artifact_numbers = 64;  // in each artifact
  // Of the dimensions, this share ends with RESOURCE_EXHAUSTED, which may pass: drawn anew each time.
  double failing_share = 0;
  // The checkpoint of this name gives other numbers than it should; "": none does.
  std::string wrong_checkpoint;
};

// Rows and artifacts follow from (checkpoint, dimension, layer, protocol) by a digest: the same in every
// process. The checkpoint's folder is not opened. Not thread-safe, like any engine.
class FakeEngine : public worker::Engine {
 public:
  // `random` outlives the engine; draws who fails.
  FakeEngine(FakeEngineOptions options, RandomSource* random);

  absl::StatusOr<worker::PassStatistics> RunPass(const worker::PassRequest& request,
                                                 worker::PassObserver& observer) override;
  std::string device() const override { return "cpu"; }

 private:
  // One layer's time; false when the pass is cancelled meanwhile.
  bool Work(worker::PassObserver& observer) const;
  absl::StatusOr<worker::DimensionResult> Result(const worker::PassRequest& request,
                                                 const worker::PassDimension& dimension);

  const FakeEngineOptions options_;
  RandomSource* const random_;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_FAKE_ENGINE_H_
