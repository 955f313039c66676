#include "worker/analysis/representations_artifact.h"

#include <ATen/ATen.h>

#include "absl/strings/str_cat.h"
#include "common/number_format.h"
#include "common/safetensors.h"

namespace probesweep::worker {
namespace {

TensorToWrite Integers(std::string name, const std::vector<int64_t>& values) {
  return {std::move(name),
          DType::kI64,
          {static_cast<int64_t>(values.size())},
          {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(int64_t)}};
}

}  // namespace

absl::Status RepresentationsArtifact::Expect(int64_t layers, int64_t hidden, int64_t max_bytes) {
  const auto rows = static_cast<int64_t>(statements_.labels.size());
  const int64_t protocols = static_cast<int64_t>(test_rows_.size());
  // Labels, groups and row numbers have 8 bytes each; the header is some hundred bytes.
  const int64_t bytes = rows * (4 * hidden + 8 * (2 + protocols)) + 4096;
  if (bytes > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the representations of ", rows, " statements × ", hidden, " features take ",
                     ByteCount(bytes), " a layer, and an artifact has at most ", ByteCount(max_bytes),
                     "; leave analysis.keep_representations out, or split the dataset"));
  }
  layers_.resize(static_cast<size_t>(layers));
  return absl::OkStatus();
}

void RepresentationsArtifact::Add(int64_t layer, const at::Tensor& representations) {
  layers_[static_cast<size_t>(layer)] = representations.to(at::kCPU, at::kFloat).contiguous();
}

absl::StatusOr<std::string> RepresentationsArtifact::Take(
    int64_t layer, const std::map<std::string, std::string>& metadata) {
  const at::Tensor tensor = std::exchange(layers_[static_cast<size_t>(layer)], at::Tensor());
  const std::vector<int64_t> labels(statements_.labels.begin(), statements_.labels.end());
  std::vector<TensorToWrite> tensors = {
      {absl::StrCat("layer_", layer),
       DType::kF32,
       {tensor.size(0), tensor.size(1)},
       {static_cast<const char*>(tensor.data_ptr()), static_cast<size_t>(tensor.nbytes())}},
      Integers("labels", labels),
      Integers("groups", statements_.groups)};
  for (const auto& [protocol, rows] : test_rows_) tensors.push_back(Integers(protocol + ".test_rows", rows));
  return SerializeSafetensors(tensors, metadata);
}

}  // namespace probesweep::worker
