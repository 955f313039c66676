// The safetensors container: 8-byte little-endian header length, JSON header, data. Torch-free.
//
// Files are untrusted: the header is bounds-checked before anything is allocated for it.
#ifndef PROBESWEEP_COMMON_SAFETENSORS_H_
#define PROBESWEEP_COMMON_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

enum class DType {
  kF64,
  kF32,
  kF16,
  kBF16,
  kF8E4M3,
  kF8E5M2,
  kI64,
  kI32,
  kI16,
  kI8,
  kU64,
  kU32,
  kU16,
  kU8,
  kBool,
  kC64
};

// Bytes of one element.
int ElementSize(DType dtype);
// The format's own name: "F32", "BF16", …
const char* DTypeName(DType dtype);

struct TensorEntry {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // offset in the file, not in the data section
  uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, TensorEntry> tensors;
  std::map<std::string, std::string> metadata;
};

// Largest header that is read; the reference implementation has the same cap.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// More tensors than any file has; a header that names more would only fill the memory.
inline constexpr size_t kMaxTensors = 1 << 18;

// A tensor's name as messages show it: quoted, control characters escaped, a long one cut. Names are
// untrusted.
std::string QuotedTensorName(absl::string_view name);

// Reads and checks the header of the file at `path`. Errors: NOT_FOUND; DATA_LOSS naming file, tensor and
// reason (truncated, header too large, not JSON, overlap, hole, range outside the file, size ≠ shape ×
// dtype).
absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(const std::string& path);

// Bytes from the file's start to the header's end, by the file's first 8 bytes. Errors: DATA_LOSS (truncated,
// header too large): never more than the file has and the cap allows.
absl::StatusOr<uint64_t> SafetensorsHeaderSize(absl::string_view first_bytes, uint64_t file_size,
                                               absl::string_view name);

// The same as ReadSafetensorsHeader for bytes in memory; `file_size` is the whole file's size, `prefix` at
// least its header.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::string_view prefix, uint64_t file_size,
                                                         absl::string_view name);

// One tensor to write; `bytes` is row-major, little-endian, and must outlive the call.
struct TensorToWrite {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  absl::string_view bytes;
};

// The file's bytes: tensors in the order given, header padded with spaces so that data starts at a multiple
// of 8. The same input gives the same bytes. Errors: INVALID_ARGUMENT (duplicate name, size ≠ shape × dtype).
absl::StatusOr<std::string> SerializeSafetensors(const std::vector<TensorToWrite>& tensors,
                                                 const std::map<std::string, std::string>& metadata);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_SAFETENSORS_H_
