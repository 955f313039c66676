#include "tests/support/fake_engine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/digest.h"
#include "common/logging.h"
#include "common/safetensors.h"
#include "common/status.h"
#include "common/version.h"

namespace probesweep::testing {
namespace {

using worker::ArtifactBytes;
using worker::DimensionResult;
using worker::LayerResult;
using worker::PassDimension;
using worker::PassObserver;
using worker::PassRequest;
using worker::PassStatistics;

// What a number follows from.
struct Subject {
  std::string checkpoint, dimension;
};

// In [0, 1), with as many digits as a double has: whatever the way of a number changes shows.
double Number(const Subject& subject, absl::string_view name) {
  const std::string hex =
      Sha256().UpdateField(subject.checkpoint).UpdateField(subject.dimension).UpdateField(name).Hex();
  return static_cast<double>(std::stoull(hex.substr(0, 13), nullptr, 16)) * 0x1.0p-52;
}

ResultValues Values(const Subject& subject, int layer, const std::string& protocol) {
  ResultValues values;
  for (const char* column :
       {"accuracy", "auroc", "coef_norm", "intercept", "mi_tx", "mi_ty", "steering_norm"}) {
    values[column] = Number(subject, absl::StrCat(layer, "/", protocol, "/", column));
  }
  values["n_train"] = 80;
  values["n_test"] = 20;
  return values;
}

absl::StatusOr<std::string> Artifact(const Subject& subject, const std::string& kind, int numbers) {
  std::vector<double> values;
  for (int i = 0; i < numbers; ++i) values.push_back(Number(subject, absl::StrCat(kind, "/", i)));
  const absl::string_view bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  return SerializeSafetensors({{"values", DType::kF64, {numbers}, bytes}},
                              {{"checkpoint", subject.checkpoint}, {"dimension", subject.dimension}});
}

}  // namespace

FakeEngine::FakeEngine(FakeEngineOptions options, RandomSource* random)
    : options_(std::move(options)), random_(random) {}

bool FakeEngine::Work(PassObserver& observer) const {
  // As a real pass looks between chunks.
  constexpr absl::Duration kLook = absl::Milliseconds(20);
  for (absl::Duration left = options_.layer_time; left > absl::ZeroDuration(); left -= kLook) {
    if (observer.Cancelled()) return false;
    absl::SleepFor(std::min(left, kLook));
  }
  return !observer.Cancelled();
}

absl::StatusOr<PassStatistics> FakeEngine::RunPass(const PassRequest& request, PassObserver& observer) {
  for (int layer = 0; layer < options_.layers; ++layer) {
    if (!Work(observer)) return absl::CancelledError("the pass was cancelled");
    observer.OnProgress(layer + 1, options_.layers);
  }
  for (size_t i = 0; i < request.dimensions.size(); ++i) {
    if (!Work(observer)) return absl::CancelledError("the pass was cancelled");
    observer.OnDimension(static_cast<int>(i), Result(request, request.dimensions[i]));
  }
  return PassStatistics();
}

absl::StatusOr<DimensionResult> FakeEngine::Result(const PassRequest& request,
                                                   const PassDimension& dimension) {
  if (random_->NextUnit() < options_.failing_share) {
    return absl::ResourceExhaustedError("the fake engine was told to fail now and then");
  }
  Subject subject{request.checkpoint, dimension.name};
  spdlog::info("fake engine: computed {} × {}", request.checkpoint, dimension.name);
  if (request.checkpoint == options_.wrong_checkpoint) subject.checkpoint += ", wrong";
  DimensionResult result;
  for (int layer = 0; layer < options_.layers; ++layer) {
    for (const std::string& protocol : request.analysis.protocols) {
      result.layers.push_back({layer, protocol, Values(subject, layer, protocol)});
    }
  }
  for (const char* kind : {"steering_vectors", "probes"}) {
    PS_ASSIGN_OR_RETURN(std::string bytes, Artifact(subject, kind, options_.artifact_numbers));
    result.artifacts.push_back({kind, std::move(bytes)});
  }
  result.checkpoint_digest = Sha256Hex(request.checkpoint);
  result.provenance = {Sha256Hex("no tokenizer"),
                       dimension.dataset_digest,
                       request.analysis.Canonical(),
                       EngineVersion(),
                       device(),
                       "fp32"};
  return result;
}

}  // namespace probesweep::testing
