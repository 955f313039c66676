#include "client/compare/tensor_comparison.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/compare/comparison.h"
#include "common/number_format.h"
#include "common/safetensors.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

constexpr size_t kPieceBytes = 1 << 20;  // a multiple of every type's size

std::string TypeAndShape(const TensorEntry* entry) {
  if (entry == nullptr) return "(none)";
  return absl::StrCat(DTypeName(entry->dtype), " [", absl::StrJoin(entry->shape, ", "), "]");
}

const TensorEntry* Find(const SafetensorsHeader& header, const std::string& tensor) {
  const auto found = header.tensors.find(tensor);
  return found == header.tensors.end() ? nullptr : &found->second;
}

// Takes in the values of one tensor, piece by piece.
class ValueComparison {
 public:
  ValueComparison(DType dtype, double tolerance) : dtype_(dtype), tolerance_(tolerance) {}

  void Add(const std::string& a, const std::string& b) {
    const auto size = static_cast<size_t>(ElementSize(dtype_));
    for (size_t at = 0; at + size <= a.size(); at += size) {
      ++difference_.values;
      if (std::memcmp(a.data() + at, b.data() + at, size) != 0) AddUnequal(a.data() + at, b.data() + at);
    }
  }

  TensorDifference Take(const std::string& tensor) {
    difference_.tensor = tensor;
    difference_.excess = worst_;
    return std::move(difference_);
  }
  bool equal() const { return difference_.differing == 0; }

 private:
  void AddUnequal(const char* a, const char* b) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double excess = kInfinity;
    float value_a = 0, value_b = 0;
    if (dtype_ == DType::kF32) {
      std::memcpy(&value_a, a, sizeof value_a);
      std::memcpy(&value_b, b, sizeof value_b);
      excess = TimesTolerance(value_a, value_b, tolerance_);
      if (excess <= 1) return;
      if (std::isnan(excess)) excess = kInfinity;  // a value is no number, or infinite
    }
    if (difference_.differing++ > 0 && !(excess > worst_)) return;
    worst_ = excess;
    difference_.a = dtype_ == DType::kF32 ? FormatDouble(value_a) : "(other bytes)";
    difference_.b = dtype_ == DType::kF32 ? FormatDouble(value_b) : "(other bytes)";
  }

  const DType dtype_;
  const double tolerance_;
  double worst_ = 0;
  TensorDifference difference_;
};

absl::Status ReadPiece(std::ifstream& file, const std::string& path, std::string& piece) {
  file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
  return file ? absl::OkStatus() : absl::DataLossError(absl::StrCat(path, ": cannot be read to its end"));
}

}  // namespace

absl::StatusOr<std::vector<TensorDifference>> CompareTensors(const std::string& path_a,
                                                             const std::string& path_b, double tolerance) {
  PS_ASSIGN_OR_RETURN(const SafetensorsHeader header_a, ReadSafetensorsHeader(path_a));
  PS_ASSIGN_OR_RETURN(const SafetensorsHeader header_b, ReadSafetensorsHeader(path_b));
  std::set<std::string> names;
  for (const auto& [name, entry] : header_a.tensors) names.insert(name);
  for (const auto& [name, entry] : header_b.tensors) names.insert(name);
  std::ifstream file_a(path_a, std::ios::binary), file_b(path_b, std::ios::binary);
  std::vector<TensorDifference> differences;
  for (const std::string& name : names) {
    const TensorEntry* const a = Find(header_a, name);
    const TensorEntry* const b = Find(header_b, name);
    if (a == nullptr || b == nullptr || a->dtype != b->dtype || a->shape != b->shape) {
      differences.push_back({name, TypeAndShape(a), TypeAndShape(b)});
      continue;
    }
    file_a.seekg(static_cast<std::streamoff>(a->begin));
    file_b.seekg(static_cast<std::streamoff>(b->begin));
    ValueComparison values(a->dtype, tolerance);
    for (uint64_t left = a->end - a->begin; left > 0;) {
      std::string piece_a(std::min<uint64_t>(left, kPieceBytes), '\0'), piece_b = piece_a;
      PS_RETURN_IF_ERROR(ReadPiece(file_a, path_a, piece_a));
      PS_RETURN_IF_ERROR(ReadPiece(file_b, path_b, piece_b));
      values.Add(piece_a, piece_b);
      left -= piece_a.size();
    }
    if (!values.equal()) differences.push_back(values.Take(name));
  }
  return differences;
}

}  // namespace probesweep::client
