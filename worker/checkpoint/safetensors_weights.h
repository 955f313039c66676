#ifndef PROBESWEEP_WORKER_CHECKPOINT_SAFETENSORS_WEIGHTS_H_
#define PROBESWEEP_WORKER_CHECKPOINT_SAFETENSORS_WEIGHTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/safetensors.h"
#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {

// The tensors of one or several safetensors files. Every header is checked when it is opened; the files stay
// open, so that one replaced meanwhile is not mixed with another.
class SafetensorsWeights : public WeightSource {
 public:
  // Errors: NOT_FOUND; DATA_LOSS naming the file, also for a tensor that stands in two of them.
  static absl::StatusOr<std::unique_ptr<WeightSource>> Open(const std::vector<std::string>& paths);
  ~SafetensorsWeights() override;
  SafetensorsWeights(const SafetensorsWeights&) = delete;
  SafetensorsWeights& operator=(const SafetensorsWeights&) = delete;

  bool Has(const std::string& name) const override { return tensors_.count(name) != 0; }
  std::vector<std::string> Names() const override;
  absl::StatusOr<std::vector<int64_t>> Shape(const std::string& name) const override;
  absl::StatusOr<at::Tensor> Read(const std::string& name, const std::vector<int64_t>& shape) override;
  int64_t bytes_read() const override { return bytes_read_; }

 private:
  struct File {
    std::string path;
    int fd;
  };
  struct Place {
    size_t file;
    TensorEntry entry;
  };

  SafetensorsWeights() = default;
  absl::Status Add(const std::string& path);
  absl::StatusOr<const Place*> Find(const std::string& name) const;

  std::vector<File> files_;
  std::map<std::string, Place> tensors_;
  int64_t bytes_read_ = 0;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_SAFETENSORS_WEIGHTS_H_
