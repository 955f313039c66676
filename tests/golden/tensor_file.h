// A safetensors file read whole, for comparing with.
#ifndef PROBESWEEP_TESTS_GOLDEN_TENSOR_FILE_H_
#define PROBESWEEP_TESTS_GOLDEN_TENSOR_FILE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/file.h"
#include "common/safetensors.h"

namespace probesweep::testing {

class TensorFile {
 public:
  // A file that cannot be read fails the test and holds nothing.
  explicit TensorFile(const std::string& path) {
    const auto header = ReadSafetensorsHeader(path);
    const auto bytes = ReadFile(path);
    EXPECT_TRUE(header.ok()) << header.status();
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    if (!header.ok() || !bytes.ok()) return;
    header_ = *header;
    bytes_ = *bytes;
  }

  const SafetensorsHeader& header() const { return header_; }
  bool Has(const std::string& name) const { return header_.tensors.count(name) != 0; }
  std::vector<int64_t> Shape(const std::string& name) const { return Entry(name).shape; }
  std::vector<float> Floats(const std::string& name) const { return Values<float>(name, DType::kF32); }
  std::vector<int64_t> Integers(const std::string& name) const { return Values<int64_t>(name, DType::kI64); }

 private:
  TensorEntry Entry(const std::string& name) const {
    const auto found = header_.tensors.find(name);
    EXPECT_NE(found, header_.tensors.end()) << "no tensor " << name;
    return found == header_.tensors.end() ? TensorEntry() : found->second;
  }

  template <typename T>
  std::vector<T> Values(const std::string& name, DType dtype) const {
    const TensorEntry entry = Entry(name);
    EXPECT_EQ(DTypeName(entry.dtype), DTypeName(dtype)) << name;
    std::vector<T> values((entry.end - entry.begin) / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes_.data() + entry.begin, entry.end - entry.begin);
    return values;
  }

  SafetensorsHeader header_;
  std::string bytes_;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_GOLDEN_TENSOR_FILE_H_
