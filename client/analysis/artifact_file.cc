#include "client/analysis/artifact_file.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::client {

absl::StatusOr<ArtifactFile> ArtifactFile::Open(const std::string& path) {
  PS_ASSIGN_OR_RETURN(SafetensorsHeader header, ReadSafetensorsHeader(path));
  return ArtifactFile(path, std::move(header));
}

std::string ArtifactFile::Metadata(const std::string& key) const {
  const auto found = header_.metadata.find(key);
  return found == header_.metadata.end() ? "" : found->second;
}

int64_t ArtifactFile::Size(const std::string& tensor, size_t axis) const {
  const auto found = header_.tensors.find(tensor);
  if (found == header_.tensors.end() || axis >= found->second.shape.size()) return 0;
  return found->second.shape[axis];
}

absl::Status ArtifactFile::Wrong(const std::string& tensor, const std::string& what) const {
  return absl::DataLossError(absl::StrCat(path_, ": tensor ", QuotedTensorName(tensor), " ", what));
}

absl::StatusOr<TensorEntry> ArtifactFile::Find(const std::string& tensor, DType dtype, size_t axes) const {
  const auto found = header_.tensors.find(tensor);
  if (found == header_.tensors.end()) return Wrong(tensor, "is not there");
  if (found->second.dtype != dtype || found->second.shape.size() != axes) {
    return Wrong(tensor,
                 absl::StrCat("is ", DTypeName(found->second.dtype), " of ", found->second.shape.size(),
                              " axes; it should be ", DTypeName(dtype), " of ", axes));
  }
  return found->second;
}

template <typename T>
absl::StatusOr<std::vector<T>> ArtifactFile::Vector(const std::string& tensor, DType dtype) const {
  PS_ASSIGN_OR_RETURN(const TensorEntry entry, Find(tensor, dtype, 1));
  std::vector<T> values(static_cast<size_t>(entry.shape[0]));
  std::ifstream file(path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(entry.begin));
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) return Wrong(tensor, "cannot be read");
  return values;
}

absl::StatusOr<std::vector<float>> ArtifactFile::Floats(const std::string& tensor) const {
  return Vector<float>(tensor, DType::kF32);
}

absl::StatusOr<std::vector<int64_t>> ArtifactFile::Integers(const std::string& tensor) const {
  return Vector<int64_t>(tensor, DType::kI64);
}

absl::StatusOr<std::vector<float>> ArtifactFile::Rows(const std::string& tensor,
                                                      const std::vector<int64_t>& rows) const {
  PS_ASSIGN_OR_RETURN(const TensorEntry entry, Find(tensor, DType::kF32, 2));
  const auto columns = static_cast<size_t>(entry.shape[1]);
  const size_t row_bytes = columns * sizeof(float);
  std::ifstream file(path_, std::ios::binary);
  std::vector<float> values(rows.size() * columns);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0 || rows[i] >= entry.shape[0]) {
      return Wrong(tensor, absl::StrCat("has ", entry.shape[0], " rows; row ", rows[i], " was asked for"));
    }
    file.seekg(static_cast<std::streamoff>(entry.begin + static_cast<uint64_t>(rows[i]) * row_bytes));
    file.read(reinterpret_cast<char*>(values.data() + i * columns), static_cast<std::streamsize>(row_bytes));
  }
  if (!file) return Wrong(tensor, "cannot be read");
  return values;
}

}  // namespace probesweep::client
