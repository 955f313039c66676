#include "bench/engine/random_weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "common/file.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr double kStandardDeviation = 0.02;
constexpr int kQuantiles = 1 << 16;
constexpr size_t kPieceBytes = size_t{8} << 20;

// z with Φ(z) = p, by halving.
double NormalQuantile(double p) {
  double low = -10, high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

at::ScalarType TorchType(DType dtype) {
  if (dtype == DType::kF16) return at::kHalf;
  return dtype == DType::kBF16 ? at::kBFloat16 : at::kFloat;
}

std::string StoredBytes(const std::vector<float>& values, DType dtype) {
  const at::Tensor stored = at::tensor(values).to(TorchType(dtype)).contiguous();
  return {static_cast<const char*>(stored.data_ptr()), stored.nbytes()};
}

// Steele et al., "Fast splittable pseudorandom number generators" (2014).
uint64_t SplitMix64(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// FNV-1a, of the seed and the name.
uint64_t StartingState(uint64_t seed, const std::string& name) {
  uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// The header with the eight bytes of its length before it.
std::string Header(const std::vector<ShapedTensor>& tensors, DType dtype) {
  nlohmann::json header = {{"__metadata__", {{"format", "pt"}}}};
  int64_t offset = 0;
  for (const ShapedTensor& tensor : tensors) {
    const int64_t end = offset + tensor.elements() * ElementSize(dtype);
    header[tensor.name] = {
        {"dtype", DTypeName(dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);  // safetensors are little-endian, as all machines here
  return bytes + text;
}

}  // namespace

RandomWeights::RandomWeights(DType dtype, uint64_t seed) : dtype_(dtype), seed_(seed) {
  std::vector<float> values(kQuantiles);
  for (int i = 0; i < kQuantiles; ++i) {
    values[static_cast<size_t>(i)] =
        static_cast<float>(kStandardDeviation * NormalQuantile((i + 0.5) / kQuantiles));
  }
  quantiles_ = StoredBytes(values, dtype);
}

std::string RandomWeights::Constant(float value) const {
  return StoredBytes(std::vector<float>(kPieceBytes / static_cast<size_t>(ElementSize(dtype_)), value),
                     dtype_);
}

void RandomWeights::Fill(uint64_t& state, std::string& buffer) const {
  const auto size = static_cast<size_t>(ElementSize(dtype_));
  uint64_t drawn = 0;
  for (size_t i = 0; i < buffer.size() / size; ++i) {
    drawn = i % 4 == 0 ? SplitMix64(state) : drawn >> 16;
    std::memcpy(buffer.data() + i * size, quantiles_.data() + (drawn & 0xffff) * size, size);
  }
}

absl::Status RandomWeights::WriteFile(const std::string& path,
                                      const std::vector<ShapedTensor>& tensors) const {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), &std::fclose);
  if (file == nullptr) return ErrnoStatus(errno, "create", path);
  const auto write = [&](const char* bytes, size_t count) {
    return std::fwrite(bytes, 1, count, file.get()) == count ? absl::OkStatus()
                                                             : ErrnoStatus(errno, "write", path);
  };
  const std::string header = Header(tensors, dtype_);
  PS_RETURN_IF_ERROR(write(header.data(), header.size()));
  const std::string ones = Constant(1), zeros = Constant(0);
  std::string drawn(kPieceBytes, '\0');
  for (const ShapedTensor& tensor : tensors) {
    uint64_t state = StartingState(seed_, tensor.name);
    auto left = static_cast<size_t>(tensor.elements() * ElementSize(dtype_));
    while (left > 0) {
      if (tensor.start == ShapedTensor::Start::kNormal) Fill(state, drawn);
      const std::string& piece = tensor.start == ShapedTensor::Start::kNormal ? drawn
                                 : tensor.start == ShapedTensor::Start::kOnes ? ones
                                                                              : zeros;
      const size_t count = std::min(left, piece.size());
      PS_RETURN_IF_ERROR(write(piece.data(), count));
      left -= count;
    }
  }
  return std::fflush(file.get()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "write", path);
}

std::vector<std::vector<ShapedTensor>> PartIntoFiles(const std::vector<ShapedTensor>& tensors, DType dtype,
                                                     int64_t bytes) {
  std::vector<std::vector<ShapedTensor>> files;
  int64_t taken = 0;
  for (const ShapedTensor& tensor : tensors) {
    const int64_t size = tensor.elements() * ElementSize(dtype);
    if (files.empty() || taken + size > bytes) {
      files.emplace_back();
      taken = 0;
    }
    files.back().push_back(tensor);
    taken += size;
  }
  return files;
}

}  // namespace probesweep::worker
