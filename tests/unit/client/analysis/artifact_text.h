// Artifacts for tests, as a worker writes them.
#ifndef PROBESWEEP_TESTS_UNIT_CLIENT_ANALYSIS_ARTIFACT_TEXT_H_
#define PROBESWEEP_TESTS_UNIT_CLIENT_ANALYSIS_ARTIFACT_TEXT_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/safetensors.h"

namespace probesweep::client {

// Collects tensors; Bytes() is the file.
class ArtifactText {
 public:
  ArtifactText& Floats(const std::string& name, const std::vector<float>& values,
                       std::vector<int64_t> shape = {}) {
    return Add(name, DType::kF32, values, std::move(shape));
  }
  ArtifactText& Integers(const std::string& name, const std::vector<int64_t>& values) {
    return Add(name, DType::kI64, values, {});
  }
  ArtifactText& Metadata(const std::string& key, const std::string& value) {
    metadata_[key] = value;
    return *this;
  }
  // A probe whose features are taken as they are.
  ArtifactText& Probe(const std::string& protocol, int layer, const std::vector<float>& weight,
                      float intercept) {
    const std::string prefix = protocol + ".layer_" + std::to_string(layer);
    Floats(prefix + ".weight", weight);
    Floats(prefix + ".mean", std::vector<float>(weight.size(), 0));
    Floats(prefix + ".scale", std::vector<float>(weight.size(), 1));
    return Floats(prefix + ".intercept", {intercept});
  }
  std::string Bytes() const {
    std::vector<TensorToWrite> tensors;
    for (const Tensor& tensor : tensors_) {
      tensors.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
    }
    return SerializeSafetensors(tensors, metadata_).value();
  }

 private:
  struct Tensor {
    std::string name;
    DType dtype;
    std::vector<int64_t> shape;
    std::string bytes;
  };

  template <typename T>
  ArtifactText& Add(const std::string& name, DType dtype, const std::vector<T>& values,
                    std::vector<int64_t> shape) {
    if (shape.empty()) shape = {static_cast<int64_t>(values.size())};
    tensors_.push_back(
        {name, dtype, std::move(shape),
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))});
    return *this;
  }

  std::vector<Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_TESTS_UNIT_CLIENT_ANALYSIS_ARTIFACT_TEXT_H_
