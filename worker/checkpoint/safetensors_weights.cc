#include "worker/checkpoint/safetensors_weights.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

std::optional<at::ScalarType> FloatingType(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return at::kDouble;
    case DType::kF32:
      return at::kFloat;
    case DType::kF16:
      return at::kHalf;
    case DType::kBF16:
      return at::kBFloat16;
    default:
      return std::nullopt;
  }
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

// Reads exactly the range [begin, end) of the file.
absl::Status ReadRange(int fd, const std::string& path, uint64_t begin, uint64_t end, char* into) {
  while (begin < end) {
    const ssize_t got = ::pread(fd, into, end - begin, static_cast<off_t>(begin));
    if (got < 0 && errno == EINTR) continue;
    // A failing disk may recover or not; the bytes are not known to be bad.
    if (got < 0) return ErrnoStatus(errno, "read", path);
    if (got == 0) return absl::DataLossError(absl::StrCat(path, " became shorter while it was read"));
    begin += static_cast<uint64_t>(got);
    into += got;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<WeightSource>> SafetensorsWeights::Open(
    const std::vector<std::string>& paths) {
  std::unique_ptr<SafetensorsWeights> weights(new SafetensorsWeights());
  for (const std::string& path : paths) PS_RETURN_IF_ERROR(weights->Add(path));
  return std::unique_ptr<WeightSource>(std::move(weights));
}

absl::Status SafetensorsWeights::Add(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const SafetensorsHeader header, ReadSafetensorsHeader(path));
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "open", path);
  files_.push_back({path, fd});
  for (const auto& [name, entry] : header.tensors) {
    const auto [known, added] = tensors_.try_emplace(name, Place{files_.size() - 1, entry});
    if (added) continue;
    return absl::DataLossError(absl::StrCat("tensor '", name, "' stands in ", files_[known->second.file].path,
                                            " and again in ", path));
  }
  return absl::OkStatus();
}

SafetensorsWeights::~SafetensorsWeights() {
  for (const File& file : files_) ::close(file.fd);
}

std::vector<std::string> SafetensorsWeights::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : tensors_) names.push_back(name);
  return names;
}

absl::StatusOr<const SafetensorsWeights::Place*> SafetensorsWeights::Find(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) return &found->second;
  return absl::DataLossError(absl::StrCat("tensor '", name, "' is in none of the checkpoint's files (",
                                          files_.front().path, files_.size() > 1 ? ", …" : "", ")"));
}

absl::StatusOr<std::vector<int64_t>> SafetensorsWeights::Shape(const std::string& name) const {
  PS_ASSIGN_OR_RETURN(const Place* place, Find(name));
  return place->entry.shape;
}

absl::StatusOr<at::Tensor> SafetensorsWeights::Read(const std::string& name,
                                                    const std::vector<int64_t>& shape) {
  PS_ASSIGN_OR_RETURN(const Place* place, Find(name));
  const File& file = files_[place->file];
  const TensorEntry& entry = place->entry;
  if (entry.shape != shape) {
    return absl::DataLossError(absl::StrCat(file.path, ": tensor '", name, "' has the shape ",
                                            ShapeText(entry.shape), "; by config.json it should have ",
                                            ShapeText(shape)));
  }
  const std::optional<at::ScalarType> type = FloatingType(entry.dtype);
  if (!type.has_value()) {
    return absl::DataLossError(absl::StrCat(file.path, ": tensor '", name, "' has the type ",
                                            DTypeName(entry.dtype), ", which is not a floating-point type"));
  }
  at::Tensor tensor = at::empty(shape, *type);
  PS_RETURN_IF_ERROR(
      ReadRange(file.fd, file.path, entry.begin, entry.end, static_cast<char*>(tensor.data_ptr())));
  bytes_read_ += static_cast<int64_t>(entry.end - entry.begin);
  return tensor.to(at::kFloat);
}

}  // namespace probesweep::worker
