#ifndef PROBESWEEP_WORKER_CHECKPOINT_CHECKPOINT_WEIGHTS_H_
#define PROBESWEEP_WORKER_CHECKPOINT_CHECKPOINT_WEIGHTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/checkpoint/tensor_naming.h"
#include "worker/checkpoint/tensor_store.h"
#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {

// A model's tensors by their canonical names, found in a store by the model's naming. What is read is
// fingerprinted on the way. Not thread-safe.
//
// A canonical name is looked for as it is, then with the base prefix taken away or put before it (whichever
// stored names may lack or have), then where TensorNaming::stored_parts says. Of tied embeddings that are
// both stored each counts; where one is stored it is both.
class CheckpointWeights : public WeightSource {
 public:
  CheckpointWeights(std::unique_ptr<TensorStore> store, TensorNaming naming);

  // Whether the tensor can be read, be it through its twin.
  bool Has(const std::string& name) const override { return Find(name).has_value(); }
  // Canonical names of what is stored, without unused buffers and without a tied twin that is not stored.
  std::vector<std::string> Names() const override;
  absl::StatusOr<std::vector<int64_t>> Shape(const std::string& name) const override;
  // Also an error: DATA_LOSS when a tensor differs from what an earlier read found.
  absl::StatusOr<at::Tensor> Read(const std::string& name, const std::vector<int64_t>& shape) override;
  int64_t bytes_read() const override { return bytes_read_; }

  // Of each tensor read so far, by canonical name: 32 hex digits over its bytes as stored, row-major. A part
  // of a stored tensor has its own; a tied twin has the same. Neither the file's kind nor its name changes
  // them.
  std::map<std::string, std::string> Fingerprints() const;
  // One digest (64 hex digits) of all tensors read so far: names, types, shapes and fingerprints.
  std::string ContentDigest() const;
  // Stored tensors that no read used so far and that are not unused buffers, by their stored names.
  std::vector<std::string> Leftovers() const;
  // Likewise, were these canonical names read.
  std::vector<std::string> LeftoversOf(const std::vector<std::string>& names) const;

  const TensorStore& store() const { return *store_; }
  const TensorNaming& naming() const { return naming_; }
  // The stored type of a tensor. Errors: DATA_LOSS (no such tensor), naming it.
  absl::StatusOr<DType> StoredType(const std::string& name) const;

 private:
  // Where a canonical name is stored.
  struct Place {
    std::string stored_name;
    const StoredPart* part = nullptr;  // null: the whole tensor
  };
  // What is to be read there.
  struct Wanted {
    std::string stored_name;
    DType dtype = DType::kF32;
    std::vector<int64_t> shape;
    ElementRange elements;
  };
  struct Seen {
    DType dtype = DType::kF32;
    std::vector<int64_t> shape;
    std::string fingerprint;
  };

  std::optional<Place> Find(const std::string& name) const;
  // As Find, without looking at the tied twin.
  std::optional<Place> FindOwn(const std::string& name) const;
  std::optional<std::string> FindStored(const std::string& name) const;
  absl::StatusOr<Wanted> Locate(const std::string& name) const;
  absl::Status Missing(const std::string& name) const;
  std::vector<std::string> NotUsed(const std::set<std::string>& used) const;
  bool IsUnused(const std::string& stored_name) const;
  absl::StatusOr<at::Tensor> ReadAsFp32(const Wanted& wanted, std::string* fingerprint);
  absl::Status Remember(const std::string& name, const Wanted& wanted, const std::string& fingerprint);

  const std::unique_ptr<TensorStore> store_;
  const TensorNaming naming_;
  std::map<std::string, Seen> seen_;
  std::set<std::string> used_;  // stored names
  int64_t bytes_read_ = 0;
};

// The weights in a checkpoint's folder, by a model's names. Errors: as OpenTensorStore.
absl::StatusOr<std::unique_ptr<CheckpointWeights>> OpenWeights(const std::string& folder,
                                                               const TensorNaming& naming);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_CHECKPOINT_WEIGHTS_H_
