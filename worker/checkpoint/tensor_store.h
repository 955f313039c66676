#ifndef PROBESWEEP_WORKER_CHECKPOINT_TENSOR_STORE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_TENSOR_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/checkpoint/tensor_file.h"

namespace probesweep::worker {

// The tensors of a checkpoint's files as stored: under their stored names, in their stored types. Immutable,
// thread-safe.
class TensorStore {
 public:
  // Errors: DATA_LOSS for a tensor that stands in two files.
  static absl::StatusOr<std::unique_ptr<TensorStore>> Create(std::vector<std::unique_ptr<TensorFile>> files);

  // All names, sorted.
  std::vector<std::string> Names() const;
  bool Has(const std::string& name) const { return FileOf(name) != nullptr; }
  std::optional<TensorInfo> Find(const std::string& name) const;
  // The path of the file that holds the tensor; empty without one.
  std::string PathOf(const std::string& name) const;
  std::vector<std::string> Paths() const;
  // Elements of a tensor that is there and has them; the store must outlive the stream. Errors: as
  // TensorFile::Open.
  absl::StatusOr<std::unique_ptr<TensorStream>> Open(const std::string& name, ElementRange elements) const;

 private:
  explicit TensorStore(std::vector<std::unique_ptr<TensorFile>> files) : files_(std::move(files)) {}
  const TensorFile* FileOf(const std::string& name) const;

  std::vector<std::unique_ptr<TensorFile>> files_;
  std::map<std::string, const TensorFile*> file_of_;
};

// The weights in a checkpoint's folder. The first of these that is there counts, as for transformers:
// model.safetensors, model.safetensors.index.json with the shards that it names, pytorch_model.bin,
// pytorch_model.bin.index.json with its shards. Errors: NOT_FOUND (none of them; a shard that is missing),
// INVALID_ARGUMENT (bad index), DATA_LOSS (a damaged or truncated file; index and shards that disagree), each
// naming the file; UNIMPLEMENTED (a kind of file that is not read, saying which are).
absl::StatusOr<std::unique_ptr<TensorStore>> OpenTensorStore(const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_TENSOR_STORE_H_
