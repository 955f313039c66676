// The tensors of an artifact (docs/formats.md), read from a safetensors file without torch.
#ifndef PROBESWEEP_CLIENT_ANALYSIS_ARTIFACT_FILE_H_
#define PROBESWEEP_CLIENT_ANALYSIS_ARTIFACT_FILE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/safetensors.h"

namespace probesweep::client {

// Reads a tensor, or rows of one, at a time: a file may be larger than memory. Thread-safe.
class ArtifactFile {
 public:
  // Errors: as ReadSafetensorsHeader.
  static absl::StatusOr<ArtifactFile> Open(const std::string& path);

  const std::string& path() const { return path_; }
  bool Has(const std::string& tensor) const { return header_.tensors.count(tensor) > 0; }
  // An entry of the file's metadata; "" when it is not there.
  std::string Metadata(const std::string& key) const;
  // A tensor's length along an axis; 0 when it has no such axis, or is not there.
  int64_t Size(const std::string& tensor, size_t axis) const;

  // A vector, fp32 [n] or int64 [n]. Errors: DATA_LOSS naming file and tensor (not there, another type or
  // shape, cannot be read).
  absl::StatusOr<std::vector<float>> Floats(const std::string& tensor) const;
  absl::StatusOr<std::vector<int64_t>> Integers(const std::string& tensor) const;
  // The given rows, one after another, of a matrix fp32 [rows, columns]. Errors: as above; a row outside it.
  absl::StatusOr<std::vector<float>> Rows(const std::string& tensor, const std::vector<int64_t>& rows) const;

 private:
  ArtifactFile(std::string path, SafetensorsHeader header)
      : path_(std::move(path)), header_(std::move(header)) {}
  absl::StatusOr<TensorEntry> Find(const std::string& tensor, DType dtype, size_t axes) const;
  absl::Status Wrong(const std::string& tensor, const std::string& what) const;
  template <typename T>
  absl::StatusOr<std::vector<T>> Vector(const std::string& tensor, DType dtype) const;

  std::string path_;
  SafetensorsHeader header_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_ANALYSIS_ARTIFACT_FILE_H_
